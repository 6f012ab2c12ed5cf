import { isListed } from '../trunks/number.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import { ChosenRule, type ListedOrNot } from './chosenRule.ts';

/** Why a rule takes no call of one trunk. */
export type Obstacle =
  /** None of the rule's called numbers, or of its callers, is one that the trunk takes. */
  | { readonly kind: 'numbers' | 'callers'; readonly trunk: InboundTrunk }
  /** Other rules take all its calls first, with numbers as the trunk and the rule write them. */
  | { readonly kind: 'beaten'; readonly trunk: InboundTrunk; readonly by: readonly DispatchRule[] };

/** Combinations of caller and called number that are tried for one rule on one trunk. */
const MOST_COMBINATIONS = 1_000;
/** List entries that are read for all trunks together. */
const MOST_ENTRIES = 200_000;

/**
 * The rules that take no call on any of their trunks, with the obstacle on each. A rule whose lists are too long to try
 * counts as reachable. So does a wildcard rule: calls that no trunk matched reach it.
 */
export function* findUnreachable(
  snapshot: Snapshot,
): Generator<{ readonly rule: DispatchRule; readonly obstacles: readonly Obstacle[] }> {
  const chosenOn = chooser(snapshot);
  for (const rule of snapshot.rules) {
    if (rule.kind === undefined || rule.trunk_ids.length === 0) continue;
    const obstacles = obstaclesOf(snapshot, rule, chosenOn);
    // A rule whose trunks do not exist has no obstacle; rule_for_missing_trunk reports it.
    if (obstacles.length > 0) yield { rule, obstacles };
  }
}

type Chooser = (trunk: InboundTrunk, pin: string) => ChosenRule | undefined;

/** The obstacle on each trunk of a rule; empty if it takes a call of one of them. */
function obstaclesOf(snapshot: Snapshot, rule: DispatchRule, chosenOn: Chooser): Obstacle[] {
  const obstacles: Obstacle[] = [];
  for (const trunk of snapshot.trunksOf(rule)) {
    const obstacle = obstacleOn(snapshot, trunk, rule, chosenOn);
    if (!obstacle) return [];
    obstacles.push(obstacle);
  }
  return obstacles;
}

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

/** Where rules conflict, LiveKit chooses no rule of the trunk at all, so no single rule is reported. */
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
      chosen = new ChosenRule(id, pin, rules);
      known.set(key, chosen);
    }
    return chosen;
  };
}
