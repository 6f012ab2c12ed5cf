import { addTo } from './grouped.ts';
import type { DispatchRule } from './snapshot.ts';

/** Where the rules of a snapshot stand, by what they are bound to. */
interface Bound {
  readonly wildcards: readonly DispatchRule[];
  readonly byTrunk: ReadonlyMap<string, readonly DispatchRule[]>;
  readonly order: ReadonlyMap<DispatchRule, number>;
}

/**
 * The rules that LiveKit fetches for a call on this trunk: those bound to it and the wildcard ones, in their order. The
 * conflict check sees only these. Found without going through the rules of all other trunks.
 * Source: github.com/livekit/livekit, `IOInfoService.SelectSIPDispatchRule`.
 */
export function rulesInReachOf(rules: readonly DispatchRule[], trunkId: string): readonly DispatchRule[] {
  const { wildcards, byTrunk, order } = boundOf(rules);
  const own = byTrunk.get(trunkId);
  if (!own) return wildcards;
  if (wildcards.length === 0) return own;
  return [...own, ...wildcards].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}

/** The rules that are bound to no trunk. */
export function wildcardRules(rules: readonly DispatchRule[]): readonly DispatchRule[] {
  return boundOf(rules).wildcards;
}

/** The rules that are bound to this trunk, in their order. */
export function rulesBoundTo(rules: readonly DispatchRule[], trunkId: string): readonly DispatchRule[] {
  return boundOf(rules).byTrunk.get(trunkId) ?? [];
}

// Sorted once for each snapshot, and kept as long as it is.
const BOUND = new WeakMap<readonly DispatchRule[], Bound>();

function boundOf(rules: readonly DispatchRule[]): Bound {
  const kept = BOUND.get(rules);
  if (kept) return kept;
  const byTrunk = new Map<string, DispatchRule[]>();
  for (const rule of rules) {
    for (const trunkId of new Set(rule.trunk_ids)) addTo(byTrunk, trunkId, rule);
  }
  const bound = {
    wildcards: rules.filter((rule) => rule.trunk_ids.length === 0),
    byTrunk,
    order: new Map(rules.entries().map(([i, rule]) => [rule, i])),
  };
  BOUND.set(rules, bound);
  return bound;
}
