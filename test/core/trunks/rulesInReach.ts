import type { DispatchRule } from '../../../src/core/trunks/snapshot.ts';

/**
 * The rules that LiveKit fetches for a call: those bound to the matched trunk and the wildcard ones; all of them when
 * no trunk matched. The conflict check sees only these.
 * Source: github.com/livekit/livekit, `IOInfoService.SelectSIPDispatchRule`. The plain reading of it that `RuleIndex` is held against.
 */
export function rulesInReach(rules: readonly DispatchRule[], trunkId: string | undefined): readonly DispatchRule[] {
  if (trunkId === undefined) return rules;
  return rules.filter((rule) => rule.trunk_ids.length === 0 || rule.trunk_ids.includes(trunkId));
}
