import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foldByHand } from '../../../src/core/incidents/foldByHand.ts';
import { eraserOf } from '../../../src/core/receive/eraseNumber.ts';
import { forgetNumber } from '../../../src/store/forget.ts';
import { attempt, CONNECTED, MINUTE, NO_DNS, NOT_ALLOWED, T0 } from '../../core/incidents/failedCalls.ts';
import { DATABASES } from '../schema/databases.ts';
import { IncidentsOn } from './incidentsOn.ts';

const AT = T0 + 10 * MINUTE;

for (const kind of DATABASES) {
  describe(`a call that is put away, on ${kind.name}`, () => {
    const on = new IncidentsOn(kind);
    const all = () => on.incidents.list({ state: 'all', limit: 100 });
    const kinds = async () =>
      (await all()).map(({ cause, calls, closed }) => [cause, calls, closed?.because ?? 'open']);
    const only = async () => {
      const [incident, ...others] = await all();
      assert.ok(incident && others.length === 0);
      return incident;
    };

    it('no longer counts, and is kept with who and when', async () => {
      const [first, second] = [{ ...NO_DNS, response: { ...NO_DNS.response, status: 480 } }, NO_DNS];
      await on.save(attempt('a', 0, first as typeof NO_DNS), attempt('b', 1, second), attempt('c', 2, second));
      const { id } = await only();
      const folded = await on.incidents.putAway(id, 'c', 'Ann', AT);
      assert.equal(folded?.event, undefined);
      const incident = await only();
      assert.deepEqual(
        [incident.calls, incident.last.callSid, incident.status, incident.closed],
        [2, 'b', 503, undefined],
      );
      assert.deepEqual(incident.handling?.putAway, [{ callSid: 'c', by: 'Ann', at: AT }]);
      await on.incidents.putAway(id, 'b', undefined, AT);
      assert.deepEqual([(await only()).last.callSid, (await only()).status], ['a', 480]);
      await on.incidents.putAway(id, 'a', undefined, AT);
      assert.deepEqual(await kinds(), [['dns_failure', 0, 'put_away']]);
    });

    it('is each attempt that it has in the incident, by any of its legs', async () => {
      const leg = (callSid: string, minute: number) => ({ ...attempt(callSid, minute, NO_DNS), callId: 'a' });
      await on.save(leg('b', 0), leg('c', 1), attempt('z', 2, NO_DNS));
      const { id } = await only();
      await on.incidents.putAway(id, 'a', 'Ann', AT);
      const { calls, first, examples, handling } = await only();
      assert.deepEqual([calls, first.callSid, examples.map(({ callSid }) => callSid)], [1, 'z', ['z']]);
      assert.deepEqual(
        handling?.putAway?.map(({ callSid }) => callSid),
        ['a'],
      );
    });

    it('is none that the incident doesn’t have', async () => {
      await on.save(attempt('a', 0, NO_DNS), attempt('b', 0, NOT_ALLOWED), attempt('z', 0, CONNECTED));
      const before = await all();
      const { id } = before.find(({ cause }) => cause === 'dns_failure') ?? assert.fail();
      for (const callSid of ['b', 'z', 'nobody', '%', ''])
        assert.equal(await on.incidents.putAway(id, callSid, 'Ann', AT), undefined, callSid);
      assert.equal(await on.incidents.putAway('none', 'a', 'Ann', AT), undefined);
      assert.deepEqual(await all(), before);
      assert.ok(await on.incidents.putAway(id, 'a', 'Ann', AT));
      assert.equal(await on.incidents.putAway(id, 'a', 'Ann', AT), undefined, 'a second time');
    });

    it('never comes back, whatever webhooks say of it later', async () => {
      await on.save(attempt('a', 0, NO_DNS));
      const { id } = await only();
      await on.incidents.putAway(id, 'a', 'Ann', AT);
      const put = await kinds();
      for (const record of [NO_DNS, { ...NO_DNS, summary: 'more is known' }, NOT_ALLOWED, CONNECTED, NO_DNS]) {
        const { transitions } = await on.save(attempt('a', 20, record));
        assert.deepEqual([transitions, await kinds()], [[], put]);
      }
      // A leg that was dialled again, and one in place of the first.
      const again = { ...attempt('b', 21, NO_DNS), callId: 'a' };
      assert.deepEqual(
        [(await on.save(again, attempt('c', 21, NO_DNS, 21, 'a'))).transitions, await kinds()],
        [[], put],
      );
      // Another call counts.
      assert.deepEqual(
        (await on.save(attempt('z', 22, NO_DNS))).transitions.map(({ event }) => event),
        ['opened'],
      );
    });

    it('closes with a notification if it was the last one, and a muted incident with none', async () => {
      on.incidents.notices.endpoints = ['one'];
      await on.save(attempt('a', 0, NO_DNS), attempt('b', 0, NOT_ALLOWED));
      const told = async () => {
        const events: string[] = [];
        for (;;) {
          const notice = await on.incidents.notices.claim(AT + MINUTE, 1);
          if (!notice) return events.toSorted();
          events.push(`${notice.event} ${notice.incident.cause}`);
          await on.incidents.notices.remove(notice.id);
        }
      };
      assert.deepEqual(await told(), ['opened caller_not_allowed', 'opened dns_failure']);
      for (const { id, cause } of await all()) {
        if (cause === 'dns_failure')
          await on.incidents.change(id, AT, (incident) => {
            const folded = foldByHand(incident, { kind: 'mute', until: AT + 5 * MINUTE }, AT);
            return folded.ok ? folded : undefined;
          });
        await on.incidents.putAway(id, cause === 'dns_failure' ? 'a' : 'b', 'Ann', AT);
      }
      assert.deepEqual(await told(), ['closed caller_not_allowed']);
    });

    it('has no number in its notes once that is forgotten', async () => {
      await on.save(attempt('a', 0, NO_DNS));
      const { id } = await only();
      await on.incidents.change(id, AT, (incident) => {
        const action = { kind: 'note', by: '+49 151 987654', text: 'call 0049151-987654 back' } as const;
        const folded = foldByHand(incident, action, AT);
        return folded.ok ? folded : undefined;
      });
      const erase = eraserOf('+49151987654');
      assert.ok(erase);
      assert.deepEqual(await forgetNumber(on.database, erase, false), { incidents: 1 });
      assert.deepEqual((await only()).handling?.notes, [{ at: AT, by: 'erased', text: 'call erased back' }]);
    });
  });
}
