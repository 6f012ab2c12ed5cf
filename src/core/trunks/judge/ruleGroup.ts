import { atOnce } from '../../atOnce.ts';
import { comesBefore } from '../match/dispatch.ts';
import { normaliseNumber, numberSet, sharedNumber } from '../number.ts';
import type { DispatchRule, InboundTrunk } from '../snapshot.ts';
import { addTo } from './likeNumbers.ts';

/** A called number as a rule writes it. */
export interface WrittenNumber {
  readonly number: string;
  readonly rule: DispatchRule;
  /** Its place in the rule's list. */
  readonly index: number;
}

/** Rules by one of their lists of numbers. */
interface ByNumber {
  /** The rules whose list is empty. */
  readonly any: readonly DispatchRule[];
  /** The keys are normalised. */
  readonly listing: ReadonlyMap<string, readonly WrittenNumber[]>;
}

/** How many entries of lists are indexed in one step. */
const STEP = 1_000;

/** What differs from another group. */
interface Changed {
  readonly original: RuleGroup;
  readonly gone: ReadonlySet<DispatchRule>;
  readonly come: RuleGroup;
}

/**
 * Rules that are all bound to one trunk, or all wildcard rules, to look up by called number. A group with a few changes
 * shares what was built for the group without them.
 */
export class RuleGroup {
  readonly #rules: readonly DispatchRule[];
  readonly #orderOf: (rule: DispatchRule) => number;
  readonly #changed: Changed | undefined;
  #called: ByNumber | undefined;
  #callers: ByNumber | undefined;
  #hasUnknown: boolean | undefined;
  #takingAll: boolean | undefined;
  #latest: { readonly caller: string; readonly rule: DispatchRule | undefined } | undefined;
  #latestCall:
    | { readonly caller: string; readonly called: string; readonly rule: DispatchRule | undefined }
    | undefined;

  /** `rules` in their order. */
  constructor(rules: readonly DispatchRule[], orderOf: (rule: DispatchRule) => number, changed?: Changed) {
    this.#rules = rules;
    this.#orderOf = orderOf;
    this.#changed = changed;
  }

  /** A copy without some rules and with others, of a configuration that orders its rules by `orderOf`. */
  with(
    gone: ReadonlySet<DispatchRule>,
    come: readonly DispatchRule[],
    orderOf: (rule: DispatchRule) => number,
  ): RuleGroup {
    const kept = this.#rules.filter((rule) => !gone.has(rule));
    const rules = come.length === 0 ? kept : [...kept, ...come].sort((a, b) => orderOf(a) - orderOf(b));
    return new RuleGroup(rules, orderOf, { original: this, gone, come: new RuleGroup(come, orderOf) });
  }

  /** Builds the index of called numbers in short steps, if it is long. */
  *prepare(): Generator<void> {
    const entries = this.#rules.reduce((sum, { numbers }) => sum + numbers.length + 1, 0);
    if (entries > STEP) this.#called ??= yield* byNumber(this.#rules, 'numbers');
  }

  get rules(): readonly DispatchRule[] {
    return this.#rules;
  }

  /** The rule of a known kind that LiveKit prefers for the call, both numbers as written; `undefined` if none takes it. */
  best(caller: string, called: string): DispatchRule | undefined {
    const latest = this.#latestCall;
    if (latest?.caller === caller && latest.called === called) return latest.rule;
    let best = this.bestForAny(caller);
    for (const { number, rule } of this.listing(normaliseNumber(called))) {
      if (number === called && takesCaller(rule, caller)) best = this.#better(best, rule);
    }
    this.#latestCall = { caller, called, rule: best };
    return best;
  }

