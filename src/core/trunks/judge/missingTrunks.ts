import type { DispatchRule, Snapshot } from '../snapshot.ts';
import { judgeDispatch, type TrunkJudgement } from './judgeDispatch.ts';

/** A trunk that dispatch rules name and that doesn't exist: it was deleted, or created again with another id. */
export interface MissingTrunk {
  readonly sip_trunk_id: string;
  /** The rules that name it. */
  readonly rules: readonly DispatchRule[];
  /** The one of them that would take the call if the trunk that has the call stood in for it; `undefined` if none would. */
  readonly taking: DispatchRule | undefined;
}

/** How many missing trunks are tried. */
const MOST_TRIED = 10;

/** The trunks that rules name and that don't exist, and what the call would get if `judged` stood in for each of them. */
export function missingTrunks(
  snapshot: Snapshot,
  judged: TrunkJudgement,
  call: Parameters<typeof judgeDispatch>[2],
): MissingTrunk[] {
  const naming = new Map<string, DispatchRule[]>();
  for (const rule of snapshot.rules) {
    for (const id of new Set(rule.trunk_ids)) {
      // LiveKit groups a rule that names the empty text with the wildcard rules.
      if (id === '' || snapshot.trunksById.has(id)) continue;
      const rules = naming.get(id);
      if (rules) rules.push(rule);
      else if (naming.size < MOST_TRIED) naming.set(id, [rule]);
    }
  }
  return [...naming].map(([sip_trunk_id, rules]) => {
    const standIns = rules.map((rule) => {
      const trunk_ids = inPlaceOf(rule.trunk_ids, sip_trunk_id, judged.trunk.sip_trunk_id);
      return [rule, { ...rule, trunk_ids }] as const;
    });
    const dispatch = judgeDispatch(snapshot.withRules(new Map(standIns)), judged, call);
    const taking = standIns.find(([, rule]) => dispatch.kind === 'rule' && dispatch.rule === rule)?.[0];
    return { sip_trunk_id, rules, taking };
  });
}

/** The ids with one in place of another. */
export function inPlaceOf(ids: readonly string[], missing: string, present: string): [string, ...string[]] {
  return [present, ...new Set(ids.filter((id) => id !== missing && id !== present))];
}
