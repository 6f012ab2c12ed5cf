import { setImmediate as nextTurn } from 'node:timers/promises';
import { hostOf, siteFrom } from '../core/diagnose/facts/site.ts';
import { SAMPLE_SITE, sampleDay } from '../demo/sampleDay.ts';
import { createApiServer } from '../http/server.ts';
import { createLogger } from '../logger.ts';
import { answersFrom } from '../service/answers/askStore.ts';
import { sampleStore } from './sampleStore.ts';

/** Grafana and the traces know nothing of the sample's calls, and nobody is told of them. */
const NOTHING_ELSE = { links: { isSample: true }, incidentWebhooks: { urls: [], secrets: [] } };

interface SampleServerParts {
  now(): number;
  /** When the day ends, in epoch milliseconds. */
  readonly end: number;
  readonly onInternalError: (error: unknown) => void;
}

/** A server of the API over a day of sample calls. It never listens. */
export async function sampleServer({ now, end, onInternalError }: SampleServerParts) {
  const site = siteFrom({ ...SAMPLE_SITE, livekitUrlHost: hostOf(SAMPLE_SITE.livekitUrl) });
  const day = sampleDay();
  await nextTurn();
  const { store, snapshot } = await sampleStore(day, site, end);
  const server = await createApiServer(createLogger({ level: 'silent' }), {
    api: await answersFrom(store, { site, ...NOTHING_ELSE }, async () => snapshot, now),
    onInternalError,
  });
  return {
    server,
    async close() {
      await server.close();
      await store.close();
    },
  };
}
