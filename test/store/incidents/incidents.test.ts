import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { close } from '../../../src/core/incidents/incident.ts';
import { saveAttempts } from '../../../src/store/calls/attempts.ts';
import { Incidents } from '../../../src/store/incidents/incidents.ts';
import { migratePostgres } from '../../../src/store/migrate.ts';
import { PostgresDatabase } from '../../../src/store/postgres/postgresDatabase.ts';
import { attempt, CONNECTED, MINUTE, NO_DNS, NOT_ALLOWED, T0 } from '../../core/incidents/failedCalls.ts';
import { DATABASES, postgresSchema } from '../schema/databases.ts';
import { IncidentsOn } from './incidentsOn.ts';

for (const kind of DATABASES) {
  describe(`incidents on ${kind.name}`, () => {
    const on = new IncidentsOn(kind);
    const all = () => on.incidents.list({ state: 'all', limit: 100 });
    /** Cause, calls, and why it is closed. */
    const kinds = async () =>
      (await all()).map(({ cause, calls, closed }) => [cause, calls, closed?.because ?? 'open']);
    const incidentOfCall = async (callSid: string) =>
      (await on.database.all<{ incident: string }>('SELECT incident FROM attempts WHERE call_sid = $1', [callSid]))[0]
        ?.incident;

    it('count each attempt once, with the attempts that are saved', async () => {
      const { firsts, transitions } = await on.save(
        attempt('a', 0, NOT_ALLOWED),
        attempt('b', 1, NOT_ALLOWED),
        attempt('z', 1, CONNECTED),
      );
      assert.equal(firsts.length, 3);
      assert.deepEqual(
        transitions.map(({ event, incident }) => [event, incident.cause, incident.calls]),
        [['opened', 'caller_not_allowed', 1]],
      );
      assert.deepEqual((await on.save(attempt('a', 2, NOT_ALLOWED))).transitions, []);
      assert.deepEqual(await kinds(), [['caller_not_allowed', 2, 'open']]);
      const [incident] = await all();
      assert.equal(await incidentOfCall('b'), incident?.id);
      assert.equal(await incidentOfCall('z'), null);
    });

    it('count a leg in place of its A leg, in the incident of its own cause', async () => {
      await on.save(attempt('a', 0, NO_DNS), attempt('z', 0, NO_DNS));
      await on.save(attempt('b', 0, NO_DNS, 1, 'a'));
      assert.deepEqual(await kinds(), [['dns_failure', 2, 'open']]);
      const [incident] = await all();
      assert.deepEqual(incident?.examples.map(({ callSid }) => callSid).toSorted(), ['b', 'z']);
      await on.save(attempt('c', 2, NO_DNS));
      await on.save(attempt('d', 2, NOT_ALLOWED, 3, 'c'));
      assert.deepEqual((await kinds()).toSorted(), [
        ['caller_not_allowed', 1, 'open'],
        ['dns_failure', 2, 'open'],
      ]);
    });

    it('do not get worse by a leg that takes its A leg’s place', async () => {
      const aLegs = Array.from({ length: 9 }, (_, i) => attempt(`a${i}`, 0, NO_DNS));
      await on.save(...aLegs);
      const { transitions } = await on.save(attempt('b8', 0, NO_DNS, 0, 'a8'));
      assert.deepEqual(transitions, []);
      const [incident] = await all();
      assert.deepEqual([incident?.calls, incident?.rate.calls, incident?.examples.length], [9, 9, 5]);
      const examples = incident?.examples.map(({ callSid }) => callSid) ?? [];
      assert.ok(examples.includes('b8') && !examples.includes('a8'));
      assert.equal(await incidentOfCall('b8'), incident?.id);
    });

    it('are corrected when the only call of one was an A leg whose dialled leg connected', async () => {
      await on.save(attempt('a', 0, NO_DNS));
      await on.save(attempt('b', 0, CONNECTED, 1, 'a'));
      assert.deepEqual(await kinds(), [['dns_failure', 0, 'corrected']]);
    });

    it('are undone with the attempts that could not be saved', async () => {
      const failing = on.database.transaction(async (queries) => {
        await saveAttempts(queries, [attempt('a', 0, NOT_ALLOWED)], on.incidents);
        throw new Error('no space');
      });
      await assert.rejects(failing, /no space/);
      assert.deepEqual(await all(), []);
    });

    it('are one for each cause and trunk', async () => {
      await on.save(
        attempt('a', 0, NOT_ALLOWED),
        attempt('b', 1, NO_DNS),
        attempt('c', 2, { ...NO_DNS, trunk: 'ST_2' }),
      );
      const found = (await all()).map(({ cause, trunk: id }) => `${cause} ${id}`).sort();
      assert.deepEqual(found, ['caller_not_allowed ST_1', 'dns_failure ST_1', 'dns_failure ST_2']);
      assert.deepEqual(
        await on.incidents.countOpen(),
        new Map([
          ['caller_not_allowed', 1],
          ['dns_failure', 2],
        ]),
      );
    });

    it('are opened again by a failure soon after, and by no call from before', async () => {
      await on.save(attempt('a', 0, NOT_ALLOWED));
      const [first] = await all();
      assert.ok(first);
      await on.incidents.change(first.id, T0 + 5 * MINUTE, (incident) =>
        close(incident, 'recheck_passes', T0 + 5 * MINUTE),
      );
      assert.deepEqual((await on.save(attempt('b', 4, NOT_ALLOWED, 6))).transitions, []);
      assert.deepEqual(await kinds(), [['caller_not_allowed', 2, 'recheck_passes']]);
      const { transitions } = await on.save(attempt('c', 7, NOT_ALLOWED));
      assert.deepEqual(
        transitions.map(({ event }) => event),
        ['reopened'],
      );
      assert.deepEqual(await kinds(), [['caller_not_allowed', 3, 'open']]);
    });

    it('are another one for a failure long after, with the calls from before in the old one', async () => {
      await on.save(attempt('a', 0, NOT_ALLOWED));
      const [first] = await all();
      assert.ok(first);
      await on.incidents.change(first.id, T0 + 5 * MINUTE, (incident) =>
        close(incident, 'recheck_passes', T0 + 5 * MINUTE),
      );
      await on.save(attempt('b', 4, NOT_ALLOWED, 90), attempt('c', 89, NOT_ALLOWED, 90));
      assert.deepEqual(await kinds(), [
        ['caller_not_allowed', 1, 'open'],
        ['caller_not_allowed', 2, 'recheck_passes'],
      ]);
    });

    it('lose a call of which another cause is known later to the incident of that cause', async () => {
      await on.save(attempt('a', 0, NOT_ALLOWED), attempt('b', 1, NOT_ALLOWED));
      assert.deepEqual(
        (await on.save(attempt('b', 1, NO_DNS, 2))).transitions.map(
          ({ event, incident }) => `${event} ${incident.cause}`,
        ),
        ['opened dns_failure'],
      );
      assert.deepEqual((await kinds()).sort(), [
        ['caller_not_allowed', 1, 'open'],
        ['dns_failure', 1, 'open'],
      ]);
      const left = (await all()).find(({ cause }) => cause === 'caller_not_allowed');
      assert.deepEqual([left?.last.callSid, left?.examples], ['a', [{ id: 'a', callSid: 'a' }]]);
      assert.deepEqual(
        (await on.save(attempt('a', 0, CONNECTED, 3))).transitions.map(
          ({ event, incident }) => `${event} ${incident.cause}`,
        ),
        ['closed caller_not_allowed'],
      );
      assert.deepEqual((await kinds()).sort(), [
        ['caller_not_allowed', 0, 'corrected'],
        ['dns_failure', 1, 'open'],
      ]);
      assert.equal(await incidentOfCall('a'), null);
    });

    it('take in a call that failed after all', async () => {
      await on.save(attempt('a', 0, CONNECTED));
      await on.save(attempt('a', 0, NO_DNS, 1));
      assert.deepEqual(await kinds(), [['dns_failure', 1, 'open']]);
    });

    it('are given by their changes, from any one on', async () => {
      await on.save(attempt('a', 0, NOT_ALLOWED), attempt('b', 1, NO_DNS));
      await on.save(attempt('c', 2, NOT_ALLOWED));
      const [first, second, ...more] = await on.incidents.changedSince(0, '', 10);
      assert.ok(first && second);
      assert.deepEqual([first.incident.cause, second.incident.cause, more], ['dns_failure', 'caller_not_allowed', []]);
      assert.ok(first.changedAt < second.changedAt);
      assert.deepEqual(await on.incidents.changedSince(first.changedAt, first.incident.id, 10), [second]);
      assert.deepEqual(await on.incidents.changedSince(second.changedAt, second.incident.id, 10), []);
    });

    it('are listed open ones first, then the newest, page by page', async () => {
      const opened = ['ST_1', 'ST_2', 'ST_3', 'ST_4', 'ST_5'];
      await on.save(...opened.map((id, i) => attempt(id, i, { ...NO_DNS, trunk: id })));
      for (const incident of await all()) {
        if (incident.trunk === 'ST_5' || incident.trunk === 'ST_3') {
          await on.incidents.change(incident.id, T0, (known) => close(known, 'no_calls', T0));
        }
      }
      const pages: string[][] = [];
      let last: Parameters<typeof on.incidents.list>[0]['after'];
      for (let i = 0; i < 3; i += 1) {
        const page = await on.incidents.list({ state: 'all', limit: 2, ...(last && { after: last }) });
        pages.push(page.map(({ trunk: id }) => id));
        const end = page.at(-1);
        if (end) last = { isOpen: !end.closed, openedAt: end.openedAt, id: end.id };
      }
      assert.deepEqual(pages, [['ST_4', 'ST_2'], ['ST_1', 'ST_5'], ['ST_3']]);
      const trunks = async (filter: object) =>
        (await on.incidents.list({ state: 'all', limit: 9, ...filter })).map(({ trunk: id }) => id);
      assert.deepEqual(await trunks({ state: 'open' }), ['ST_4', 'ST_2', 'ST_1']);
      assert.deepEqual(await trunks({ state: 'closed', trunk: ['ST_3', 'ST_1'] }), ['ST_3']);
      assert.deepEqual(await trunks({ cause: ['auth_missing'] }), []);
    });
  });
}

