import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AttemptDiagnoser } from '../../src/core/diagnose/diagnoseAttempt.ts';
import { siteFrom } from '../../src/core/diagnose/facts/site.ts';
import { OpenCalls } from '../../src/engine/openCalls.ts';
import { bLeg } from '../core/scenario.ts';
import { openStore } from '../store/openStore.ts';
import { DATABASES, postgresSchema } from '../store/schema/databases.ts';
import { status, T0 } from '../store/storedEvents.ts';
import { virtualReplica } from './replicas/virtualReplica.ts';
import { freshIds } from './signing.ts';

// What a process keeps of a call in memory must never be other than what the store has.

const SITE = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [] });

for (const database of DATABASES) {
  describe(`a webhook that is stored while its call is being loaded, in ${database.name}`, () => {
    it('is in the call once', async () => {
      const opened = await openStore(database);
      const { store } = opened;
      const calls = new OpenCalls(store, new AttemptDiagnoser(SITE, { at: () => undefined, changesUpTo: () => [] }));
      try {
        // Not told to the process: the call has to be loaded.
        await opened.bring(status('1', 0));
        const { loader } = store;
        const load = loader.load.bind(loader);
        let between: Awaited<ReturnType<typeof opened.bring>> | undefined;
        loader.load = async (callIds) => {
          between ??= await opened.bring(status('1', 1));
          return load(callIds);
        };
        const later = T0 + 3_600_000;
        const [claimed] = await calls.claim(later, 10);
        assert.ok(between && claimed);
        calls.delivered(between);
        await calls.handBack([{ call: claimed.due, attempts: [], dueAt: later }], T0);
        const [again] = await calls.claim(later, 10);
        assert.equal(again?.call.attempts[0]?.leg?.reports, 2);
      } finally {
        await opened.close();
      }
    });
  });
}

describe('a call that another replica takes over', () => {
  it('is judged by the first one after all, should the other die', async () => {
    const place = await postgresSchema();
    const replica = await virtualReplica(place);
    try {
      const failed = bLeg(160, 503, 'Service Unavailable', 'failed');
      await replica.take({ ...failed, body: freshIds()(failed.body ?? '') });
      const { due } = replica.store;
      const handBack = due.handBack.bind(due);
      due.handBack = async (judged) => {
        due.handBack = handBack;
        await place.query(`UPDATE open_calls SET owner = 'the other', leased_until = leased_until + 60000`);
        return handBack(judged);
      };
      await replica.settle(60_000);
      assert.deepEqual(replica.takeCounted(), []);
      await place.query('UPDATE open_calls SET leased_until = 0');
      await replica.settle(61_000);
      assert.equal(replica.takeCounted().length, 1);
    } finally {
      await replica.end();
      await place.remove();
    }
  });
});
