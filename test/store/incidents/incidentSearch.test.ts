import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IncidentSearch } from '../../../src/store/incidents/incidentSearch.ts';
import { attempt, incidentOf, MINUTE, NO_DNS, NOT_ALLOWED, settled, T0 } from '../../core/incidents/failedCalls.ts';
import { plansOf } from '../queryPlans.ts';
import { DATABASES } from '../schema/databases.ts';
import { IncidentsOn } from './incidentsOn.ts';

const at = (minute: number) => T0 + minute * MINUTE;

for (const kind of DATABASES) {
  describe(`incidents on ${kind.name}, found and counted`, () => {
    const on = new IncidentsOn(kind);
    const search = () => new IncidentSearch(on.database);
    /** An incident with calls that settle in these minutes, each with the status of the minute. */
    const insert = async (id: string, minutes: readonly number[], more: object = {}, record = NO_DNS) => {
      const own = { ...record, trunk: `ST of ${id}` };
      const calls = minutes.map((minute) => ({
        ...attempt(`${id}-${minute}`, minute, {
          ...own,
          from: `+1555${1_000_000 + minute}`,
          response: { status: 500 + (minute % 100), reason: undefined, origin: 'unknown' },
        }),
        settledAt: at(minute),
      }));
      await on.save(...calls);
      const incident = { ...incidentOf(settled(`${id}-0`, 0, own)), calls: calls.length, ...more, id };
      const closed = 'closed' in more ? at(90) : null;
      await on.database.run('UPDATE incidents SET id = $1, closed_at = $2, incident = $3 WHERE trunk = $4', [
        id,
        closed,
        JSON.stringify(incident),
        own.trunk,
      ]);
      await on.database.run('UPDATE attempts SET incident = $1 WHERE call_sid LIKE $2', [id, `${id}-%`]);
    };

    it('are candidates by state, cause, owner and trunk, with what their order depends on', async () => {
      await insert('a', [1, 2]);
      await insert('b', [3], { closed: { at: at(90), because: 'no_calls' } });
      await insert('c', [4], { handling: { notes: [], muted: { at: at(5), until: at(100) } } }, NOT_ALLOWED);
      const ids = async (filter: Partial<Parameters<IncidentSearch['candidates']>[0]>) =>
        (await search().candidates({ state: 'all', ...filter }, at(99))).map(({ id }) => id);
      assert.deepEqual(await ids({}), ['a', 'b', 'c']);
      assert.deepEqual(await ids({ state: 'open' }), ['a', 'c']);
      assert.deepEqual(await ids({ state: 'closed' }), ['b']);
      assert.deepEqual(await ids({ cause: ['caller_not_allowed'] }), ['c']);
      assert.deepEqual(await ids({ party: ['network', 'agent'] }), ['a', 'b']);
      assert.deepEqual(await ids({ party: ['network'], trunk: ['ST of b'] }), ['b']);
      const [, , muted] = await search().candidates({ state: 'all' }, at(99));
      assert.deepEqual(muted, {
        id: 'c',
        openedAt: at(4),
        isOpen: true,
        isMuted: true,
        lastAt: at(0),
        calls: 1,
      });
      assert.equal((await search().candidates({ state: 'all' }, at(100)))[2]?.isMuted, false);
    });

    it('are read by their ids, in that order', async () => {
      await insert('a', [1]);
      await insert('b', [1]);
      assert.deepEqual(
        (await search().read(['b', 'gone', 'a'])).map(({ id }) => id),
        ['b', 'a'],
      );
    });

    it('are counted in equal parts of a time: from its beginning, and before its end', async () => {
      await insert('a', [10, 11, 19, 20, 29, 30]);
      await insert('b', [9, 10]);
      const ids = ['a', 'b', 'none'].map((id) => ({ id, calls: 3 }));
      const counts = (since: number, until: number, parts: number) =>
        search().countIn(ids, { since: at(since), until: at(until) }, parts);
      assert.deepEqual(
        [...(await counts(10, 30, 2))],
        [
          ['a', [3, 2]],
          ['b', [1, 0]],
          ['none', [0, 0]],
        ],
      );
      assert.deepEqual((await counts(10, 30, 4)).get('a'), [2, 1, 1, 1]);
      assert.deepEqual((await counts(0, 60, 1)).get('a'), [6]);
      assert.deepEqual((await counts(30, 30, 2)).get('a'), [0, 0]);
      assert.deepEqual((await counts(30, 10, 2)).get('a'), [0, 0]);
    });

    it('have a call that matches, however many of theirs come before', async () => {
      await insert(
        'a',
        Array.from({ length: 620 }, (_, i) => i),
      );
      await insert('b', [1_000]);
      const has = (id: string, filter: object, since?: number, until?: number) =>
        search().hasCall(
          id,
          { ...(since !== undefined && { since: at(since) }), ...(until !== undefined && { until: at(until) }) },
          filter,
        );
      const digits = (text: string) => ({ number: { digits: text, hashes: [] } });
      assert.equal(await has('a', digits('15551000003')), true);
      assert.equal(await has('b', digits('15551000003')), false);
      assert.equal(await has('a', { status: [502] }), true);
      assert.equal(await has('b', { status: [502] }), false);
      assert.equal(await has('a', { ...digits('15551000003'), status: [502] }), false);
      assert.equal(await has('a', digits('15551000003'), 3, 4), true);
      assert.equal(await has('a', digits('15551000003'), 4), false);
      assert.equal(await has('a', digits('15551000003'), 0, 3), false);
      assert.equal(await has('a', { text: { callIds: ['a-7'] } }), true);
      assert.equal(await has('b', { text: { callIds: ['a-7'] } }), false);
      assert.equal(await has('b', { text: { callIds: ['a-7'], ...digits('15551001000') } }), true);
      assert.equal(await has('a', { text: { callIds: [] } }), false);
    });

    it('are those of calls', async () => {
      await insert('a', [1, 2]);
      await insert('b', [3]);
      await insert('c', [4]);
      assert.deepEqual([...(await search().ofCalls(['a-1', 'a-2', 'c-4', 'nobody']))].sort(), ['a', 'c']);
      assert.deepEqual([...(await search().ofCalls([]))], []);
    });
  });
}

describe('the statement that counts the calls of incidents on SQLite', () => {
  it('reads an index alone', async () => {
    const range = { since: 1, until: 2 };
    const plans = await plansOf((database) => new IncidentSearch(database).countIn([{ id: 'a', calls: 1 }], range, 24));
    assert.deepEqual(plans, [
      'SEARCH attempts USING COVERING INDEX attempts_of_incident (incident=? AND settled_at>? AND settled_at<?)',
    ]);
  });
});