  /** The same among the rules that list no called number. */
  bestForAny(caller: string): DispatchRule | undefined {
    if (this.#latest?.caller === caller) return this.#latest.rule;
    let best: DispatchRule | undefined;
    for (const rule of this.#anyNumber) if (takesCaller(rule, caller)) best = this.#better(best, rule);
    this.#latest = { caller, rule: best };
    return best;
  }

  /**
   * The first rule that may take the call if neither an unknown caller nor an unknown kind counts against it;
   * `undefined` if there is none.
   */
  firstOpen(caller: string | undefined, called: string): DispatchRule | undefined {
    if (caller !== undefined && !this.#hasUnknownKind) return undefined;
    let first: DispatchRule | undefined;
    const consider = (rule: DispatchRule) => {
      if (caller !== undefined && (rule.kind !== undefined || !takesCaller(rule, caller))) return;
      if (!first || this.#orderOf(rule) < this.#orderOf(first)) first = rule;
    };
    for (const rule of this.#anyNumber) consider(rule);
    for (const { number, rule } of this.listing(normaliseNumber(called))) if (number === called) consider(rule);
    return first;
  }

  /** Where rules list this normalised number. */
  listing(normalised: string): readonly WrittenNumber[] {
    if (!this.#changed) return this.#byCalled.listing.get(normalised) ?? [];
    const { original, gone, come } = this.#changed;
    return [...original.listing(normalised).filter(({ rule }) => !gone.has(rule)), ...come.listing(normalised)];
  }

  /** Whether a rule lists a called number. */
  get listsNumbers(): boolean {
    if (!this.#changed) return this.#byCalled.listing.size > 0;
    return this.#changed.original.listsNumbers || this.#changed.come.listsNumbers;
  }

  /** The rules that may share one of LiveKit's keys with this one: all that do, and some that do not. */
  mayShareKey(rule: DispatchRule): readonly DispatchRule[] {
    if (this.#changed) {
      const { original, gone, come } = this.#changed;
      return [...original.mayShareKey(rule).filter((one) => !gone.has(one)), ...come.rules];
    }
    const byCaller = holdersOf(rule.inbound_numbers, this.#byCallers);
    const byCalled = holdersOf(rule.numbers, this.#byCalled);
    return byCaller.length < byCalled.length ? byCaller : byCalled;
  }

  /** Whether some rule can take a call that the trunk admits. See `canTake`. */
  canTakeFrom(trunk: InboundTrunk): boolean {
    if (this.#changed || this.#rules.length <= 2) return this.#rules.some((rule) => canTake(rule, trunk));
    const { numbers, allowed_numbers } = trunk;
    const [called, callers] = [this.#byCalled, this.#byCallers];
    this.#takingAll ??= called.any.some(({ inbound_numbers }) => inbound_numbers.length === 0);
    if (this.#takingAll || (numbers.length === 0 && allowed_numbers.length === 0)) return true;
    // A rule that accepts not every call lists a number of the trunk or a caller, if the trunk lists any.
    const candidates = [
      numbers.length === 0 ? callers.any : listing(numbers, called),
      allowed_numbers.length === 0 ? called.any : listing(allowed_numbers, callers),
    ];
    return candidates.some((rules) => rules.some((rule) => canTake(rule, trunk)));
  }

  get #anyNumber(): readonly DispatchRule[] {
    if (!this.#changed) return this.#byCalled.any;
    const { original, gone, come } = this.#changed;
    return [...original.#anyNumber.filter((rule) => !gone.has(rule)), ...come.#anyNumber];
  }

  get #hasUnknownKind(): boolean {
    this.#hasUnknown ??= this.#changed
      ? this.#changed.original.#hasUnknownKind || this.#changed.come.#hasUnknownKind
      : this.#rules.some(({ kind }) => kind === undefined);
    return this.#hasUnknown;
  }

  #better(best: DispatchRule | undefined, rule: DispatchRule): DispatchRule | undefined {
    if (rule.kind === undefined) return best;
    if (!best || comesBefore(rule, best)) return rule;
    // Between equals, the first in LiveKit's own order stays.
    return this.#orderOf(rule) < this.#orderOf(best) && !comesBefore(best, rule) ? rule : best;
  }

  get #byCallers(): ByNumber {
    this.#callers ??= atOnce(byNumber(this.#rules, 'inbound_numbers'));
    return this.#callers;
  }

  get #byCalled(): ByNumber {
    this.#called ??= atOnce(byNumber(this.#rules, 'numbers'));
    return this.#called;
  }
}

/**
 * Whether the rule can take some call that the trunk admits, with the numbers in any form. A rule of an unknown kind counts
 * as one that can.
 */
export function canTake(rule: DispatchRule, trunk: InboundTrunk): boolean {
  return (
    sharedNumber(rule.numbers, trunk.numbers) !== undefined &&
    sharedNumber(rule.inbound_numbers, trunk.allowed_numbers) !== undefined
  );
}

function takesCaller({ inbound_numbers }: DispatchRule, caller: string): boolean {
  return inbound_numbers.length === 0 || inbound_numbers.includes(caller);
}

function* byNumber(rules: readonly DispatchRule[], field: 'numbers' | 'inbound_numbers'): Generator<void, ByNumber> {
  const listing = new Map<string, WrittenNumber[]>();
  let entries = 0;
  for (const rule of rules) {
    for (const [index, number] of rule[field].entries()) {
      addTo(listing, normaliseNumber(number), { number, rule, index });
      if (++entries % STEP === 0) yield;
    }
  }
  return { any: rules.filter((rule) => rule[field].length === 0), listing };
}

/** The rules that accept one of these numbers, in any form; for no numbers, those that accept every number. */
function holdersOf(list: readonly string[], { any, listing }: ByNumber): readonly DispatchRule[] {
  const numbers = list.length === 0 ? [''] : [...numberSet(list)];
  return numbers.flatMap((number) => [
    // An empty number counts as every number.
    ...(number === '' ? any : []),
    ...(listing.get(number) ?? []).map(({ rule }) => rule),
  ]);
}

function listing(numbers: readonly string[], { listing }: ByNumber): readonly DispatchRule[] {
  return numbers.flatMap((number) => listing.get(normaliseNumber(number)) ?? []).map(({ rule }) => rule);
}
