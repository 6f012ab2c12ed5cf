import { rulesBoundTo, wildcardRules } from '../trunks/reach.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import { shared } from './numberSet.ts';

/** Which dispatch rules LiveKit looks at behind which trunk. */
export interface Reach {
  readonly trunks: ReadonlyMap<string, InboundTrunk>;
  /** Rules without trunk_ids. */
  readonly wildcards: readonly DispatchRule[];
  /** Rules bound to the trunk; empty when there are none. */
  boundTo(trunkId: string): readonly DispatchRule[];
  /** Trunks of the snapshot that the rule is bound to; for a wildcard rule all of them. */
  trunksOf(rule: DispatchRule): readonly InboundTrunk[];
}

const cache = new WeakMap<Snapshot, Reach>();

/** The reach of a snapshot's rules, worked out once for all findings. */
export function reachOf(snapshot: Snapshot): Reach {
  let reach = cache.get(snapshot);
  if (!reach) {
    reach = workOut(snapshot);
    cache.set(snapshot, reach);
  }
  return reach;
}

/**
 * Whether the rule can take a call that the trunk took, for some caller and called number in some form.
 * A rule of a kind that is not known here is given the benefit of the doubt.
 */
export function canTake(rule: DispatchRule, trunk: InboundTrunk): boolean {
  return (
    shared(rule.numbers, trunk.numbers) !== undefined &&
    shared(rule.inbound_numbers, trunk.allowed_numbers) !== undefined
  );
}

function workOut({ trunks, rules }: Snapshot): Reach {
  const byId = new Map(trunks.map((trunk) => [trunk.sip_trunk_id, trunk]));
  return {
    trunks: byId,
    wildcards: wildcardRules(rules),
    boundTo: (trunkId) => rulesBoundTo(rules, trunkId),
    trunksOf: (rule) =>
      rule.trunk_ids.length === 0
        ? trunks
        : [...new Set(rule.trunk_ids)].map((id) => byId.get(id)).filter((trunk) => trunk !== undefined),
  };
}
