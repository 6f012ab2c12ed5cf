import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { aLeg, bLeg, type Webhook, webhooksOf } from '../../core/scenario.ts';
import { type Place, postgresSchema } from '../../store/schema/databases.ts';
import { freshIds } from '../signing.ts';
import { cuttingProxy } from './cuttingProxy.ts';
import { type VirtualReplica, virtualReplica } from './virtualReplica.ts';

let place: Place;
let proxy: Awaited<ReturnType<typeof cuttingProxy>>;
let replica: VirtualReplica;

before(async () => {
  place = await postgresSchema();
  proxy = await cuttingProxy(place.url);
  replica = await virtualReplica({ ...place, url: proxy.url });
});
after(async () => {
  await replica.end();
  proxy.close();
  await place.remove();
});

/** Has the connection break as the next verdicts are committed, and lets time pass to then. */
async function settleBroken(isKept: boolean, atMs: number): Promise<void> {
  proxy.cutAtCommit(isKept ? 'after' : 'before');
  await replica.settle(atMs);
  assert.ok(!proxy.isWaiting());
}

/** The legs of a call that is like no other. */
function newCall() {
  const renew = freshIds();
  const renewed = (webhook: Webhook) => ({ ...webhook, body: renew(webhook.body ?? '') });
  return {
    aLeg: [aLeg(0, 100, 'Trying', 'trying'), aLeg(40, 503, 'Service Unavailable', 'failed')].map(renewed),
    first: renewed(bLeg(160, 503, 'Service Unavailable', 'failed')),
    second: renewed(bLeg(9_000, 503, 'Service Unavailable', 'failed', { call_sid: SECOND_LEG })),
  };
}

const SECOND_LEG = 'c5bd6b0c-7f4a-4c0e-9d3e-000000000003';

function sidsOf(...webhooks: readonly Webhook[]): string[] {
  return webhooks.map(({ body = '' }) => JSON.parse(body).call_sid).sort();
}

for (const isKept of [true, false]) {
  const what = isKept ? 'were kept' : 'were not kept';
  it(`counts each attempt once whose verdicts ${what} when the connection broke`, async () => {
    const { first, second } = newCall();
    await replica.take(first, second);
    await settleBroken(isKept, 60_000);
    assert.deepEqual(replica.takeCounted(), []);
    await replica.settle(100_000);
    assert.deepEqual(replica.takeCounted(), sidsOf(first, second));
    await replica.settle(200_000);
    assert.deepEqual(replica.takeCounted(), []);
  });

  it(`counts each end once whose verdicts ${what} when the connection broke`, async () => {
    const renew = freshIds();
    const webhooks = webhooksOf({ ringing: [90], answeredAt: 200, callerHungUpAt: 20_000 }).map((webhook) => ({
      ...webhook,
      body: renew(webhook.body ?? ''),
    }));
    const [answered, ended] = [webhooks.slice(0, 5), webhooks.slice(5)];
    const legs = sidsOf(...answered.slice(-1));
    await replica.take(...answered);
    await replica.settle(1_000);
    assert.deepEqual([replica.takeCounted(), replica.takeEnded()], [legs, []]);
    await replica.take(...ended);
    await settleBroken(isKept, 60_000);
    assert.deepEqual(replica.takeEnded(), []);
    await replica.settle(100_000);
    assert.deepEqual(replica.takeEnded(), legs);
    await replica.settle(200_000);
    assert.deepEqual([replica.takeCounted(), replica.takeEnded()], [[], []]);
  });

  it(`counts a leg that takes its A leg’s place with that, where verdicts ${what}`, async () => {
    const {
      aLeg: [trying, failed],
      first,
      second,
    } = newCall();
    assert.ok(trying && failed);
    await replica.take(trying, failed);
    await replica.settle(30_000);
    assert.deepEqual(replica.takeCounted(), sidsOf(trying));
    await replica.take(first, second);
    await settleBroken(isKept, 60_000);
    await replica.settle(100_000);
    assert.deepEqual(replica.takeCounted(), sidsOf(second));
    const kept = (await replica.store.calls.find(sidsOf(first)[0] ?? ''))?.attempts.map(({ callSid }) => callSid);
    assert.deepEqual(kept?.toSorted(), sidsOf(first, second));
  });
}

it('counts an A leg whose place another replica gave to its dialled leg meanwhile', async () => {
  const other = await virtualReplica(place);
  try {
    const { aLeg: legs, first } = newCall();
    await replica.take(...legs);
    await settleBroken(true, 30_000);
    await other.take(first);
    await other.settle(60_000);
    assert.deepEqual(other.takeCounted(), []);
    await replica.settle(70_000);
    assert.deepEqual(replica.takeCounted(), sidsOf(...legs.slice(1)));
  } finally {
    await other.end();
  }
});
