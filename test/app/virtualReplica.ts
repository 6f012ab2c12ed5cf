import assert from 'node:assert/strict';
import { AttemptDiagnoser } from '../../src/diagnose/attempts.ts';
import { PostgresStore } from '../../src/journal/postgres.ts';
import { Pipeline } from '../../src/pipeline.ts';
import { Replica } from '../../src/service/replica.ts';
import { siteFrom } from '../../src/settings/siteSettings.ts';
import { readSnapshot } from '../../src/trunks/readSnapshot.ts';
import { EPOCH_MS, eventOf } from '../core/running.ts';
import { SBC, type Setting, type Webhook } from '../core/scenario.ts';
import { type Place, sqliteFile } from '../journal/databases.ts';
import { IGNORED, until } from '../journal/events.ts';

const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [SBC] });

/** A replica within the test's own process, and under virtual time, on a PostgreSQL that others may share. */
export async function virtualReplica({ url }: Place, livekit?: Setting['livekit']) {
  const spool = await sqliteFile();
  const store = await PostgresStore.open(url, spool.url, IGNORED);
  const counted: string[] = [];
  const reading = livekit && readSnapshot(livekit);
  const configuration = reading?.ok ? { snapshot: reading.snapshot, ageSeconds: 0, isStale: false } : undefined;
  const at = () => configuration;
  const diagnoser = new AttemptDiagnoser(SITE, { at, changesUpTo: () => [] });
  const replica = new Replica(store, () => new Pipeline(SITE, at, () => [], diagnoser), {
    onEvent() {},
    onFirst: ({ callSid }) => counted.push(callSid),
    onSaved() {},
    onParticipant() {},
    onCallError: assert.ifError,
  });
  await replica.resume();
  return {
    store,
    /** The attempts that it counted since this was last asked, by their call_sid. */
    takeCounted: () => counted.splice(0).toSorted(),
    /** Resolves once PostgreSQL has them. */
    async take(...webhooks: readonly Webhook[]) {
      for (const webhook of webhooks) {
        const digest = webhook.body ?? '';
        const event = eventOf(webhook);
        await replica.take({ event, digest, repeatWithinMs: Number.POSITIVE_INFINITY, body: Buffer.from(digest) });
      }
      await until(async () => (await store.spool.state()).waiting === 0);
    },
    /** Settles what is due by then, once PostgreSQL is trusted to have all. */
    async settle(atMs: number) {
      await until(() => store.isCaughtUp);
      await replica.settle(EPOCH_MS + atMs);
    },
    async end() {
      await store.close();
      await spool.remove();
    },
  };
}

export type VirtualReplica = Awaited<ReturnType<typeof virtualReplica>>;
