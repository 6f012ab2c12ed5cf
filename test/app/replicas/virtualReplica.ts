import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { AttemptDiagnoser } from '../../../src/core/diagnose/diagnoseAttempt.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import { CallCache } from '../../../src/engine/callCache.ts';
import { OpenCalls } from '../../../src/engine/openCalls.ts';
import { Pipeline } from '../../../src/pipeline.ts';
import type { ReadWebhook } from '../../../src/store/calls/delivery.ts';
import { Store, type StoredAttempt } from '../../../src/store/store.ts';
import { StoreUnavailable } from '../../../src/store/storeUnavailable.ts';
import { EPOCH_MS, eventOf } from '../../core/running.ts';
import { SBC, type Setting, type Webhook } from '../../core/scenario.ts';
import { PositionedJournal } from '../../store/openStore.ts';
import type { Place } from '../../store/schema/databases.ts';

const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [SBC] });

const NEVER = new AbortController().signal;

/** The engine of one process under virtual time. Webhooks reach the store at once, as from a log that is read at once. */
export function virtualEngine(store: Store, livekit?: Setting['livekit'], inMemory?: number) {
  const counted: StoredAttempt[] = [];
  const ended: StoredAttempt[] = [];
  const reading = livekit && readSnapshot(livekit);
  const configuration = reading?.ok ? { snapshot: reading.snapshot, ageSeconds: 0, isStale: false } : undefined;
  const diagnoser = new AttemptDiagnoser(SITE, { at: () => configuration, changesUpTo: () => [] });
  const calls = new OpenCalls(store, diagnoser, new CallCache(inMemory));
  let settledTo = 0;
  const pipeline = new Pipeline({
    feed: async () => true,
    catchUp: (now) => calls.catchUp(now),
    closeSettled: (now) => calls.closeSettled(now),
    claim: (now, limit) => calls.claim(now, limit),
    diagnoser,
    save: (judged) => calls.handBack(judged, settledTo),
    giveBack: (claimed) => calls.giveBack(claimed),
    findSaved: (judged, attempts, saved) => calls.findSaved(judged, attempts, saved),
    reconsiderAffected: (now) => calls.reconsiderAffected(now),
    count: (attempt) => counted.push(attempt),
    countEnd: (attempt) => ended.push(attempt),
    saved() {},
    failed: assert.ifError,
  });
  const log = new PositionedJournal();
  return {
    /** The attempts that were counted. */
    counted,
    /** Those whose end was counted. */
    ended,
    /** Resolves once the store has them. */
    async take(...webhooks: readonly ReadWebhook[]): Promise<void> {
      calls.delivered(await log.bring(store, ...webhooks));
    },
    /** Settles what is due by then, in epoch milliseconds. */
    async settle(now: number): Promise<void> {
      settledTo = now;
      while (await pipeline.run(() => now, NEVER));
    },
  };
}

/** A replica within the test's own process, and under virtual time, on a PostgreSQL that others may share. */
export async function virtualReplica({ url }: Place, livekit?: Setting['livekit']) {
  const store = await Store.open(url);
  const { counted, ended, take, settle } = virtualEngine(store, livekit);
  return {
    store,
    /** The attempts that it counted since this was last asked, by their call_sid. */
    takeCounted: () =>
      counted
        .splice(0)
        .map(({ callSid }) => callSid)
        .sort(),
    /** The attempts whose end it counted since this was last asked, by their call_sid. */
    takeEnded: () =>
      ended
        .splice(0)
        .map(({ callSid }) => callSid)
        .sort(),
    take: (...webhooks: readonly Webhook[]) => take(...webhooks.map(readWebhook)),
    /** Settles what is due by then. A store that is away is left for the next time, as the engine does. */
    async settle(atMs: number) {
      await settle(EPOCH_MS + atMs).catch((error: unknown) => {
        if (!(error instanceof StoreUnavailable)) throw error;
      });
    },
    end: () => store.close(),
  };
}

export type VirtualReplica = Awaited<ReturnType<typeof virtualReplica>>;

/** A webhook as the feeder brings it to the store. */
export function readWebhook(webhook: Webhook): ReadWebhook {
  if (webhook.path.endsWith('/livekit/webhook')) return readLiveKits(webhook);
  const event = eventOf(webhook);
  const { at, receivedAt, precise } = event;
  const body = webhook.body ?? '';
  return {
    id: randomUUID(),
    source: event.kind === 'dial_result' ? 'dial_action' : 'call_status',
    form: 'json',
    moment: { at, receivedAt, precise },
    digest: body,
    repeatWithinMs: Number.POSITIVE_INFINITY,
    body: Buffer.from(body),
    event,
  };
}

function readLiveKits({ body = '', at_ms }: Webhook): ReadWebhook {
  const receivedAt = EPOCH_MS + at_ms;
  const reading = readLiveKit(Buffer.from(body), receivedAt, true);
  assert.ok(reading.ok);
  return {
    id: randomUUID(),
    source: 'livekit',
    form: 'json',
    moment: { at: receivedAt, receivedAt, precise: true },
    digest: body,
    repeatWithinMs: Number.POSITIVE_INFINITY,
    body: Buffer.from(body),
    event: reading.event,
  };
}
