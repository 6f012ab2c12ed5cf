import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginRate, countIn, isFailure, removeCall } from '../../../src/core/incidents/failure.ts';
import { close, type Incident } from '../../../src/core/incidents/incident.ts';
import { everySecond, FITTING, trunk } from '../scenario.ts';
import { CONNECTS, DROPPED, fail, incidentOf, MINUTE, recordDial, settled, T0 } from './failedCalls.ts';

const OTHER_ADDRESS = {
  inbound_trunks: [trunk({ allowed_addresses: ['198.51.100.7'] })],
  dispatch_rules: FITTING.dispatch_rules,
};
const REFUSED = recordDial(DROPPED, { livekit: OTHER_ADDRESS });
const ABANDONED = recordDial({ ringing: everySecond(100, 4_100), callerHungUpAt: 5_000 });

describe('a failed call', () => {
  it('opens an incident of its cause and trunk', () => {
    const { incident, event } = fail(undefined, settled('a', 0, REFUSED));
    assert.equal(event, 'opened');
    assert.equal(incident.version, 1);
    assert.deepEqual(
      [incident.cause, incident.party, incident.trunk, incident.calls, incident.closed],
      ['source_address_not_allowed', 'livekit_config', 'ST_1', 1, undefined],
    );
    assert.deepEqual(
      [incident.first, incident.last],
      [
        { id: 'a', callSid: 'a', at: T0 },
        { id: 'a', callSid: 'a', at: T0 },
      ],
    );
    assert.match(incident.fix?.action ?? '', /^Add 192\.0\.2\.10 to allowed_addresses of ST_1 "first"\. /);
    assert.equal(incident.fix?.proof, 'connects');
    assert.equal(incident.questions[0]?.isShown, true);
  });

  it('has the fix of its own cause, preferably a proven one', () => {
    const cause = 'source_address_not_allowed';
    const fix = (action: string, proof?: string, of: string = cause) => ({
      cause: of,
      action,
      pastes: [],
      ...(proof && { proof }),
    });
    const chosen = (...fixes: object[]) => fail(undefined, settled('a', 0, REFUSED, { fixes })).incident.fix?.action;
    const [other, plain] = [fix('other', 'connects', 'auth_missing'), fix('plain')];
    const [so, proven] = [fix('as far as known', 'connects_as_far_as_known'), fix('proven', 'connects')];
    assert.equal(chosen(other, plain, so, proven), 'proven');
    assert.equal(chosen(other, plain, so), 'as far as known');
    assert.equal(chosen(other, plain), 'plain');
    assert.equal(chosen(other), undefined);
    const deletion = { ...fix('deletion', 'connects'), change: { kind: 'delete_trunk', sip_trunk_id: 'ST_1' } };
    assert.equal(chosen(plain, deletion), 'plain');
    assert.equal(chosen(deletion), 'deletion');
  });

  it('is asked again as one that the configuration explains only if that is its own evidence', () => {
    const shown = (...evidence: object[]) =>
      fail(undefined, settled('a', 0, REFUSED, { evidence })).incident.questions[0]?.isShown;
    const [own, other] = ['source_address_not_allowed', 'auth_missing'];
    assert.equal(shown({ cause: own, source: 'jambonz' }, { cause: own, source: 'match' }), true);
    assert.equal(shown({ cause: own, source: 'jambonz' }, { cause: other, source: 'match' }), false);
  });

  it('is counted in the open one, with the first and the latest calls as examples', () => {
    const calls = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((sid, i) =>
      settled(sid, i, REFUSED, { from: `+1555012${i % 3}` }),
    );
    const [first = assert.fail(), ...more] = calls;
    const incident = incidentOf(first, ...more);
    assert.equal(incident.calls, 7);
    assert.deepEqual(
      incident.examples.map(({ callSid }) => callSid),
      ['a', 'd', 'e', 'f', 'g'],
    );
    assert.deepEqual([incident.first.callSid, incident.last.callSid], ['a', 'g']);
    assert.deepEqual(
      incident.questions.map(({ callSid }) => callSid),
      ['a', 'b', 'c'],
    );
  });

  it('that began earlier but was settled later moves the first call back', () => {
    const incident = incidentOf(settled('b', 5, REFUSED), settled('a', 1, REFUSED));
    assert.deepEqual([incident.first.callSid, incident.last.callSid], ['a', 'b']);
  });

  const outcomes: [string, object, boolean][] = [
    ['failed by a cause', REFUSED, true],
    [
      'failed for no known reason',
      recordDial({ response: [500, 'Strange', 300] }, { livekit: undefined as never }),
      true,
    ],
    ['connected', recordDial(CONNECTS), false],
    ['abandoned by the caller', ABANDONED, false],
    ['was dropped for a likely cause', { ...REFUSED, outcome: 'dropped', confidence: 'likely' }, true],
    [
      'was dropped for a cause that is only possible',
      { ...REFUSED, outcome: 'dropped', confidence: 'possible' },
      false,
    ],
    ['failed by a cause that is only possible', { ...REFUSED, confidence: 'possible' }, true],
  ];
  for (const [what, record, expected] of outcomes) {
    it(`${expected ? 'belongs' : 'does not belong'} to an incident where it ${what}`, () => {
      assert.equal(isFailure(settled('a', 0, record as typeof REFUSED)), expected);
    });
  }
});

