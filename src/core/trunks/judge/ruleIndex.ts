import { atOnce } from '../../atOnce.ts';
import { normaliseNumber, numberSet } from '../number.ts';
import type { DispatchRule, InboundTrunk } from '../snapshot.ts';
import {
  type Clash,
  isKeyedBy,
  namedFirst,
  pairsOf,
  repeatsItself,
  type SharedKeys,
  shareKey,
  shareKeys,
} from './clashes.ts';
import { addTo } from './likeNumbers.ts';
import { RuleGroup, type WrittenNumber } from './ruleGroup.ts';

type Pair = readonly [DispatchRule, DispatchRule];

interface Built {
  readonly wildcards: RuleGroup;
  readonly byTrunk: ReadonlyMap<string, RuleGroup>;
  readonly order: ReadonlyMap<DispatchRule, number>;
  readonly shared: SharedKeys;
  readonly hasUnknownKind: boolean;
  /** All listed callers, normalised. */
  readonly callers: ReadonlySet<string>;
}

/** Rules that differ from those of another index. */
interface Changes {
  readonly original: RuleIndex;
  /** What stands for a rule now; `undefined` if it is deleted. */
  readonly replaced: ReadonlyMap<DispatchRule, DispatchRule | undefined>;
  readonly added: readonly DispatchRule[];
}

const NONE: readonly DispatchRule[] = [];
/** How many bound trunks and listed callers are indexed in one step. */
const STEP = 1_000;

/**
 * The rules of a snapshot by the trunks that they are bound to. Built on first use, or earlier in steps. A copy with a few
 * changes shares what was built.
 */
export class RuleIndex {
  readonly #rules: readonly DispatchRule[];
  readonly #changes: Changes | undefined;
  readonly #gone: ReadonlySet<DispatchRule>;
  readonly #come: readonly DispatchRule[];
  readonly #empty: RuleGroup;
  readonly #groups = new Map<string, RuleGroup>();
  readonly #clashes = new Map<string, { readonly pair: Pair | undefined }>();
  #built: Built | undefined;
  #wildcards: RuleGroup | undefined;
  #order: ReadonlyMap<DispatchRule, number> | undefined;
  #amongWildcards: readonly Pair[] | undefined;
  #refuses: boolean | undefined;

  constructor(rules: readonly DispatchRule[], changes?: Changes) {
    this.#rules = rules;
    this.#changes = changes;
    this.#gone = new Set(changes?.replaced.keys());
    const replacements = [...(changes?.replaced.values() ?? NONE)].filter((rule) => rule !== undefined);
    this.#come = [...replacements, ...(changes?.added ?? NONE)];
    this.#empty = new RuleGroup(NONE, this.#orderOf);
  }

