import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { PostgresStore } from '../../src/journal/postgres.ts';
import { StoreAway } from '../../src/journal/postgresDatabase.ts';
import { Pipeline } from '../../src/pipeline.ts';
import { Replica } from '../../src/service/replica.ts';
import { siteFrom } from '../../src/settings/siteSettings.ts';
import { EPOCH_MS, eventOf } from '../core/running.ts';
import { aLeg, bLeg, type Webhook } from '../core/scenario.ts';
import { type Place, postgresSchema, sqliteFile } from '../journal/databases.ts';
import { IGNORED, until } from '../journal/events.ts';
import { freshIds } from './signing.ts';

const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [] });

let places: Place[];
let store: PostgresStore;
let replica: Replica;
let counted: string[];

before(async () => {
  const [schema, spool] = [await postgresSchema(), await sqliteFile()];
  places = [schema, spool];
  store = await PostgresStore.open(schema.url, spool.url, IGNORED);
  counted = [];
  replica = new Replica(store, () => new Pipeline(SITE, () => undefined), {
    onEvent() {},
    onFirst: ({ callSid }) => counted.push(callSid),
    onSaved() {},
    onParticipant() {},
    onCallError: assert.ifError,
  });
  await replica.resume();
});
after(async () => {
  await store.close();
  for (const place of places) await place.remove();
});

/** Has the next verdicts kept, or not, and the connection break before PostgreSQL has said so. */
function breakOnce(isKept: boolean): void {
  const { due } = store;
  const handBack = due.handBack.bind(due);
  due.handBack = async (judged) => {
    due.handBack = handBack;
    if (isKept) await handBack(judged);
    throw new StoreAway(new Error('broken in between'));
  };
}

/** A call that is like no other, as far as its webhooks tell. */
function newCall() {
  const renew = freshIds();
  return {
    leg: ({ body = '' }: Webhook): string => JSON.parse(renew(body)).call_sid,
    async take(...webhooks: readonly Webhook[]) {
      for (const webhook of webhooks) {
        const digest = renew(webhook.body ?? '');
        const event = eventOf({ ...webhook, body: digest });
        const body = Buffer.from(digest);
        await replica.take({ event, digest, repeatWithinMs: Number.POSITIVE_INFINITY, body });
      }
      await until(async () => (await store.spool.state()).waiting === 0);
    },
  };
}

/** Settles what is due by then, once PostgreSQL is trusted again. */
async function settleUntilTrusted(atMs: number): Promise<void> {
  await until(() => store.isCaughtUp);
  await replica.settle(EPOCH_MS + atMs);
}

const A_LEG_OVER = [aLeg(0, 100, 'Trying', 'trying'), aLeg(40, 503, 'Service Unavailable', 'failed')];
const FIRST = bLeg(160, 503, 'Service Unavailable', 'failed');
const SECOND = bLeg(9_000, 503, 'Service Unavailable', 'failed', {
  call_sid: 'c5bd6b0c-7f4a-4c0e-9d3e-000000000003',
});

for (const isKept of [true, false]) {
  const what = isKept ? 'were kept' : 'were not kept';
  it(`counts each attempt once whose verdicts ${what} when the connection broke`, async () => {
    const call = newCall();
    await call.take(FIRST, SECOND);
    breakOnce(isKept);
    await settleUntilTrusted(60_000);
    assert.deepEqual(counted.splice(0), []);
    await settleUntilTrusted(100_000);
    assert.deepEqual(counted.splice(0).toSorted(), [call.leg(FIRST), call.leg(SECOND)].toSorted());
    await settleUntilTrusted(200_000);
    assert.deepEqual(counted.splice(0), []);
  });

  it(`counts a leg that takes its A leg’s place with that, where verdicts ${what}`, async () => {
    const call = newCall();
    await call.take(...A_LEG_OVER);
    await settleUntilTrusted(30_000);
    const [a] = A_LEG_OVER;
    assert.ok(a);
    assert.deepEqual(counted.splice(0), [call.leg(a)]);
    await call.take(FIRST, SECOND);
    breakOnce(isKept);
    await settleUntilTrusted(60_000);
    await settleUntilTrusted(100_000);
    assert.deepEqual(counted.splice(0), [call.leg(SECOND)]);
    const kept = (await store.findCall(call.leg(FIRST)))?.attempts.map(({ callSid }) => callSid);
    assert.deepEqual(kept?.toSorted(), [call.leg(FIRST), call.leg(SECOND)].toSorted());
  });
}
