import { normaliseNumber } from '../number.ts';
import type { DispatchRule } from '../snapshot.ts';

/** Two dispatch rules that LiveKit cannot decide between; the same rule twice if it clashes with itself. */
export interface Clash {
  /** The later rule. */
  readonly rule: DispatchRule;
  readonly other: DispatchRule;
  /** The trunks that both are bound to; empty if both are wildcard rules. */
  readonly trunkIds: ReadonlySet<string>;
  /** A caller and a called number for which they clash; `undefined` stands for every number. */
  readonly caller: string | undefined;
  readonly called: string | undefined;
}

type Growing = Clash & { readonly trunkIds: Set<string> };

/**
 * The rules that clash at call time. LiveKit checks all rules in reach of a trunk before it compares them with the call,
 * so one clash refuses every call to that trunk. Only this check normalises numbers. A rule is reported together with the
 * first rule that has the same key, which is the pair that LiveKit names.
 * Source: github.com/livekit/protocol v1.54.0, `sip.DispatchRuleValidator.Validate`.
 */
export function findClashes(rules: readonly DispatchRule[]): readonly Clash[] {
  const places = new Map<string, Map<string, DispatchRule>>();
  const found = new Map<DispatchRule, Map<DispatchRule, Growing>>();

  for (const rule of rules) {
    // LiveKit refuses a rule of an unknown kind before this check.
    if (rule.kind === undefined) continue;
    for (const caller of orAny(rule.inbound_numbers)) {
      for (const called of orAny(rule.numbers)) {
        const key = JSON.stringify([rule.pin, normaliseNumber(caller ?? ''), normaliseNumber(called ?? '')]);
        const holders = places.get(key) ?? new Map<string, DispatchRule>();
        places.set(key, holders);
        for (const trunkId of orAny(rule.trunk_ids)) {
          const other = holders.get(trunkId ?? '');
          if (!other) {
            holders.set(trunkId ?? '', rule);
            continue;
          }
          const ofRule = found.get(rule) ?? new Map<DispatchRule, Growing>();
          found.set(rule, ofRule);
          const clash = ofRule.get(other) ?? { rule, other, trunkIds: new Set<string>(), caller, called };
          ofRule.set(other, clash);
          if (trunkId !== undefined) clash.trunkIds.add(trunkId);
        }
      }
    }
  }
  return [...found.values()].flatMap((ofRule) => [...ofRule.values()]);
}

function orAny(list: readonly string[]): readonly (string | undefined)[] {
  return list.length === 0 ? [undefined] : list;
}
