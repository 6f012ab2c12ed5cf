import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AttemptRecord } from '../../../src/core/diagnose/record.ts';
import { bearingOf, dropsCalls } from '../../../src/core/incidents/connected.ts';
import { failedAt, foldFailure, isFailure, type SettledCall } from '../../../src/core/incidents/failure.ts';
import { recordOnly, webhooksOf } from '../scenario.ts';

const T0 = 1_795_387_200_000;
const HOUR = 3_600_000;
const FAILED = recordOnly(webhooksOf({ response: [503, 'Try again later', 200] }));
const DROPPED: AttemptRecord = {
  ...FAILED,
  outcome: 'dropped',
  confidence: 'certain',
  cause: 'agent_left_caller',
  party: 'agent',
  end: { by: 'caller', seconds: 3_600, precise: true, leftBefore: false, callerStayed: false },
};
const call = (record: AttemptRecord, startedAt = T0): SettledCall => ({ id: 'a', callSid: 'b', startedAt, record });

describe('a call that was answered and then dropped', () => {
  it('is a failure', () => {
    assert.equal(isFailure(call(DROPPED)), true);
    assert.equal(isFailure(call({ ...DROPPED, outcome: 'connected', cause: undefined, party: undefined })), false);
  });

  it('failed at its end, and any other at its start', () => {
    const { end: _, ...withoutEnd } = DROPPED;
    assert.equal(failedAt(call(DROPPED)), T0 + HOUR);
    assert.equal(failedAt(call(withoutEnd)), T0);
    assert.equal(failedAt(call(FAILED)), T0);
  });

  it('reopens an incident that closed during the call', () => {
    const dropped = call(DROPPED);
    assert.ok(isFailure(dropped));
    const { incident } = foldFailure(undefined, dropped, T0 + HOUR, 'i');
    assert.deepEqual([incident.first.at, incident.last.at], [T0 + HOUR, T0 + HOUR]);
    const closed = { ...incident, closed: { at: T0 + HOUR + 60_000, because: 'no_calls' as const } };
    const next = { ...dropped, id: 'c', callSid: 'd', startedAt: T0 + 60_001 };
    assert.equal(foldFailure(closed, next, T0 + HOUR + 120_000, 'j').event, 'reopened');
    assert.equal(foldFailure(closed, { ...next, startedAt: T0 + 60_000 }, T0 + HOUR + 120_000, 'j').event, undefined);
  });
});

describe('a call that connected', () => {
  const TRANSFER = { ...DROPPED, outcome: 'connected', cause: 'transfer_failed', party: 'jambonz' } as const;
  it('is a failure if somebody is to blame for what failed during it, more than possibly', () => {
    assert.equal(isFailure(call(TRANSFER)), true);
    assert.equal(isFailure(call({ ...TRANSFER, party: 'nobody' })), false);
    assert.equal(isFailure(call({ ...TRANSFER, confidence: 'possible' })), false);
  });
  it('gives its incident the owner of the latest call', () => {
    const byCarrier = call({ ...TRANSFER, party: 'carrier' });
    const byJambonz = { ...call(TRANSFER, T0 + 1), id: 'c', callSid: 'd' };
    assert.ok(isFailure(byCarrier) && isFailure(byJambonz));
    const { incident } = foldFailure(undefined, byCarrier, T0 + HOUR, 'i');
    assert.equal(foldFailure(incident, byJambonz, T0 + HOUR, 'i').incident.party, 'jambonz');
    assert.equal(foldFailure(incident, { ...byJambonz, startedAt: T0 - 1 }, T0 + HOUR, 'i').incident.party, 'carrier');
  });
});

describe('an incident', () => {
  const of = (record: AttemptRecord) => {
    const failed = call(record);
    assert.ok(isFailure(failed));
    return foldFailure(undefined, failed, T0, 'i').incident;
  };
  it('drops calls if its cause comes after the answer', () => assert.equal(dropsCalls(of(DROPPED)), true));
  it('does not if its cause stops calls before that', () => assert.equal(dropsCalls(of(FAILED)), false));
  it('is not over because a call was answered that the same cause then dropped', () => {
    const route = { trunk: 'ST_1', party: 'agent' } as const;
    const incident = of({ ...FAILED, ...route, cause: 'agent_not_joined' });
    const dropped = call({ ...DROPPED, ...route, cause: 'agent_not_joined' }, T0 + HOUR);
    assert.equal(bearingOf(incident, dropped, assert.fail), 'none');
    const otherwise = call({ ...DROPPED, ...route }, T0 + HOUR);
    assert.equal(bearingOf(incident, otherwise, assert.fail), 'alike');
  });
});
