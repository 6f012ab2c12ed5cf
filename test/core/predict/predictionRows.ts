import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { type CallKind, keyOfKind } from '../../../src/core/predict/callKind.ts';
import type { CountedKind, Forecast, Hit } from '../../../src/core/predict/forecast.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { CALLER, LIVEKIT_URI, rule, SBC } from '../scenario.ts';

export const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [SBC] });

export function configuration(trunks: readonly object[], rules: readonly object[] = [rule()]): Snapshot {
  return new Snapshot({ trunks: trunks.map(parseTrunk), rules: rules.map(parseRule) });
}

/** Where the calls of scenario.ts land. */
export const PLACE: CallKind['place'] = {
  trunk: 'ST_1',
  rule: 'SDR_1',
  roomKind: 'individual',
  room: 'call-',
  agents: [],
};

export function kind(fields: Partial<CallKind> = {}): CallKind {
  return { to: LIVEKIT_URI, caller: CALLER, sources: [SBC], place: PLACE, isKnown: true, ...fields };
}

export function counted(callsPerDay = 1, fields: Partial<CallKind> = {}): CountedKind {
  const one = kind(fields);
  return { key: keyOfKind(one), kind: one, callsPerDay };
}

export function refused(of = counted(), isCertain = true): Hit {
  return { counted: of, effect: 'refused', cause: 'caller_not_allowed', isCertain };
}

export function moved(of = counted()): Hit {
  return { counted: of, effect: 'other_place', now: { ...PLACE, room: 'sales-', agents: ['sales'] } };
}

export function forecast(first: Hit, ...others: readonly Hit[]): Forecast {
  const hits = [first, ...others] as const;
  return {
    key: 'fault',
    trunk: 'ST_1',
    hits,
    callsPerDay: hits.reduce((sum, hit) => sum + hit.counted.callsPerDay, 0),
  };
}
