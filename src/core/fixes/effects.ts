import { type CallToJudge, judge } from '../trunks/judge/judge.ts';
import { listedCaller } from '../trunks/judge/listedCaller.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { applyChanges, concerningInSteps, withEntries } from './apply.ts';
import { exposures } from './exposures.ts';
import type { Change } from './fix.ts';
import { verdictOf } from './prove.ts';

/** The side effects of a configuration change on recent calls. */
export interface Effects {
  /** How many calls were matched again. */
  readonly calls: number;
  readonly newly_admitted: number;
  readonly newly_refused: number;
  readonly newly_conflicting: number;
  /** What the change opens to more callers, in words; empty if nothing. */
  readonly exposes: readonly string[];
}

/**
 * Matches the calls again with the change applied, and lists what it opens. A change to the dial verb opens nothing. In
 * short steps, because the calls are many.
 */
export function* effectsInSteps(
  change: Change,
  snapshot: Snapshot,
  calls: readonly CallToJudge[],
): Generator<void, Effects> {
  const asListed = ({ hashKey, ...call }: CallToJudge) => ({
    ...call,
    caller: listedCaller(snapshot, { ...call, hashKey }),
  });
  const hashKey = calls[0]?.hashKey;
  const known = calls.map(asListed);
  const tried = withEntries(change, (entry) => listedCaller(snapshot, { caller: entry, hashKey }) ?? entry);
  const reduced = yield* concerningInSteps(snapshot, known, [tried]);
  const changed = applyChanges(reduced, [tried]);
  const counts = { newly_admitted: 0, newly_refused: 0, newly_conflicting: 0 };
  for (const call of known) {
    yield;
    const before = outcomeOf(reduced, call);
    const after = outcomeOf(changed, call);
    if (before === after) continue;
    if (after === 'admitted') counts.newly_admitted += 1;
    else if (after === 'conflict') counts.newly_conflicting += 1;
    else if (before === 'admitted') counts.newly_refused += 1;
  }
  return { calls: calls.length, ...counts, exposes: exposures(reduced, changed) };
}

function outcomeOf(snapshot: Snapshot, call: CallToJudge): 'admitted' | 'refused' | 'conflict' {
  const judgement = judge(snapshot, call);
  if (judgement.choice.kind === 'conflict' || judgement.dispatch?.kind === 'conflict') return 'conflict';
  // What is unknown about a recorded call is unknown both before and after the change.
  return verdictOf(judgement) === 'refused' ? 'refused' : 'admitted';
}
