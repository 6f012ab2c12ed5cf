import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { incidentJson, incidentText } from '../../../src/core/explain/incidentJson.ts';
import type { Incident } from '../../../src/core/incidents/incident.ts';
import { closeIfQuiet } from '../../../src/core/incidents/incident.ts';
import { causesUnder, recheck, weighAgain } from '../../../src/core/incidents/recheck.ts';
import { FITTING, rule, trunk } from '../scenario.ts';
import { difference } from '../trunks/differenceOf.ts';
import {
  CONNECTED,
  connect,
  incidentOf,
  type LiveKit,
  MINUTE,
  NO_AGENT,
  NOT_ALLOWED,
  OTHERS_ONLY,
  SITE,
  settled,
  snapshotOf,
  T0,
} from './failedCalls.ts';

const { dispatch_rules } = FITTING;

describe('a new configuration', () => {
  const before = snapshotOf(OTHERS_ONLY);
  const read = (livekit: LiveKit, minute: number) => {
    const snapshot = snapshotOf(livekit);
    return { snapshot, firstSeenAt: T0 + minute * MINUTE, changes: difference(before, snapshot) };
  };
  const incident = incidentOf(settled('a', 0, NOT_ALLOWED), settled('b', 1, NOT_ALLOWED, { from: '+15550124' }));
  const now = T0 + 10 * MINUTE;

  it('closes an incident whose calls it admits, and the next call shows that it worked', () => {
    const folded = recheck(incident, SITE, read(FITTING, 5), now);
    assert.equal(folded?.event, 'closed');
    assert.deepEqual(folded?.incident.closed, { at: now, because: 'recheck_passes' });
    assert.deepEqual(folded?.incident.afterFix, { state: 'recheck_passes', at: now, asked: 2, next: [] });
    const next = connect(folded?.incident ?? incident, OTHERS_ONLY, settled('z', 11, CONNECTED));
    assert.equal(next?.event, undefined);
    assert.equal(next?.incident.afterFix?.state, 'next_call_connected');
  });
  it('is weighed for each call in a step of its own, and not if it was there when the calls failed', () => {
    const steps = (minute: number) => {
      const configuration = read(FITTING, minute);
      return [...weighAgain(incident, configuration, causesUnder(SITE, configuration.snapshot))].length;
    };
    assert.deepEqual([steps(5), steps(0.5)], [2, 0]);
  });
  it('closes an incident of a single call', () => {
    const folded = recheck(incidentOf(settled('a', 0, NOT_ALLOWED)), SITE, read(FITTING, 5), now);
    assert.deepEqual(folded?.incident.afterFix, { state: 'recheck_passes', at: now, asked: 1, next: [] });
    assert.equal(folded?.event, 'closed');
  });
  it('leaves it open where one of the calls would still fail', () => {
    const folded = recheck(
      incident,
      SITE,
      read({ inbound_trunks: [trunk({ allowed_numbers: ['+15550123'] })], dispatch_rules }, 5),
      now,
    );
    assert.equal(folded?.event, undefined);
    assert.deepEqual(folded?.incident.afterFix, { state: 'recheck_fails', at: T0 + 5 * MINUTE, asked: 2, failing: 1 });
    assert.equal(
      recheck(folded?.incident ?? incident, SITE, read(OTHERS_ONLY, 5), now + MINUTE),
      undefined,
      'said once',
    );
  });
  it('closes it where the cause is gone, and names what would stop the calls next', () => {
    const folded = recheck(incident, SITE, read({ inbound_trunks: [trunk()], dispatch_rules: [] }, 5), now);
    assert.equal(folded?.event, 'closed');
    const { after_fix } = incidentJson(folded?.incident ?? incident, undefined, now);
    assert.match(after_fix?.text ?? '', /caller_not_allowed is gone, but no_dispatch_rule would now stop the call/);
  });
  it('says nothing where it was there when the calls failed', () => {
    assert.equal(recheck(incident, SITE, read(FITTING, 0.5), now), undefined);
  });
  it('says nothing where something else changed in it', () => {
    const elsewhere = {
      ...OTHERS_ONLY,
      inbound_trunks: [...OTHERS_ONLY.inbound_trunks],
      dispatch_rules: [...dispatch_rules, rule({ sip_dispatch_rule_id: 'SDR_9', trunk_ids: ['ST_9'] })],
    };
    assert.equal(recheck(incident, SITE, read(elsewhere, 5), now), undefined);
  });
  it('does nothing if another trunk changed, and re-checks if a trunk was added', () => {
    const other = (fields: object) => trunk({ sip_trunk_id: 'ST_9', numbers: ['+15550999'], ...fields });
    const withOther = (fields: object) => ({
      ...OTHERS_ONLY,
      inbound_trunks: [...OTHERS_ONLY.inbound_trunks, other(fields)],
    });
    const changes = difference(snapshotOf(withOther({})), snapshotOf(withOther({ name: 'other' })));
    assert.deepEqual(
      changes.map(({ id, change }) => [id, change]),
      [['ST_9', 'changed']],
    );
    const changed = { snapshot: snapshotOf(withOther({ name: 'other' })), firstSeenAt: T0 + 5 * MINUTE, changes };
    assert.equal(recheck(incident, SITE, changed, now), undefined);
    assert.equal(recheck(incident, SITE, read(withOther({}), 5), now)?.incident.afterFix?.state, 'recheck_fails');
  });
  it('concerns an incident if one of several changes does', () => {
    const own = read(OTHERS_ONLY, 5).changes;
    assert.deepEqual(own, []);
    const barred = read({ inbound_trunks: [trunk({ allowed_numbers: ['+15550998'] })], dispatch_rules }, 5);
    const elsewhere = { kind: 'trunk', id: 'ST_9', change: 'changed', field: 'name', text: 'name of ST_9' } as const;
    for (const changes of [
      [elsewhere, ...barred.changes],
      [...barred.changes, elsewhere],
    ]) {
      assert.equal(recheck(incident, SITE, { ...barred, changes }, now)?.incident.afterFix?.state, 'recheck_fails');
    }
    assert.equal(recheck(incident, SITE, { ...barred, changes: [elsewhere] }, now), undefined);
  });
  it('concerns an incident if a rule of its trunk changed, or any was removed, and not if another changed or came', () => {
    const barred = read({ inbound_trunks: [trunk({ allowed_numbers: ['+15550998'] })], dispatch_rules }, 5);
    const state = (id: string, change: 'added' | 'changed' | 'removed') =>
      recheck(incident, SITE, { ...barred, changes: [{ kind: 'rule', id, change, text: '' }] }, now)?.incident.afterFix
        ?.state;
    assert.deepEqual([state('SDR_1', 'changed'), state('SDR_9', 'removed')], ['recheck_fails', 'recheck_fails']);
    assert.deepEqual([state('SDR_9', 'changed'), state('SDR_9', 'added')], [undefined, undefined]);
  });
  it('is reported again only if it is later than the one that was reported', () => {
    const afterFix = (minute: number) => ({ state: 'configuration_changed' as const, at: T0 + minute * MINUTE });
    const barred = read({ inbound_trunks: [trunk({ allowed_numbers: ['+15550998'] })], dispatch_rules }, 5);
    const again = (minute: number) => recheck({ ...incident, afterFix: afterFix(minute) }, SITE, barred, now);
    assert.equal(again(4.9)?.incident.afterFix?.state, 'recheck_fails');
    assert.deepEqual([again(5), again(6)], [undefined, undefined]);
  });
  it('says nothing at the very time of the last failure', () => {
    assert.equal(recheck(incident, SITE, read(FITTING, 1), now), undefined);
    assert.ok(recheck(incident, SITE, read(FITTING, 1.01), now));
  });
  it('is no fix where it is the change that the failures followed', () => {
    const change = { at: T0 + 5 * MINUTE } as NonNullable<Incident['change']>;
    assert.equal(
      recheck(
        { ...incident, change },
        SITE,
        read({ ...OTHERS_ONLY, inbound_trunks: [trunk({ allowed_numbers: ['+15550998'] })] }, 5),
        now,
      ),
      undefined,
    );
  });
  it('is all that can be said where it does not show the cause', () => {
    const agent = incidentOf(settled('a', 0, NO_AGENT));
    const folded = recheck(agent, SITE, read(FITTING, 5), now);
    assert.equal(folded?.event, undefined);
    assert.equal(folded?.incident.afterFix?.state, 'configuration_changed');
  });
});

