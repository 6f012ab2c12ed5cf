import type { DispatchRule } from '../snapshot.ts';
import { addTo } from './likeNumbers.ts';

/** The rules of a snapshot by the trunks that they are bound to. Built on first use. */
export class RuleIndex {
  readonly #rules: readonly DispatchRule[];
  #built: Built | undefined;

  constructor(rules: readonly DispatchRule[]) {
    this.#rules = rules;
  }

  prepare(): void {
    this.#built ??= build(this.#rules);
  }

  /** The rules that are bound to no trunk. */
  get wildcards(): readonly DispatchRule[] {
    return this.#index.wildcards;
  }

  /** The rules that are bound to this trunk, in their order. */
  boundTo(trunkId: string): readonly DispatchRule[] {
    return this.#index.byTrunk.get(trunkId) ?? [];
  }

  /**
   * The rules that LiveKit fetches for a call on this trunk: those bound to it and the wildcard ones, in their order.
   * The conflict check sees only these.
   * Source: github.com/livekit/livekit, `IOInfoService.SelectSIPDispatchRule`.
   */
  inReachOf(trunkId: string): readonly DispatchRule[] {
    const { wildcards, byTrunk, order } = this.#index;
    const own = byTrunk.get(trunkId);
    if (!own) return wildcards;
    if (wildcards.length === 0) return own;
    return [...own, ...wildcards].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  }

  get #index(): Built {
    this.#built ??= build(this.#rules);
    return this.#built;
  }
}

interface Built {
  readonly wildcards: readonly DispatchRule[];
  readonly byTrunk: ReadonlyMap<string, readonly DispatchRule[]>;
  readonly order: ReadonlyMap<DispatchRule, number>;
}

function build(rules: readonly DispatchRule[]): Built {
  const byTrunk = new Map<string, DispatchRule[]>();
  for (const rule of rules) {
    for (const trunkId of new Set(rule.trunk_ids)) addTo(byTrunk, trunkId, rule);
  }
  return {
    wildcards: rules.filter((rule) => rule.trunk_ids.length === 0),
    byTrunk,
    order: new Map(rules.entries().map(([i, rule]) => [rule, i])),
  };
}
