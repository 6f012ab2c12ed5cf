import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Store } from '../../src/store/store.ts';
import { agent, agentAudio, caller } from '../core/livekitScenario.ts';
import { EPOCH_MS } from '../core/running.ts';
import { A_LEG, BEGIN_MS, FITTING, type Webhook, webhooksOf } from '../core/scenario.ts';
import { DATABASES } from '../store/schema/databases.ts';
import { readWebhook, virtualEngine } from './replicas/virtualReplica.ts';

// An answered call is counted at its answer, and its end once, however and wherever it is judged again.

const HOUR = 3_600_000;
const room = [
  agent(BEGIN_MS - 400, 'participant_joined'),
  agentAudio(BEGIN_MS - 300),
  caller(BEGIN_MS + 120, 'participant_joined'),
];
const agentLeft = (at: number) => agent(BEGIN_MS + at, 'participant_left', { disconnectReason: 'CLIENT_INITIATED' });
const callerLeft = (at: number) =>
  caller(BEGIN_MS + at, 'participant_left', {}, { disconnectReason: 'CLIENT_INITIATED' });
const jambonz = (callerHungUpAt: number) => webhooksOf({ ringing: [90], answeredAt: 200, callerHungUpAt });
/** The agent leaves a minute before the caller hangs up, an hour after the answer. */
const ALONE = [...jambonz(HOUR), ...room, agentLeft(HOUR - 60_000), callerLeft(HOUR + 20)];
const NORMAL = [...jambonz(HOUR), ...room, callerLeft(HOUR + 20), agentLeft(HOUR + 90)];

for (const database of DATABASES) {
  describe(`the end of a call of an hour, in ${database.name}`, () => {
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

    /** Lets webhooks arrive at their times, each at the process that `at` names, and settles for a day afterwards. */
    async function pass(webhooks: readonly Webhook[], at: (i: number) => Process): Promise<void> {
      for (const [i, webhook] of webhooks.toSorted((a, b) => a.at_ms - b.at_ms).entries()) {
        const engine = at(i);
        await engine.settle(EPOCH_MS + webhook.at_ms - 1);
        await engine.take(readWebhook(webhook));
      }
      for (const ms of [300, 1_000, 6_000, 30_000, 120_000, 24 * HOUR]) {
        await at(webhooks.length - 1).settle(EPOCH_MS + HOUR + BEGIN_MS + ms);
      }
    }

    const counts = (...engines: readonly Process[]) => ({
      counted: engines.flatMap(({ counted }) => counted).map(({ record: { outcome } }) => outcome),
      ended: engines.flatMap(({ ended }) => ended).map(({ record: { outcome, cause = null } }) => [outcome, cause]),
    });
    const kept = async ({ store }: Process) => (await store.calls.read(A_LEG)).attempts[0];

    it('is judged and counted although the call was closed long before', async () => {
      const engine = await process();
      await pass(ALONE, () => engine);
      assert.deepEqual(counts(engine), { counted: ['connected'], ended: [['dropped', 'agent_left_caller']] });
      const attempt = await kept(engine);
      assert.equal(attempt?.record.confidence, 'certain');
      assert.equal(attempt?.incident?.cause, 'agent_left_caller');
      assert.equal(await engine.store.due.count(), 0);
    });

    it('is a normal end if the caller hangs up first', async () => {
      const engine = await process();
      await pass(NORMAL, () => engine);
      assert.deepEqual(counts(engine), { counted: ['connected'], ended: [['connected', null]] });
      const attempt = await kept(engine);
      assert.deepEqual([attempt?.record.end?.by, attempt?.incident], ['caller', undefined]);
      assert.ok(Math.abs((attempt?.record.end?.seconds ?? 0) - 3_599.8) < 0.01);
    });

    it('opens an incident that is as old as the end, not as the beginning', async () => {
      const engine = await process();
      await pass(ALONE, () => engine);
      const [incident] = await engine.store.incidents.list({ state: 'all', limit: 10 });
      assert.equal(incident?.calls, 1);
      assert.ok(Math.abs((incident?.last.at ?? 0) - EPOCH_MS - HOUR) < 1_000);
    });

    it('is counted once if it is judged again afterwards', async () => {
      const engine = await process();
      await pass(ALONE, () => engine);
      const later = { ...agent(30 * HOUR, 'participant_joined'), at_ms: 30 * HOUR };
      await engine.take(readWebhook(later));
      await engine.settle(EPOCH_MS + 31 * HOUR);
      assert.equal(engine.ended.length, 1);
      assert.equal(engine.counted.length, 1);
    });

    it('is counted once, whichever webhook is lost', async () => {
      for (const lost of ALONE.keys()) {
        await place.remove();
        place = await database.place();
        const engine = await process();
        await pass(ALONE.toSpliced(lost, 1), () => engine);
        const { counted, ended } = counts(engine);
        assert.deepEqual([counted.length, ended.length], [1, 1], `${lost}`);
        await engine.store.close();
        stores.pop();
      }
    });

    it('is counted once, at whichever webhook the process restarts', async () => {
      for (let restart = 1; restart < ALONE.length; restart += 1) {
        await place.remove();
        place = await database.place();
        const before = await process();
        let after: Process | undefined;
        const webhooks = ALONE.toSorted((a, b) => a.at_ms - b.at_ms);
        for (const [i, webhook] of webhooks.entries()) {
          if (i === restart) {
            await before.store.due.releaseAll();
            after = await process();
          }
          const engine = after ?? before;
          await engine.settle(EPOCH_MS + webhook.at_ms - 1);
          await engine.take(readWebhook(webhook));
        }
        for (const ms of [300, 6_000, 120_000]) await after?.settle(EPOCH_MS + HOUR + BEGIN_MS + ms);
        assert.ok(after);
        assert.deepEqual(
          counts(before, after),
          { counted: ['connected'], ended: [['dropped', 'agent_left_caller']] },
          `restart at ${restart}`,
        );
        for (const store of stores.splice(0)) await store.close();
      }
    });

    if (database.name === 'PostgreSQL') {
      it('is counted once by two replicas that share the webhooks', async () => {
        const one = await process();
        const other = await process();
        await pass(ALONE, (i) => (i % 2 === 0 ? one : other));
        await one.settle(EPOCH_MS + 25 * HOUR);
        assert.deepEqual(counts(one, other), { counted: ['connected'], ended: [['dropped', 'agent_left_caller']] });
      });
    }

    it('is counted as a connected attempt even if everything arrives at once, after the end', async () => {
      const engine = await process();
      await engine.take(...ALONE.map(readWebhook));
      for (const ms of [0, 6_000, 120_000]) await engine.settle(EPOCH_MS + 2 * HOUR + ms);
      const { counted, ended } = counts(engine);
      assert.deepEqual([counted.length, ended], [1, [['dropped', 'agent_left_caller']]]);
    });
  });
}
