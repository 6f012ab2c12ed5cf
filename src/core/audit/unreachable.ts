import { isListed } from '../trunks/number.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import { ChosenRule, type ListedOrNot } from './chosenRule.ts';

/** Why a rule gets no call of one trunk. */
export type Obstacle =
  /** None of the rule's called numbers, or of its callers, is one that the trunk takes. */
  | { readonly kind: 'numbers' | 'callers'; readonly trunk: InboundTrunk }
  /** Other rules get every call that it could take, with numbers as the trunk and the rule write them. */
  | { readonly kind: 'beaten'; readonly trunk: InboundTrunk; readonly by: readonly DispatchRule[] };

/** Combinations of caller and called number tried for one rule on one trunk, and list entries read for all trunks. */
const MOST_COMBINATIONS = 1_000;
const MOST_ENTRIES = 200_000;

/**
 * The rules that get no call on any of their trunks, with what is in the way on each. A rule too long to be tried is
 * held for reachable. Wildcard rules are never here: calls that no trunk matched reach them.
 */
export function* findUnreachable(
  snapshot: Snapshot,
): Generator<{ readonly rule: DispatchRule; readonly obstacles: readonly Obstacle[] }> {
  const chosenOn = chooser(snapshot);
  for (const rule of snapshot.rules) {
    if (rule.kind === undefined || rule.trunk_ids.length === 0) continue;
    const obstacles: Obstacle[] = [];
    let isReached = false;
    for (const trunk of snapshot.trunksOf(rule)) {
      const obstacle = obstacleOn(snapshot, trunk, rule, chosenOn);
      isReached = obstacle === undefined;
      if (!obstacle) break;
      obstacles.push(obstacle);
    }
    // A rule whose trunks are all gone has no obstacle either; that is a finding of its own.
    if (!isReached && obstacles.length > 0) yield { rule, obstacles };
  }
}

type Chooser = (trunk: InboundTrunk, pin: string) => ChosenRule | undefined;

function obstacleOn(
  snapshot: Snapshot,
  trunk: InboundTrunk,
  rule: DispatchRule,
  chosenOn: Chooser,
): Obstacle | undefined {
  if (!snapshot.shared(rule.numbers, trunk.numbers)) return { kind: 'numbers', trunk };
  if (!snapshot.shared(rule.inbound_numbers, trunk.allowed_numbers)) return { kind: 'callers', trunk };
  const callers = takenBy(rule.inbound_numbers, trunk.allowed_numbers);
  const called = takenBy(rule.numbers, trunk.numbers);
  if (callers.length * called.length > MOST_COMBINATIONS) return undefined;
  const chosen = chosenOn(trunk, rule.pin);
  if (!chosen) return undefined;
  const by = new Set<DispatchRule>();
  for (const from of callers) {
    for (const to of called) {
      const winner = chosen.of(from, to);
      if (!winner || winner === rule) return undefined;
      by.add(winner);
    }
  }
  return { kind: 'beaten', trunk, by: [...by] };
}

/** The numbers, as written, that can come to the rule through the trunk. */
function takenBy(ofRule: readonly string[], ofTrunk: readonly string[]): readonly ListedOrNot[] {
  if (ofRule.length > 0) return ofRule.length > MOST_COMBINATIONS ? ofRule : ofRule.filter((n) => isListed(n, ofTrunk));
  return ofTrunk.length > 0 ? ofTrunk : [undefined];
}

/** Where rules clash, no rule of the trunk is chosen at all, and there is nothing to say of a single one. */
function chooser(snapshot: Snapshot): Chooser {
  const { clashes, ruleIndex } = snapshot;
  const clashing = new Set(clashes.flatMap((clash) => [...clash.trunkIds]));
  const allClash = clashes.some((clash) => clash.trunkIds.size === 0);
  const known = new Map<string, ChosenRule>();
  let entries = 0;
  return ({ sip_trunk_id: id }, pin) => {
    if (allClash || clashing.has(id)) return undefined;
    const key = JSON.stringify([id, pin]);
    let chosen = known.get(key);
    if (!chosen) {
      const rules = ruleIndex.boundTo(id).filter((rule) => rule.kind !== undefined && rule.pin === pin);
      for (const rule of rules) entries += Math.max(rule.numbers.length, 1) * Math.max(rule.inbound_numbers.length, 1);
      if (entries > MOST_ENTRIES) return undefined;
      chosen = new ChosenRule(id, rules);
      known.set(key, chosen);
    }
    return chosen;
  };
}
