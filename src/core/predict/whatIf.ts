import { userPartOf } from '../call/sipUri.ts';
import type { Site } from '../diagnose/facts/site.ts';
import { weighQuestion } from '../diagnose/question.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { type CountedKind, callsPerDayOf, type Forecast, forecastsOf, hitsInSteps } from './forecast.ts';
import { type Hole, openedHoles } from './holes.ts';

/** A call that failed, as far as it can be asked again. */
export interface FailedBefore {
  readonly to: string | undefined;
  readonly from: string | undefined;
}

/** What another configuration would do to the calls of the last days. */
export interface WhatIf {
  readonly kindsSeen: number;
  readonly callsPerDay: number;
  /** Calls that connect now, and would not, or would land elsewhere. */
  readonly forecasts: readonly Forecast[];
  readonly holes: readonly Hole[];
  /** Recent failed calls that LiveKit's matching stops now, and how many of them it would admit. */
  readonly failed: { readonly calls: number; readonly wouldConnect: number };
}

/** Matches the calls of the last days against another configuration than the one in force. In short steps. */
export function* whatIfInSteps(
  site: Site,
  now: Snapshot,
  changed: Snapshot,
  { kinds, failed }: { readonly kinds: readonly CountedKind[]; readonly failed: readonly FailedBefore[] },
): Generator<void, WhatIf> {
  const hits = yield* hitsInSteps(site, changed, kinds);
  const holes = yield* openedHoles(now, changed);
  const counts = { calls: 0, wouldConnect: 0 };
  for (const { to, from } of failed) {
    yield;
    if (to === undefined) continue;
    const caller = from === undefined ? undefined : userPartOf(from);
    const question = { to, caller, source: undefined, auth: undefined };
    if (weighQuestion(site, now, question).blocking.length === 0) continue;
    counts.calls += 1;
    yield;
    if (weighQuestion(site, changed, question).blocking.length === 0) counts.wouldConnect += 1;
  }
  return {
    kindsSeen: kinds.length,
    callsPerDay: callsPerDayOf(kinds),
    forecasts: forecastsOf(hits),
    holes,
    failed: counts,
  };
}
