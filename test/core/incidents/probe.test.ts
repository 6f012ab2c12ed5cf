import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Incident } from '../../../src/core/incidents/incident.ts';
import { foldProbe } from '../../../src/core/incidents/probed.ts';
import { fail, incidentOf, MINUTE, NO_DNS, NOT_ALLOWED, settled, T0 } from './failedCalls.ts';

const TARGET = 'sip:lab.sip.livekit.cloud;transport=tcp';
const FAILED = incidentOf(settled('a', 0, NO_DNS));

/** What probes make of an incident, each so many milliseconds after its last call; `undefined` for nothing new. */
function fold(incident: Incident, ...probes: readonly (readonly [afterMs: number, reachable: boolean])[]) {
  let latest = incident;
  let folded: ReturnType<typeof foldProbe>;
  for (const [afterMs, reachable] of probes) {
    folded = foldProbe(latest, { target: TARGET, reachable, at: incident.last.at + afterMs });
    latest = folded?.incident ?? latest;
  }
  return folded && { event: folded.event, ...folded.incident };
}

describe('a probe', () => {
  it('that fails as the calls do is noted, once', () => {
    assert.deepEqual(fold(FAILED, [MINUTE, false])?.probe, { failedAt: T0 + MINUTE, successes: 0 });
    assert.equal(fold(FAILED, [MINUTE, false], [2 * MINUTE, false]), undefined);
  });

  it('closes an incident with its second success, five minutes after the last call', () => {
    const closed = fold(FAILED, [MINUTE, false], [2 * MINUTE, true], [5 * MINUTE, true]);
    assert.deepEqual(closed?.closed, { at: T0 + 5 * MINUTE, because: 'probe_ok' });
    assert.equal(closed?.event, 'closed');
    const tooSoon = fold(FAILED, [MINUTE, false], [2 * MINUTE, true], [5 * MINUTE - 1, true]);
    assert.equal(tooSoon?.closed, undefined);
    assert.equal(tooSoon?.probe?.successes, 2);
  });

  it('closes none with its first success, however late', () => {
    const folded = fold(FAILED, [MINUTE, false], [60 * MINUTE, true]);
    assert.equal(folded?.closed, undefined);
    assert.deepEqual(folded?.afterFix, { state: 'probe_ok', at: T0 + 60 * MINUTE, target: TARGET });
  });

  it('closes it with a later success where the second came too soon, and is quiet until then', () => {
    const soon = [
      [MINUTE, false],
      [2 * MINUTE, true],
      [3 * MINUTE, true],
    ] as const;
    assert.equal(fold(FAILED, ...soon, [4 * MINUTE, true]), undefined);
    assert.equal(fold(FAILED, ...soon, [6 * MINUTE, true])?.event, 'closed');
  });

  it('begins to count anew where it fails in between', () => {
    const again = [
      [MINUTE, false],
      [2 * MINUTE, true],
      [3 * MINUTE, false],
    ] as const;
    assert.deepEqual(fold(FAILED, ...again)?.probe, { failedAt: T0 + 3 * MINUTE, successes: 0 });
    assert.equal(fold(FAILED, ...again, [9 * MINUTE, true])?.closed, undefined);
  });

  it('that never saw the trouble closes nothing, and says once that it succeeds', () => {
    const folded = fold(FAILED, [MINUTE, true]);
    assert.equal(folded?.closed, undefined);
    assert.equal(folded?.afterFix?.state, 'probe_ok');
    assert.equal(fold(FAILED, [MINUTE, true], [2 * MINUTE, true]), undefined);
    assert.equal(fold(FAILED, [MINUTE, true], [9 * MINUTE, true]), undefined);
  });

  it('says nothing of a call that failed after it saw the trouble, until it sees it again', () => {
    const noted = fold(FAILED, [MINUTE, false], [2 * MINUTE, true]);
    assert.ok(noted);
    const { event: _, ...incident } = noted;
    const failedAgain = fail(incident, settled('b', 3, NO_DNS)).incident;
    assert.equal(failedAgain.afterFix?.state, 'next_call_failed');
    assert.equal(fold(failedAgain, [9 * MINUTE, true]), undefined);
    assert.equal(fold(failedAgain, [MINUTE, false], [2 * MINUTE, true], [9 * MINUTE, true])?.event, 'closed');
  });

  it('counts if one of the failed calls was to its host', () => {
    const other = { to: 'sip:+15550100@other.sip.livekit.cloud' };
    for (const incident of [
      incidentOf(settled('a', 0, NO_DNS, other), settled('b', 0, NO_DNS)),
      incidentOf(settled('a', 0, NO_DNS), settled('b', 0, NO_DNS, other)),
    ]) {
      assert.ok(fold(incident, [MINUTE, false]));
    }
    assert.equal(fold(incidentOf(settled('a', 0, NO_DNS, other)), [MINUTE, false]), undefined);
    assert.equal(fold(incidentOf(settled('a', 0, NO_DNS, { to: undefined })), [MINUTE, false]), undefined);
  });

  it('says nothing of what is of another time, host or kind, or closed', () => {
    assert.equal(fold(FAILED, [0, false]), undefined);
    assert.ok(fold(FAILED, [1, false]));
    assert.equal(
      foldProbe(FAILED, { target: 'sip:other.sip.livekit.cloud', reachable: false, at: T0 + MINUTE }),
      undefined,
    );
    assert.equal(fold(incidentOf(settled('a', 0, NOT_ALLOWED)), [MINUTE, false]), undefined);
    const closed: Incident = { ...FAILED, closed: { at: T0 + MINUTE, because: 'no_calls' } };
    assert.equal(fold(closed, [2 * MINUTE, false]), undefined);
  });
});