describe('incidents of several replicas', () => {
  it('hold each of the calls that fail on all of them at once', async () => {
    const place = await postgresSchema();
    const databases = [
      new PostgresDatabase(place.url),
      new PostgresDatabase(place.url),
      new PostgresDatabase(place.url),
    ];
    try {
      for (const database of databases) await migratePostgres(database);
      const events: string[] = [];
      await Promise.all(
        databases.map(async (database, replica) => {
          const incidents = new Incidents(database);
          for (let i = 0; i < 20; i += 1) {
            const both = [attempt(`${replica}-${i}-a`, i, NOT_ALLOWED), attempt(`${replica}-${i}-b`, i, NO_DNS)];
            const attempts = i % 2 === 0 ? both : both.reverse();
            const { transitions } = await database.transaction((queries) => saveAttempts(queries, attempts, incidents));
            events.push(...transitions.map(({ event, incident }) => `${event} ${incident.cause}`));
          }
        }),
      );
      const [first] = databases;
      assert.ok(first);
      const found = await new Incidents(first).list({ state: 'all', limit: 9 });
      assert.deepEqual(found.map(({ cause, calls }) => [cause, calls]).sort(), [
        ['caller_not_allowed', 60],
        ['dns_failure', 60],
      ]);
      assert.deepEqual(events.filter((event) => event.startsWith('opened')).sort(), [
        'opened caller_not_allowed',
        'opened dns_failure',
      ]);
    } finally {
      for (const database of databases) await database.close();
      await place.remove();
    }
  });
});
