import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Notice } from '../../../src/store/incidents/notices.ts';
import { attempt, MINUTE, NO_DNS, NOT_ALLOWED, T0 } from '../../core/incidents/failedCalls.ts';
import { DATABASES } from '../schema/databases.ts';
import { IncidentsOn } from './incidentsOn.ts';

for (const kind of DATABASES) {
  describe(`what is to be told of incidents, on ${kind.name}`, () => {
    const on = new IncidentsOn(kind);

    it('is told to each endpoint once, however many ask for it', async () => {
      const endpoints = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      on.incidents.notices.endpoints = endpoints;
      await on.save(attempt('a', 0, NOT_ALLOWED));
      const at = T0 + MINUTE;
      // Of those that ask at once for the same one, all but one get nothing and ask again later.
      const claimed: Notice[] = [];
      for (let round = 0; round < 8; round += 1) {
        const claims = await Promise.all(endpoints.map(() => on.incidents.notices.claim(at, 1_000)));
        claimed.push(...claims.flatMap((notice) => notice ?? []));
      }
      assert.deepEqual(
        claimed.map(({ endpoint, event, tries }) => `${endpoint} ${event} ${tries}`).sort(),
        endpoints.map((endpoint) => `${endpoint} opened 1`),
      );
      assert.equal(await on.incidents.notices.claim(at + 999, 1_000), undefined);
      const [second, ...rest] = claimed;
      assert.ok(second);
      for (const { id } of rest) await on.incidents.notices.remove(id);
      await on.incidents.notices.postpone(second.id, at + 5_000);
      assert.equal(await on.incidents.notices.claim(at + 4_999, 1_000), undefined);
      const again = await on.incidents.notices.claim(at + 5_000, 1_000);
      assert.deepEqual([again?.id, again?.tries, again?.incident.cause], [second.id, 2, 'caller_not_allowed']);
      // Whoever had it died: after its lease another takes it.
      assert.equal((await on.incidents.notices.claim(at + 6_000, 1_000))?.id, second.id);
    });

    it('is kept up to a bounded number, the latest of it', async () => {
      on.incidents.notices.endpoints = ['one'];
      await on.save(...[1, 2, 3].map((i) => attempt(`a${i}`, i, { ...NO_DNS, trunk: `ST_${i}` })));
      await on.save(attempt('a4', 9, { ...NO_DNS, trunk: 'ST_4' }));
      assert.equal(await on.incidents.notices.dropBeyond(1, 0), 3);
      assert.equal((await on.incidents.notices.claim(T0 + 60 * MINUTE, 1))?.incident.trunk, 'ST_4');
    });
  });
}
