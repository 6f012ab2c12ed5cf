import { normaliseNumber, numberSet } from '../number.ts';
import type { DispatchRule } from '../snapshot.ts';
import { addTo } from './likeNumbers.ts';

/** Two dispatch rules that LiveKit cannot decide between; the same rule twice if it clashes with itself. */
export interface Clash {
  /** The later rule. */
  readonly rule: DispatchRule;
  readonly other: DispatchRule;
  /** The trunks that both are bound to; empty if both are wildcard rules. */
  readonly trunkIds: ReadonlySet<string>;
}

/** The rules of a configuration that share LiveKit's keys: a trunk, a pin, a caller and a called number. */
export interface SharedKeys {
  /** For each trunk, the rules of each shared key, in their order. The trunk of wildcard rules is the empty text. */
  readonly byTrunk: ReadonlyMap<string, readonly (readonly DispatchRule[])[]>;
  /** The rules that have one key twice, because they list a trunk or a number twice. */
  readonly repeating: ReadonlySet<DispatchRule>;
}

/** How many keys are made in one step. */
const STEP = 1_000;

/**
 * Finds the keys that rules share, in short steps. LiveKit checks all rules in reach of a trunk before it compares them
 * with the call, so one shared key refuses every call to that trunk. Only this check normalises numbers.
 * Source: github.com/livekit/protocol v1.54.0, `sip.DispatchRuleValidator.Validate`.
 */
export function* shareKeys(rules: readonly DispatchRule[]): Generator<void, SharedKeys> {
  const places = new Map<string, DispatchRule | DispatchRule[]>();
  const repeating = new Set<DispatchRule>();
  let keys = 0;
  for (const rule of rules) {
    // LiveKit refuses a rule of an unknown kind before this check.
    if (rule.kind === undefined) continue;
    if (repeatsItself(rule)) repeating.add(rule);
    for (const caller of keysOf(rule.inbound_numbers)) {
      for (const called of keysOf(rule.numbers)) {
        const place = `${rule.pin.length}:${rule.pin}${caller.length}:${caller}${called}`;
        const holder = places.get(place);
        if (holder === undefined) places.set(place, rule);
        else if (Array.isArray(holder)) holder.push(rule);
        else places.set(place, [holder, rule]);
        if (++keys % STEP === 0) yield;
      }
    }
  }
  const byTrunk = new Map<string, (readonly DispatchRule[])[]>();
  for (const holders of places.values()) {
    if (!Array.isArray(holders)) continue;
    const onTrunk = new Map<string, DispatchRule[]>();
    for (const rule of holders) {
      for (const trunkId of trunksIn(rule)) {
        addTo(onTrunk, trunkId, rule);
        if (++keys % STEP === 0) yield;
      }
    }
    for (const [trunkId, sharing] of onTrunk) if (sharing.length > 1) addTo(byTrunk, trunkId, sharing);
  }
  return { byTrunk, repeating };
}

/**
 * The pairs of rules that clash, each once, in the order of the later rule. Of several rules with one key, each is paired
 * with the first, which is the pair that LiveKit names.
 */
export function pairsOf({ byTrunk, repeating }: SharedKeys, orderOf: (rule: DispatchRule) => number): Clash[] {
  const found = new Map<DispatchRule, Map<DispatchRule, Set<string>>>();
  const add = (rule: DispatchRule, other: DispatchRule, trunkIds: readonly string[]) => {
    const ofRule = found.get(rule) ?? new Map<DispatchRule, Set<string>>();
    found.set(rule, ofRule);
    const known = ofRule.get(other) ?? new Set<string>();
    ofRule.set(other, known);
    for (const id of trunkIds) if (id !== '') known.add(id);
  };
  for (const [trunkId, lists] of byTrunk) {
    for (const [first, ...later] of lists) for (const rule of later) if (first) add(rule, first, [trunkId]);
  }
  for (const rule of repeating) add(rule, rule, rule.trunk_ids);
  return [...found]
    .flatMap(([rule, others]) => [...others].map(([other, trunkIds]): Clash => ({ rule, other, trunkIds })))
    .sort((a, b) => orderOf(a.rule) - orderOf(b.rule) || orderOf(a.other) - orderOf(b.other));
}

/** Whether the two rules share a key. */
export function shareKey(a: DispatchRule, b: DispatchRule): boolean {
  return (
    a.kind !== undefined &&
    b.kind !== undefined &&
    a.pin === b.pin &&
    intersect(keysOf(a.inbound_numbers), keysOf(b.inbound_numbers)) &&
    intersect(keysOf(a.numbers), keysOf(b.numbers)) &&
    intersect(trunksIn(a), trunksIn(b))
  );
}

/** Whether LiveKit's check keys the rule by this trunk; the empty text stands for the trunk of a wildcard rule. */
export function isKeyedBy(rule: DispatchRule, trunkId: string): boolean {
  return trunksIn(rule).has(trunkId);
}

/** Whether the rule has one key twice. */
export function repeatsItself({ kind, trunk_ids, inbound_numbers, numbers }: DispatchRule): boolean {
  return (
    kind !== undefined &&
    (new Set(trunk_ids).size < trunk_ids.length ||
      numberSet(inbound_numbers).size < inbound_numbers.length ||
      numberSet(numbers).size < numbers.length)
  );
}

/**
 * Of the rules that share a key with `rule`, the one that LiveKit names: it makes the keys of a rule by trunk, then
 * caller, then called number, and stops at the first that is taken. `rule` itself is among them if it has a key twice.
 */
export function namedFirst(rule: DispatchRule, others: readonly DispatchRule[]): DispatchRule {
  const ranked = others.map((other) => ({ other, key: firstShared(rule, other) }));
  ranked.sort(({ key: a }, { key: b }) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  return ranked[0]?.other ?? rule;
}

function firstShared(rule: DispatchRule, other: DispatchRule): readonly [number, number, number] {
  const callers = rule.inbound_numbers.map(normaliseNumber);
  const called = rule.numbers.map(normaliseNumber);
  if (rule === other) {
    const [trunk, caller, number] = [firstRepeated(rule.trunk_ids), firstRepeated(callers), firstRepeated(called)];
    return number > 0 ? [0, 0, number] : caller > 0 ? [0, caller, 0] : [trunk, 0, 0];
  }
  const indexIn = (list: readonly string[], set: ReadonlySet<string>) =>
    Math.max(
      0,
      list.findIndex((entry) => set.has(entry)),
    );
  return [
    indexIn(rule.trunk_ids, trunksIn(other)),
    indexIn(callers, keysOf(other.inbound_numbers)),
    indexIn(called, keysOf(other.numbers)),
  ];
}

/** The index of the first entry that is in the list before; 0 if there is none. */
function firstRepeated(list: readonly string[]): number {
  const seen = new Set<string>();
  return Math.max(
    0,
    list.findIndex((entry) => seen.size === seen.add(entry).size),
  );
}

const ANY: ReadonlySet<string> = new Set(['']);

function keysOf(list: readonly string[]): ReadonlySet<string> {
  return list.length === 0 ? ANY : numberSet(list);
}

const trunkSets = new WeakMap<readonly string[], ReadonlySet<string>>();

function trunksIn({ trunk_ids }: DispatchRule): ReadonlySet<string> {
  if (trunk_ids.length === 0) return ANY;
  const set = trunkSets.get(trunk_ids) ?? new Set(trunk_ids);
  trunkSets.set(trunk_ids, set);
  return set;
}

function intersect(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  if (few === ANY) return many.has('');
  for (const entry of few) if (many.has(entry)) return true;
  return false;
}
