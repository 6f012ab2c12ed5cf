import { incidentJson } from '../../core/explain/incidentJson.ts';
import type { LinkTargets } from '../../core/explain/links.ts';
import { predictionJson } from '../../core/explain/predictionJson.ts';
import type { Snapshot } from '../../core/trunks/snapshot.ts';
import { endpointName } from '../../forward/incidentEndpoint.ts';
import type { ApiRoutes } from '../../http/api/api.ts';
import { askIn } from '../../http/api/askIn.ts';
import { createApiServer } from '../../http/server.ts';
import { sourceFrom } from '../../livekit/source.ts';
import { createLogger } from '../../logger.ts';
import type { AskApi } from '../../mcp/askApi.ts';
import { VERSION } from '../../settings/installation.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Store } from '../../store/store.ts';
import { auditEachOnce } from '../auditing.ts';
import { withStore } from './commandAnswers.ts';
import { handlingAnswers } from './handlingAnswers.ts';
import { matchAnswers } from './matchAnswers.ts';
import { readAnswers } from './readAnswers.ts';
import { wrongUseOf } from './wrongUseOf.ts';

/** How old, in milliseconds, LiveKit's configuration may be, for a command that asks again and again. */
const REREAD_MS = 30_000;

/** Asks the API over the store that the environment names, without a service. A service may be writing to it. */
export function askStore<T>(work: (ask: AskApi) => Promise<T>): Promise<T> {
  return withStore(async (store, settings) => {
    const errors: unknown[] = [];
    const server = await createApiServer(createLogger({ level: 'silent' }), {
      api: await answersFrom(store, settings, sourceFrom(settings.livekit)),
      onInternalError: (error) => errors.push(error),
    });
    const ask = askIn(async () => server);
    try {
      return await work((...question) =>
        ask(...question).catch((error) => {
          throw errors[0] ?? wrongUseOf('the store', error);
        }),
      );
    } finally {
      await server.close();
    }
  });
}

/** The API's answers over a store. `source` reads LiveKit's configuration; `now` gives epoch milliseconds. */
export async function answersFrom(
  store: Store,
  { site, links, incidentWebhooks }: Pick<Settings, 'site' | 'incidentWebhooks'> & { readonly links: LinkTargets },
  source: (() => Promise<Snapshot | undefined>) | undefined,
  now: () => number = () => Date.now(),
): Promise<ApiRoutes> {
  // The service sends them.
  store.incidents.notices.endpoints = incidentWebhooks.urls.map(({ url }) => endpointName(url));
  let snapshot: Snapshot | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  /** LiveKit's configuration is read only for what needs it. If it can't be read, answers do without it. */
  const withSnapshot = async <T>(answer: () => Promise<T>): Promise<T> => {
    if (now() - readAt >= REREAD_MS) {
      readAt = now();
      snapshot = await source?.().catch(() => undefined);
    }
    return answer();
  };
  const [latest] = await store.configurations.around(now());
  const trunkNames = new Map(latest?.snapshot.trunks.map((trunk) => [trunk.sip_trunk_id, trunk.name]));
  const matching = matchAnswers({
    store,
    site,
    links,
    callInJournal: async () => undefined,
    snapshotNow: () => snapshot,
    configurationAt: () => undefined,
    auditOf: auditEachOnce(site),
    now,
  });
  return {
    apiToken: undefined,
    carriers: site.carriers,
    isOpenToAll: true,
    now,
    version: VERSION,
    ...readAnswers({
      store,
      setup: { steps: async () => [] },
      hashKey: site.hashKey,
      links,
      now,
      describeIncident: (incident) => incidentJson(incident, trunkNames.get(incident.trunk), now(), links),
      describePrediction: (prediction) => predictionJson(prediction, trunkNames.get(prediction.trunk)),
      feedCondition: { met() {}, over() {} },
    }),
    describeCall: (callSid) => withSnapshot(() => matching.describeCall(callSid)),
    check: (questions) => withSnapshot(() => matching.check(questions)),
    whatIf: (changed) => withSnapshot(() => matching.whatIf(changed)),
    audit: () => withSnapshot(() => matching.audit()),
    expectedCalls: matching.expectedCalls,
    difference: matching.difference,
    ...handlingAnswers(store, now, { onChanged() {}, onAccepted() {} }),
  };
}
