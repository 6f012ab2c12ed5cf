import type { Site } from '../diagnose/facts/site.ts';
import type { ConfigurationChange, SeenChange } from '../trunks/difference.ts';
import { judge } from '../trunks/judge/judge.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { toJudge } from './callKind.ts';
import type { Hit } from './forecast.ts';
import type { Hole } from './holes.ts';
import type { PredictedChange } from './prediction.ts';

/** Further changes are counted, not listed. */
const TEXTS_SHOWN = 5;

/**
 * The changes that a hit rests on: those of the trunks and rules that the call met before, and that it meets now. All of
 * them, if none can be told apart.
 */
export function changesBehind(
  hit: Hit,
  site: Site,
  snapshot: Snapshot,
  changes: readonly ConfigurationChange[],
): readonly ConfigurationChange[] {
  const { kind } = hit.counted;
  const { choice, dispatch, likelyTrunk, wildcardBypass } = judge(snapshot, toJudge(site, kind));
  const met = new Set([kind.place.trunk, kind.place.rule, likelyTrunk?.trunk.sip_trunk_id]);
  if (choice.kind === 'conflict') for (const { trunk } of choice.between) met.add(trunk.sip_trunk_id);
  if (dispatch?.kind === 'rule') met.add(dispatch.rule.sip_dispatch_rule_id);
  if (dispatch?.kind === 'conflict') for (const rule of dispatch.between) met.add(rule.sip_dispatch_rule_id);
  if (wildcardBypass) met.add(wildcardBypass.sip_dispatch_rule_id);
  const own = changes.filter(({ id }) => met.has(id));
  return own.length > 0 ? own : changes;
}

/** The changes of the trunk or rule that a hole is in. */
export function changesOfHole({ of }: Hole, changes: readonly ConfigurationChange[]): readonly ConfigurationChange[] {
  return changes.filter(({ id }) => id === of);
}

/** A change as a prediction names it. Times in epoch milliseconds. */
export function namedChange(
  changes: readonly ConfigurationChange[],
  { since, at }: Pick<SeenChange, 'since' | 'at'>,
): PredictedChange {
  const more = changes.length > TEXTS_SHOWN ? [`${changes.length - TEXTS_SHOWN} more changes`] : [];
  return { since, at, texts: [...changes.slice(0, TEXTS_SHOWN).map(({ text }) => text), ...more] };
}