  /** A copy in which some rules are replaced or, with `undefined`, deleted, and others are added at the end. */
  with(
    rules: readonly DispatchRule[],
    replacing: ReadonlyMap<DispatchRule, DispatchRule | undefined>,
    adding: readonly DispatchRule[],
  ): RuleIndex {
    const original = this.#changes?.original ?? this;
    const replaced = new Map(this.#changes?.replaced);
    const now = (rule: DispatchRule) => (replacing.has(rule) ? replacing.get(rule) : rule);
    for (const [rule, by] of replaced) replaced.set(rule, by && now(by));
    for (const [rule, by] of replacing) if (original.#original.order.has(rule)) replaced.set(rule, by);
    const added = [...(this.#changes?.added ?? []).map(now), ...adding].filter((rule) => rule !== undefined);
    return new RuleIndex(rules, { original, replaced, added });
  }

  /** Builds the index in short steps. A look-up before the last step builds the whole index at once. */
  *prepare(): Generator<void> {
    if (!this.#changes) this.#built ??= yield* build(this.#rules);
  }

  /** The rules that are bound to no trunk. */
  get wildcards(): readonly DispatchRule[] {
    return this.#ofNone.rules;
  }

  /** The rules that are bound to this trunk, in their order. */
  boundTo(trunkId: string): readonly DispatchRule[] {
    return this.#ofTrunk(trunkId).rules;
  }

  /**
   * The rules that LiveKit fetches for a call on this trunk: those bound to it and the wildcard ones, in their order.
   * The conflict check sees only these.
   * Source: github.com/livekit/livekit, `IOInfoService.SelectSIPDispatchRule`.
   */
  *inReachOf(trunkId: string): Generator<DispatchRule> {
    const own = this.boundTo(trunkId);
    let next = 0;
    for (const wildcard of this.wildcards) {
      for (let rule = own[next]; rule && this.#orderOf(rule) < this.#orderOf(wildcard); rule = own[next]) {
        yield rule;
        next += 1;
      }
      yield wildcard;
    }
    yield* own.slice(next);
  }

  /** Whether any rule lists this caller. */
  listsCaller(caller: string): boolean {
    const normalised = normaliseNumber(caller);
    return (
      this.#original.callers.has(normalised) ||
      this.#come.some(({ inbound_numbers }) => inbound_numbers.some((one) => normaliseNumber(one) === normalised))
    );
  }

  /** How many rules are in reach of a trunk. */
  countInReachOf(trunkId: string): number {
    return this.boundTo(trunkId).length + this.wildcards.length;
  }

  /** The rule of a known kind that takes a call on this trunk, if no two rules clash; `undefined` if none does. */
  choose(trunkId: string, caller: string, called: string): DispatchRule | undefined {
    return this.#ofTrunk(trunkId).best(caller, called) ?? this.#ofNone.best(caller, called);
  }

  /**
   * The same for a call to one of the trunk's own numbers, or else to `called`. A trunk accepts any form of a number, and
   * a rule only its own, so the forms in the rules come first, in the order of the rules.
   */
  chooseForOwnNumber({ sip_trunk_id: id, numbers }: InboundTrunk, caller: string, called: string) {
    const groups = [this.#ofTrunk(id), this.#ofNone];
    const takesAny = groups.some((group) => group.bestForAny(caller) !== undefined);
    let first: WrittenNumber | undefined;
    const isFirst = ({ rule, index }: WrittenNumber) =>
      !first || this.#orderOf(rule) < this.#orderOf(first.rule) || (rule === first.rule && index < first.index);
    for (const group of groups) {
      if (!group.listsNumbers) continue;
      for (const normalised of numberSet(numbers)) {
        for (const written of group.listing(normalised)) {
          if (isFirst(written) && (takesAny || this.choose(id, caller, written.number))) first = written;
        }
      }
    }
    return this.choose(id, caller, first?.number ?? (takesAny ? numbers[0] : undefined) ?? called);
  }

  /** Whether some rule in reach can take a call that the trunk admits. See `canTake`. */
  canTakeFrom(trunk: InboundTrunk): boolean {
    return this.#ofTrunk(trunk.sip_trunk_id).canTakeFrom(trunk) || this.#ofNone.canTakeFrom(trunk);
  }

  /** The first rule in reach that may take the call. See `RuleGroup.firstOpen`. */
  firstOpen(trunkId: string, caller: string | undefined, called: string): DispatchRule | undefined {
    const own = this.#ofTrunk(trunkId).firstOpen(caller, called);
    const wildcard = this.#ofNone.firstOpen(caller, called);
    if (!own || !wildcard) return own ?? wildcard;
    return this.#orderOf(own) < this.#orderOf(wildcard) ? own : wildcard;
  }

  /**
   * The two rules in reach of the trunk that LiveKit cannot decide between, the later one first; `undefined` if there are
   * none. It does not depend on the call.
   */
  clashOn(trunkId: string): Pair | undefined {
    const known = this.#clashes.get(trunkId) ?? { pair: this.#firstClash(trunkId) };
    this.#clashes.set(trunkId, known);
    return known.pair;
  }

  /** The wildcard rule that admits a call without a trunk; `undefined` if none does, or if LiveKit refuses the whole set. */
  chooseUnmatched(caller: string, called: string): DispatchRule | undefined {
    const rule = this.#ofNone.best(caller, called);
    this.#refuses ??= rule && this.#refusesAll();
    return this.#refuses ? undefined : rule;
  }

  /** All pairs of rules that clash, on any trunk. */
  clashes(): readonly Clash[] {
    return pairsOf(this.#changes ? atOnce(shareKeys(this.#rules)) : this.#original.shared, this.#orderOf);
  }

  get #original(): Built {
    if (this.#changes) return this.#changes.original.#original;
    this.#built ??= atOnce(build(this.#rules));
    return this.#built;
  }

  readonly #orderOf = (rule: DispatchRule): number => {
    if (this.#changes && !this.#order) {
      const { order } = this.#original;
      const { replaced, added } = this.#changes;
      this.#order = new Map([
        ...[...replaced].flatMap(([rule, by]) => (by ? [[by, order.get(rule) ?? 0] as const] : [])),
        ...added.map((rule, i) => [rule, order.size + i] as const),
      ]);
    }
    return this.#order?.get(rule) ?? this.#original.order.get(rule) ?? 0;
  };

  get #ofNone(): RuleGroup {
    this.#wildcards ??= this.#changed(this.#original.wildcards, ({ trunk_ids }) => trunk_ids.length === 0);
    return this.#wildcards;
  }

  #ofTrunk(trunkId: string): RuleGroup {
    const original = this.#original.byTrunk.get(trunkId) ?? this.#empty;
    if (!this.#changes) return original;
    const group = this.#groups.get(trunkId) ?? this.#changed(original, (rule) => isKeyedBy(rule, trunkId));
    this.#groups.set(trunkId, group);
    return group;
  }

  #changed(original: RuleGroup, isPart: (rule: DispatchRule) => boolean): RuleGroup {
    const gone = new Set([...this.#gone].filter(isPart));
    const come = this.#come.filter(isPart);
    return gone.size + come.length === 0 ? original : original.with(gone, come, this.#orderOf);
  }

  #firstClash(trunkId: string): Pair | undefined {
    const ofTrunk = this.#ofTrunk(trunkId);
    const own = ofTrunk.rules;
    const { byTrunk, repeating } = this.#original.shared;
    const isInReach = (rule: DispatchRule) => rule.trunk_ids.length === 0 || isKeyedBy(rule, trunkId);
    const pairs = [...this.#wildcardPairs, ...this.#pairsIn(byTrunk.get(trunkId) ?? [], () => true)];
    const itself = own.find((rule) => repeating.has(rule));
    if (itself) pairs.push([itself, itself]);
    // The empty text is the trunk of the wildcard rules, but a rule may also name it.
    if (own.some((rule) => isKeyedBy(rule, ''))) pairs.push(...this.#pairsIn(byTrunk.get('') ?? [], isInReach));
    const come = this.#come.filter((rule) => isKeyedBy(rule, trunkId));
    const mayMeetWildcards = come.some((rule) => isKeyedBy(rule, ''));
    pairs.push(...this.#pairsWith(come, mayMeetWildcards ? [ofTrunk, this.#ofNone] : [ofTrunk]));
    const newWildcards = this.#come.filter(({ trunk_ids }) => trunk_ids.length === 0);
    pairs.push(...this.#pairsWith(newWildcards, [ofTrunk]));
    return this.#earliest(pairs);
  }

  /** The pairs among the wildcard rules of which the later rule is the first that LiveKit refuses. */
  get #wildcardPairs(): readonly Pair[] {
    if (!this.#amongWildcards) {
      const { byTrunk, repeating } = this.#original.shared;
      const isWildcard = ({ trunk_ids }: DispatchRule) => trunk_ids.length === 0;
      const pairs = this.#pairsIn(byTrunk.get('') ?? [], isWildcard);
      const itself = repeating.size === 0 ? undefined : this.wildcards.find((rule) => repeating.has(rule));
      if (itself) pairs.push([itself, itself]);
      pairs.push(...this.#pairsWith(this.#come.filter(isWildcard), [this.#ofNone]));
      const first = Math.min(...new Set(pairs.map(([rule]) => this.#orderOf(rule))));
      this.#amongWildcards = pairs.filter(([rule]) => this.#orderOf(rule) === first);
    }
    return this.#amongWildcards;
  }

  /** The first two of each list that are left, the later one first. */
  #pairsIn(lists: readonly (readonly DispatchRule[])[], isPart: (rule: DispatchRule) => boolean): Pair[] {
    const pairs: Pair[] = [];
    for (const sharing of lists) {
      let first: DispatchRule | undefined;
      for (const rule of sharing) {
        if (this.#gone.has(rule) || !isPart(rule)) continue;
        if (first) {
          pairs.push([rule, first]);
          break;
        }
        first = rule;
      }
    }
    return pairs;
  }

  /** The pairs of changed rules with others, and with themselves. */
  #pairsWith(come: readonly DispatchRule[], groups: readonly RuleGroup[]): Pair[] {
    return come.flatMap((rule) => [
      ...(repeatsItself(rule) ? [[rule, rule] as const] : []),
      ...groups
        .flatMap((group) => group.mayShareKey(rule))
        .filter((other) => other !== rule && shareKey(rule, other))
        .map((other): Pair => (this.#orderOf(other) < this.#orderOf(rule) ? [rule, other] : [other, rule])),
    ]);
  }

  #earliest(pairs: readonly Pair[]): Pair | undefined {
    let first: DispatchRule | undefined;
    for (const [rule] of pairs) if (!first || this.#orderOf(rule) < this.#orderOf(first)) first = rule;
    if (!first) return undefined;
    const others = new Set(pairs.flatMap(([rule, other]) => (rule === first ? [other] : [])));
    return [first, namedFirst(first, [...others])];
  }

  /** Whether LiveKit refuses the rules as a whole: one has an unknown kind, or two clash on any trunk. */
  #refusesAll(): boolean {
    const { shared, hasUnknownKind } = this.#original;
    if (!this.#changes) return hasUnknownKind || shared.byTrunk.size > 0 || shared.repeating.size > 0;
    const isLeft = (rule: DispatchRule) => !this.#gone.has(rule);
    return (
      this.#rules.some(({ kind }) => kind === undefined) ||
      shared.repeating.values().some(isLeft) ||
      shared.byTrunk.values().some((lists) => this.#pairsIn(lists, () => true).length > 0) ||
      this.#come.some((rule) => repeatsItself(rule) || this.#rules.some((one) => one !== rule && shareKey(rule, one)))
    );
  }
}

function* build(rules: readonly DispatchRule[]): Generator<void, Built> {
  const order = new Map(rules.entries().map(([i, rule]) => [rule, i]));
  const orderOf = (rule: DispatchRule) => order.get(rule) ?? 0;
  const byTrunk = new Map<string, DispatchRule[]>();
  const callers = new Set<string>();
  let bound = 0;
  for (const rule of rules) {
    for (const caller of rule.inbound_numbers) {
      callers.add(normaliseNumber(caller));
      if (++bound % STEP === 0) yield;
    }
    for (const trunkId of new Set(rule.trunk_ids)) {
      addTo(byTrunk, trunkId, rule);
      if (++bound % STEP === 0) yield;
    }
  }
  yield;
  const shared = yield* shareKeys(rules);
  const wildcards = new RuleGroup(
    rules.filter(({ trunk_ids }) => trunk_ids.length === 0),
    orderOf,
  );
  yield;
  const groups = new Map(byTrunk.entries().map(([id, own]) => [id, new RuleGroup(own, orderOf)]));
  yield* wildcards.prepare();
  for (const group of groups.values()) yield* group.prepare();
  return {
    wildcards,
    byTrunk: groups,
    order,
    shared,
    hasUnknownKind: rules.some(({ kind }) => kind === undefined),
    callers,
  };
}
