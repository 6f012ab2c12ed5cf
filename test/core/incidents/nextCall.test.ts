import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { awaitsNextCall, foldConnected } from '../../../src/core/incidents/connected.ts';
import { removeCall } from '../../../src/core/incidents/failure.ts';
import { type AfterFix, type ClosedBecause, close } from '../../../src/core/incidents/incident.ts';
import { CONNECTED, incidentOf, MINUTE, NOT_ALLOWED, settled, T0 } from './failedCalls.ts';

const OPEN = incidentOf(settled('a', 0, NOT_ALLOWED));
const AT = T0 + 5 * MINUTE;
const closedBy = (because: ClosedBecause, afterFix?: AfterFix) => close(OPEN, because, AT, afterFix).incident;

describe('an incident waits for a call that confirms its end', () => {
  const passes: AfterFix = { state: 'recheck_passes', at: AT, asked: 1, next: [] };
  const probed: AfterFix = { state: 'probe_ok', at: AT, target: 'sip:lab.sip.livekit.cloud' };
  const connected: AfterFix = { state: 'next_call_connected', at: AT, id: 'z', callSid: 'z' };
  for (const [what, incident, wanted] of [
    ['after a re-check closed it', closedBy('recheck_passes', passes), true],
    ['after a probe closed it', closedBy('probe_ok', probed), true],
    ['not once a call connected', closedBy('recheck_passes', connected), false],
    ['not once a call connected after a probe', closedBy('probe_ok', connected), false],
    ['not after a long time without failures', closedBy('no_calls', passes), false],
    ['not after a call closed it', closedBy('next_call_connected', connected), false],
    ['not while it is open', { ...OPEN, afterFix: probed }, false],
  ] as const) {
    it(what, () => {
      assert.equal(awaitsNextCall(incident), wanted);
      const folded = foldConnected(incident, settled('z', 11, CONNECTED), 'same');
      assert.equal(folded?.incident.afterFix?.state, wanted || !incident.closed ? 'next_call_connected' : undefined);
    });
  }
});

describe('the last call of a closed incident, when later webhooks show another cause,', () => {
  it('leaves it closed as a mistake, at its time of closing', () => {
    const { incident, event } = removeCall(closedBy('no_calls'), { id: 'a', callSid: 'a' }, undefined, AT + MINUTE);
    assert.deepEqual([incident.closed, incident.calls, event], [{ at: AT, because: 'corrected' }, 0, undefined]);
  });
});
