import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { StoreAway } from '../../src/journal/postgresDatabase.ts';
import { aLeg, bLeg, type Webhook } from '../core/scenario.ts';
import { type Place, postgresSchema } from '../journal/databases.ts';
import { freshIds } from './signing.ts';
import { type VirtualReplica, virtualReplica } from './virtualReplica.ts';

let place: Place;
let replica: VirtualReplica;

before(async () => {
  place = await postgresSchema();
  replica = await virtualReplica(place);
});
after(async () => {
  await replica.end();
  await place.remove();
});

/** Has the next verdicts kept, or not, and the connection break before PostgreSQL has said so. */
function breakOnce(isKept: boolean): void {
  const { due } = replica.store;
  const handBack = due.handBack.bind(due);
  due.handBack = async (judged) => {
    due.handBack = handBack;
    if (isKept) await handBack(judged);
    throw new StoreAway(new Error('broken in between'));
  };
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
    breakOnce(isKept);
    await replica.settle(60_000);
    assert.deepEqual(replica.takeCounted(), []);
    await replica.settle(100_000);
    assert.deepEqual(replica.takeCounted(), sidsOf(first, second));
    await replica.settle(200_000);
    assert.deepEqual(replica.takeCounted(), []);
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
    breakOnce(isKept);
    await replica.settle(60_000);
    await replica.settle(100_000);
    assert.deepEqual(replica.takeCounted(), sidsOf(second));
    const kept = (await replica.store.findCall(sidsOf(first)[0] ?? ''))?.attempts.map(({ callSid }) => callSid);
    assert.deepEqual(kept?.toSorted(), sidsOf(first, second));
  });
}

it('counts an A leg whose place another replica gave to its dialled leg meanwhile', async () => {
  const other = await virtualReplica(place);
  try {
    const { aLeg: legs, first } = newCall();
    await replica.take(...legs);
    breakOnce(true);
    await replica.settle(30_000);
    await other.take(first);
    await other.settle(60_000);
    assert.deepEqual(other.takeCounted(), []);
    await replica.settle(70_000);
    assert.deepEqual(replica.takeCounted(), sidsOf(...legs.slice(1)));
  } finally {
    await other.end();
  }
});
