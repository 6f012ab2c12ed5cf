import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { foldByHand, type IncidentAction } from '../../../src/core/incidents/foldByHand.ts';
import { exportLines } from '../../../src/service/answers/archiveLines.ts';
import { Store } from '../../../src/store/store.ts';
import { exportOf, take } from '../../cli/archives.ts';
import { attempt, MINUTE, NO_DNS, T0 } from '../../core/incidents/failedCalls.ts';
import { DATABASES, type Place } from '../schema/databases.ts';

const AT = T0 + 10 * MINUTE;
const DONE: readonly Exclude<IncidentAction, { kind: 'put_away' }>[] = [
  { kind: 'acknowledge', by: 'Ann' },
  { kind: 'mute', until: AT + MINUTE },
  { kind: 'note', by: 'Bob', text: 'call +49 151 987654 back' },
];

for (const { name, place: makePlace } of DATABASES) {
  describe(`an export of an incident that people handled, on ${name}`, () => {
    let places: Place[];
    beforeEach(async () => {
      places = [await makePlace(), await makePlace()];
    });
    afterEach(async () => {
      for (const place of places) await place.remove();
    });
    const urlOf = (i: number) => places[i]?.url ?? '';
    async function within<T>(i: number, work: (store: Store) => Promise<T>): Promise<T> {
      const store = await Store.open(urlOf(i));
      try {
        return await work(store);
      } finally {
        await store.close();
      }
    }
    const incidentsIn = (store: Store) => store.incidents.list({ state: 'all', limit: 9 });

    /** Two calls fail, one of which a person puts away. */
    const handle = () =>
      within(0, async (store) => {
        await store.calls.saveAttempts([attempt('a', 0, NO_DNS), attempt('b', 1, NO_DNS)]);
        const [{ id } = assert.fail()] = await incidentsIn(store);
        for (const action of DONE)
          await store.incidents.change(id, AT, (incident) => {
            const folded = foldByHand(incident, action, AT);
            return folded.ok ? folded : undefined;
          });
        await store.incidents.putAway(id, 'a', 'Ann', AT);
        return incidentsIn(store);
      });

    it('has all that they did, and what was put away stays so', async () => {
      const handled = await handle();
      assert.equal(handled[0]?.handling?.notes.length, 1);
      assert.equal((await take(urlOf(1), await exportOf(urlOf(0)))).bad, 0);
      await within(1, async (store) => {
        assert.deepEqual(await incidentsIn(store), handled);
        await store.calls.saveAttempts([attempt('a', 20, { ...NO_DNS, summary: 'more is known' })]);
        assert.deepEqual(await incidentsIn(store), handled);
      });
    });

    it('has notes without numbers unless asked for plain ones', async () => {
      await handle();
      const lines = await within(0, (store) =>
        store.database.snapshot(async (queries) => {
          let text = '';
          for await (const line of exportLines(queries, 'masked')) text += JSON.stringify(line);
          return text;
        }),
      );
      assert.match(lines, /call \+49[ •]+54 back/);
      assert.doesNotMatch(lines, /987654/);
    });

    it('brings no call back that was put away where it is imported', async () => {
      await handle();
      // The other store knows the call by its dialled leg, and counts it.
      await within(1, async (store) => {
        await store.calls.saveAttempts([attempt('leg', 2, NO_DNS, 2, 'a')]);
      });
      assert.equal((await take(urlOf(0), await exportOf(urlOf(1)))).bad, 0);
      await within(0, async (store) => {
        const counted = (await incidentsIn(store)).map(({ calls, closed }) => [calls, closed?.because]);
        assert.deepEqual(counted.toSorted(), [
          [0, 'corrected'],
          [1, undefined],
        ]);
      });
    });

    it('with notes that are none is refused', async () => {
      await handle();
      const lines = (await exportOf(urlOf(0))).map((line) => line.replace('"notes":[', '"notes":[5,'));
      const { faults } = await take(urlOf(1), lines);
      assert.deepEqual(
        faults.map(({ field }) => field),
        ['incident.handling.notes.0'],
      );
    });
  });
}
