import assert from 'node:assert/strict';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import type { AttemptRecord } from '../../../src/core/diagnose/record.ts';
import { bearingOf, foldConnected } from '../../../src/core/incidents/connected.ts';
import { foldFailure, isFailure, type SettledCall } from '../../../src/core/incidents/failure.ts';
import type { Folded, Incident } from '../../../src/core/incidents/incident.ts';
import { wouldHaveFailed } from '../../../src/core/incidents/recheck.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import type { Snapshot } from '../../../src/core/trunks/snapshot.ts';
import type { StoredAttempt } from '../../../src/store/store.ts';
import { type Dial, everySecond, FITTING, recordDial, SBC, type Setting, trunk, WITH_PASSWORD } from '../scenario.ts';

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

/** A settled attempt, so many minutes after the first; `changes` are put over its record. */
export function settled(callSid: string, minute: number, record: AttemptRecord, changes: object = {}): SettledCall {
  const own = { ...record, id: callSid, callSid, ...changes };
  return { id: callSid, callSid, startedAt: T0 + minute * MINUTE, record: own };
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

export type LiveKit = NonNullable<Setting['livekit']>;
const { dispatch_rules } = FITTING;
export const OTHERS_ONLY: LiveKit = { inbound_trunks: [trunk({ allowed_numbers: ['+15550999'] })], dispatch_rules };
export const NOT_ALLOWED = recordDial(DROPPED, { livekit: OTHERS_ONLY });
export const CONNECTED = recordDial(CONNECTS, { livekit: FITTING });
export const NO_AGENT = recordDial({ ringing: everySecond(100, 20_100), dialGaveUpAt: 21_000 }, { livekit: FITTING });
export const NO_DNS = recordDial({ response: [503, 'DNS Error', 60] }, { livekit: FITTING });
export const NO_AUTH = recordDial(
  { response: [407, 'Proxy Authentication Required', 200] },
  { livekit: WITH_PASSWORD },
);

/** What calls that connected make of an incident, by the configuration at its last failure. */
export function connect(incident: Incident, livekit: LiveKit, ...calls: readonly SettledCall[]): Folded | undefined {
  let folded: Folded | undefined;
  for (const call of calls) {
    const known = folded?.incident ?? incident;
    const then = () => wouldHaveFailed(known, SITE, snapshotOf(livekit), call);
    folded = foldConnected(known, call, bearingOf(known, call, then)) ?? folded;
  }
  return folded;
}

/** An attempt as it is saved: begun and, ten seconds later, settled so many minutes after the first; `id` is its call’s. */
export function attempt(
  callSid: string,
  minute: number,
  record: AttemptRecord,
  settledMinute = minute,
  id = callSid,
): StoredAttempt {
  return {
    id,
    callSid,
    callId: id,
    startedAt: T0 + minute * MINUTE,
    settledAt: T0 + settledMinute * MINUTE + 10_000,
    record: { ...record, id, callSid },
  };
}

export { recordDial };
