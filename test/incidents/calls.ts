import assert from 'node:assert/strict';
import type { Explanation } from '../../src/explain/json.ts';
import { foldFailure, isFailure, type SettledCall } from '../../src/incidents/failure.ts';
import type { Folded, Incident } from '../../src/incidents/incident.ts';
import { siteFrom } from '../../src/siteSettings.ts';
import { readSnapshot, type Snapshot } from '../../src/trunks/snapshot.ts';
import { type Dial, explainDial, SBC, type Setting } from '../core/scenario.ts';

export const T0 = 1_795_387_200_000;
export const MINUTE = 60_000;
export const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [SBC] });

/** As LiveKit drops a call that it matches with nothing. */
export const DROPPED: Dial = { ringing: [100], callerHungUpAt: 10_000 };
export const CONNECTS: Dial = { ringing: [100], response: [200, 'OK', 1_000] };

export function snapshotOf(livekit: NonNullable<Setting['livekit']>): Snapshot {
  const reading = readSnapshot(livekit);
  assert.ok(reading.ok);
  return reading.snapshot;
}

/** A settled attempt, so many minutes after the first; `changes` are put over its explanation. */
export function settled(callSid: string, minute: number, explanation: Explanation, changes: object = {}): SettledCall {
  return { callSid, startedAt: T0 + minute * MINUTE, explanation: { ...explanation, call_sid: callSid, ...changes } };
}

/** Folds a failed call that is settled ten seconds after it began. */
export function fail(latest: Incident | undefined, call: SettledCall, now = call.startedAt + 10_000): Folded {
  assert.ok(isFailure(call));
  return foldFailure(latest, call, now, `of ${call.callSid}`);
}

/** An incident of the given calls, the first of which opens it. */
export function incidentOf(first: SettledCall, ...more: readonly SettledCall[]): Incident {
  return more.reduce((incident, call) => fail(incident, call).incident, fail(undefined, first).incident);
}

export { explainDial };
