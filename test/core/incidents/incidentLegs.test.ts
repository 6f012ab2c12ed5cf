import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { removeCall, showLeg } from '../../../src/core/incidents/failure.ts';
import { type Incident, isSameAttempt } from '../../../src/core/incidents/incident.ts';
import { fail, incidentOf, NO_DNS, settled, T0 } from './failedCalls.ts';

/** The attempt `a`, once it is known which leg was dialled. */
const DIALLED = { ...settled('b', 1, NO_DNS, { to: 'sip:100@pbx.example.com' }), id: 'a' };

const sids = (incident: Incident) => ({
  first: incident.first.callSid,
  last: incident.last.callSid,
  examples: incident.examples.map(({ callSid }) => callSid),
  questions: incident.questions.map(({ callSid, to }) => `${callSid} to ${to}`),
});

describe('an incident', () => {
  const incident = incidentOf(settled('a', 0, NO_DNS), settled('z', 5, NO_DNS, { to: 'sip:200@pbx.example.com' }));

  it('shows an attempt with the leg that it is now, and counts it once', () => {
    const shown = showLeg(incident, DIALLED);
    assert.deepEqual(sids(shown), {
      first: 'b',
      last: 'z',
      examples: ['b', 'z'],
      questions: ['z to sip:200@pbx.example.com', 'b to sip:100@pbx.example.com'],
    });
    assert.deepEqual([shown.first.at, shown.calls], [DIALLED.startedAt, 2]);
  });

  it('stays as it is where it shows that leg already, or another attempt', () => {
    const shown = showLeg(incident, DIALLED);
    assert.equal(showLeg(shown, DIALLED), shown);
    assert.equal(showLeg(incident, settled('y', 1, NO_DNS)), incident);
  });

  it('loses an attempt under whichever leg it is known', () => {
    const left = removeCall(incident, DIALLED, { calls: 1, first: incident.last, last: incident.last }, T0).incident;
    assert.deepEqual(sids(left), {
      first: 'z',
      last: 'z',
      examples: ['z'],
      questions: ['z to sip:200@pbx.example.com'],
    });
  });

  it('names the leg of the call that failed after a fix', () => {
    const probed: Incident = { ...incident, afterFix: { state: 'probe_ok', at: T0, target: 'sip:x' } };
    const failed = fail(probed, settled('c', 6, NO_DNS)).incident;
    const shown = showLeg(failed, { ...settled('d', 7, NO_DNS), id: 'c' });
    assert.deepEqual(shown.afterFix, { state: 'next_call_failed', id: 'c', callSid: 'd', at: T0 + 7 * 60_000 });
  });
});

it('attempts of older incidents, which have their leg’s call_sid for an id, are known by their leg', () => {
  assert.ok(isSameAttempt({ id: 'b', callSid: 'b' }, { id: 'a', callSid: 'b' }));
  assert.ok(isSameAttempt({ id: 'a', callSid: 'a' }, { id: 'a', callSid: 'b' }));
  assert.ok(!isSameAttempt({ id: 'c', callSid: 'c' }, { id: 'a', callSid: 'b' }));
});