describe('after an incident was closed', () => {
  const open = incidentOf(settled('a', 0, REFUSED));
  const closed = close(open, 'recheck_passes', T0 + 10 * MINUTE, {
    state: 'recheck_passes',
    at: T0 + 10 * MINUTE,
    asked: 1,
    next: [],
  }).incident;

  it('a call from before the closing joins it, and it stays closed', () => {
    const { incident, event } = fail(closed, settled('b', 9, REFUSED), T0 + 12 * MINUTE);
    assert.equal(event, undefined);
    assert.equal(incident.calls, 2);
    assert.equal(incident.closed?.because, 'recheck_passes');
    assert.equal(incident.afterFix?.state, 'recheck_passes');
  });

  it('a failure within an hour opens it again, and says that the fix did not work', () => {
    const { incident, event } = fail(closed, settled('b', 69, REFUSED));
    assert.equal(event, 'reopened');
    assert.equal(incident.id, 'of a');
    assert.equal(incident.closed, undefined);
    assert.deepEqual(incident.afterFix, { state: 'next_call_failed', at: T0 + 69 * MINUTE, id: 'b', callSid: 'b' });
  });

  it('a failure after more than an hour opens a new one', () => {
    const { incident, event } = fail(closed, settled('b', 71, REFUSED));
    assert.equal(event, 'opened');
    assert.equal(incident.id, 'of b');
    assert.equal(incident.afterFix, undefined);
  });

  it('as a mistake it is never opened again', () => {
    const corrected = removeCall(open, { id: 'a', callSid: 'a' }, undefined, T0 + MINUTE).incident;
    assert.equal(fail(corrected, settled('b', 2, REFUSED)).incident.id, 'of b');
  });
});

describe('an incident worsens', () => {
  /** The events of calls that fail at these minutes, as the number of the call and what it brought about. */
  function eventsOf(minutes: readonly number[]): string[] {
    let incident: Incident | undefined;
    return minutes.flatMap((minute, i) => {
      const folded = fail(incident, settled(`c${i + 1}`, minute, REFUSED));
      incident = folded.incident;
      return folded.event ? [`${i + 1} ${folded.event}`] : [];
    });
  }
  const times = (minute: number, count: number) => Array.from({ length: count }, () => minute);

  it('by its 10th, 100th and 1,000th call', () => {
    assert.deepEqual(eventsOf(times(0, 1_001)), ['1 opened', '10 worsened', '100 worsened', '1000 worsened']);
  });
  it('when ten minutes hold three times as many calls as any before, once', () => {
    const minutes = [...times(0, 6), ...times(15, 6), ...times(25, 30)];
    assert.deepEqual(eventsOf(minutes), ['1 opened', '10 worsened', '30 worsened']);
  });
  it('again when ten later minutes hold three times as many as those', () => {
    const steady = Array.from({ length: 11 }, (_, i) => times(10 * i, 10)).flat();
    const minutes = [...steady, ...times(115, 30), ...times(125, 90)];
    assert.deepEqual(eventsOf(minutes), ['1 opened', '10 worsened', '100 worsened', '140 worsened', '230 worsened']);
  });
  it('not by a few calls, though they are three times as many', () => {
    assert.deepEqual(eventsOf([0, 15, 15, 15, 15, 15]), ['1 opened']);
  });
  it('not by less than three times as many', () => {
    assert.deepEqual(eventsOf([...times(0, 10), ...times(15, 29)]), ['1 opened', '10 worsened']);
    assert.deepEqual(eventsOf([...times(0, 10), ...times(15, 30)]), ['1 opened', '10 worsened', '40 worsened']);
  });
  it('not while the rate stays', () => {
    assert.deepEqual(eventsOf([0, 10, 20, 30, 40, 50].flatMap((minute) => times(minute, 9))), [
      '1 opened',
      '10 worsened',
    ]);
  });
});

describe('a call of which later webhooks show another cause', () => {
  const A = { id: 'a', callSid: 'a' };
  const incident = incidentOf(settled('a', 0, REFUSED), settled('b', 1, REFUSED, { from: '+15550124' }));

  it('is taken out', () => {
    const b = { id: 'b', callSid: 'b', at: 1 };
    const { incident: left, event } = removeCall(incident, A, { calls: 1, first: b, last: b }, T0);
    assert.equal(event, undefined);
    const examples = [{ id: 'b', callSid: 'b' }];
    assert.deepEqual([left.calls, left.first.callSid, left.examples, left.closed], [1, 'b', examples, undefined]);
    assert.deepEqual(
      left.questions.map(({ callSid }) => callSid),
      ['b'],
    );
  });
  it('as the last one closes the incident', () => {
    const { incident: left, event } = removeCall(incident, A, undefined, T0 + MINUTE);
    assert.equal(event, 'closed');
    assert.deepEqual(left.closed, { at: T0 + MINUTE, because: 'corrected' });
    assert.equal(left.calls, 0);
  });
});

describe('the rate of an incident', () => {
  const TEN_MINUTES = 10 * MINUTE;
  const began = beginRate(T0);
  it('counts calls of the same ten minutes together', () => {
    assert.equal(countIn(began, T0 + TEN_MINUTES - 1).calls, 2);
  });
  it('begins anew with the next ten minutes, and keeps the most so far', () => {
    const { calls, peak } = countIn(countIn(began, T0), T0 + TEN_MINUTES);
    assert.deepEqual([calls, peak], [1, 2]);
  });
});