describe('time alone', () => {
  const incident = incidentOf(settled('a', 0, NOT_ALLOWED));
  const day = 24 * 60;

  it('makes an incident quiet, and leaves it open', () => {
    assert.equal(incidentJson(incident, undefined, T0 + 60 * MINUTE - 1).quiet_since, null);
    assert.notEqual(incidentJson(incident, undefined, T0 + 60 * MINUTE).quiet_since, null);
    const { state, quiet_since, summary } = incidentJson(incident, 'Jambonz', T0 + 6 * day * MINUTE);
    assert.deepEqual([state, quiet_since], ['open', new Date(T0).toISOString()]);
    assert.match(summary, /nothing shows that the cause is gone/);
    assert.equal(closeIfQuiet(incident, T0 + 6.9 * day * MINUTE), undefined);
  });
  it('puts it away after a week, and says that nothing was proven', () => {
    const folded = closeIfQuiet(incident, T0 + 7 * day * MINUTE);
    assert.equal(folded?.incident.closed?.because, 'no_calls');
    assert.match(
      incidentJson(folded?.incident ?? incident, undefined, T0).summary,
      /nothing shows that the cause is gone/,
    );
  });
});

it('an incident is told in a few lines', () => {
  const incident = incidentOf(settled('a', 0, NOT_ALLOWED), settled('b', 1, NOT_ALLOWED, { from: '+15550124' }));
  assert.equal(
    incidentText(incidentJson(incident, 'first', T0 + 2 * MINUTE), 'opened'),
    [
      'Calls are failing: caller_not_allowed on trunk ST_1 "first": the caller isn’t in the trunk’s allowed_numbers. 2 calls from 2 callers, 2026-11-22T22:40:00.000Z to 2026-11-22T22:41:00.000Z.',
      'Owner: LiveKit config.',
      'Fix (proven): Add +15550123 to allowed_numbers of ST_1 "first".',
      'Example: call_sid b',
    ].join('\n'),
  );
});
