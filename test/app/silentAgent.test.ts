import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Store } from '../../src/store/store.ts';
import { webhooksOfExample } from '../core/examples.ts';
import { EPOCH_MS } from '../core/running.ts';
import { FITTING, type Webhook } from '../core/scenario.ts';
import { DATABASES } from '../store/schema/databases.ts';
import { readWebhook, virtualEngine } from './replicas/virtualReplica.ts';

// Callers of a rule begin to hang up within seconds. What is usual there must outlast a restart, and be known to every
// replica, or the calls would be told nothing.

const MINUTE = 60_000;
const CALLS = webhooksOfExample({
  earlier: [
    { calls: 26, from: -50 * MINUTE, every: MINUTE, callerHungUpAt: 45_200 },
    { calls: 16, from: -20 * MINUTE, every: MINUTE, callerHungUpAt: 4_200 },
  ],
  call: {
    ringing: [90],
    answeredAt: 200,
    callerHungUpAt: 5_200,
    room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 5_220, agentLeft: 5_900 },
  },
});

const DROPPED = Array.from({ length: 4 }, () => ['dropped', 'likely']);

/** The webhooks of a call until its answer, or those of its end; and when, in milliseconds, they are all there. */
interface Half {
  readonly webhooks: readonly Webhook[];
  readonly until: number;
}

const HALVES: readonly Half[] = Map.groupBy(CALLS, ({ at_ms }) => Math.floor((at_ms + 1_000) / MINUTE))
  .entries()
  .toArray()
  .sort(([a], [b]) => a - b)
  .flatMap(([minute, webhooks]) => {
    const answered = minute * MINUTE + 2_000;
    const isOfAnswer = ({ at_ms }: Webhook) => at_ms < answered;
    return [
      { webhooks: webhooks.filter(isOfAnswer), until: answered },
      { webhooks: webhooks.filter((webhook) => !isOfAnswer(webhook)), until: answered + 55_000 },
    ];
  });

for (const database of DATABASES) {
  describe(`callers who hang up on an agent, in ${database.name}`, () => {
    let place: Awaited<ReturnType<typeof database.place>>;
    const stores: Store[] = [];
    beforeEach(async () => {
      place = await database.place();
    });
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close();
      await place.remove();
    });

    async function process() {
      const store = await Store.open(place.url);
      stores.push(store);
      return { store, ...virtualEngine(store, FITTING) };
    }
    type Process = Awaited<ReturnType<typeof process>>;

    /** Lets half of a call's webhooks arrive at once, at the process that `at` names, which then judges what is due. */
    async function pass(halves: readonly Half[], at: (i: number) => Process): Promise<void> {
      for (const [i, { webhooks, until }] of halves.entries()) {
        await at(i).take(...webhooks.map(readWebhook));
        await at(i).settle(EPOCH_MS + until);
      }
    }

    const endsOf = (one: Process) => one.ended.map(({ record: { outcome, confidence } }) => [outcome, confidence]);

    it('are told from the fourteenth of twenty on, in one incident, also if the process restarts before the last', async () => {
      const before = await process();
      await pass(HALVES.slice(0, -2), () => before);
      const connected = Array.from({ length: 39 }, () => ['connected', undefined]);
      assert.deepEqual(endsOf(before), [...connected, ...DROPPED.slice(1)]);
      await before.store.close();
      stores.pop();
      const after = await process();
      await pass(HALVES.slice(-2), () => after);
      assert.deepEqual(endsOf(after), DROPPED.slice(0, 1));
      const incidents = await after.store.incidents.list({ state: 'all', limit: 10 });
      assert.deepEqual(
        incidents.map(({ cause, party, trunk, calls }) => [cause, party, trunk, calls]),
        [['agent_never_spoke', 'agent', 'ST_1', 4]],
      );
    });

    if (database.name !== 'PostgreSQL') return;
    it('are told by each of two replicas, of which one judges an answer and the other the end', async () => {
      const [one, other] = [await process(), await process()];
      await pass(HALVES, (i) => (i % 4 === 0 || i % 4 === 3 ? one : other));
      assert.deepEqual([one.ended.length, other.ended.length], [21, 22]);
      const dropped = [...endsOf(one), ...endsOf(other)].filter(([outcome]) => outcome === 'dropped');
      assert.deepEqual(dropped, DROPPED);
    });
  });
}
