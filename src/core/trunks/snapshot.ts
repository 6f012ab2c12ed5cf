import { atOnce } from '../atOnce.ts';
import type { Clash } from './judge/clashes.ts';
import { LikeNumbers } from './judge/likeNumbers.ts';
import { RuleIndex } from './judge/ruleIndex.ts';
import { TrunkIndex } from './judge/trunkIndex.ts';

/**
 * An inbound trunk with the fields that matching uses. Field names are LiveKit's own. The password is dropped when the
 * trunk is read; only whether one is set is kept.
 */
export interface InboundTrunk {
  readonly sip_trunk_id: string;
  readonly name: string;
  readonly numbers: readonly string[];
  readonly allowed_addresses: readonly string[];
  readonly allowed_numbers: readonly string[];
  readonly auth_username: string;
  readonly has_password: boolean;
  /** A file left the id out, and it is taken from the rules of the file. */
  readonly has_assumed_id?: true;
  /** How long LiveKit rings before it answers 486; `undefined` if the trunk does not set it. */
  readonly ringing_timeout_seconds?: number;
  /** The trunk's other fields; see `namesOnly`. `media` decides calls, and LiveKit replaces it as a whole. */
  readonly rest: Readonly<Record<string, unknown>>;
}

export type RuleKind = 'direct' | 'individual' | 'callee';

export interface DispatchRule {
  readonly sip_dispatch_rule_id: string;
  readonly name: string;
  /** `undefined` for a kind that this version does not know. Such a rule never matches. */
  readonly kind: RuleKind | undefined;
  /** Room name of a direct rule, room prefix of the others. */
  readonly room: string;
  readonly pin: string;
  /** The fields of the rule's kind as LiveKit gives them, without the pin. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The trunks that the rule is bound to; empty for a wildcard rule. */
  readonly trunk_ids: readonly string[];
  /** Callers. */
  readonly inbound_numbers: readonly string[];
  /** Called numbers. */
  readonly numbers: readonly string[];
  /** The rule's other fields; see `namesOnly`. They are kept because some fields change only by replacing the rule. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** The content of a snapshot, as it is stored and compared. */
export interface SnapshotFields {
  readonly trunks: readonly InboundTrunk[];
  readonly rules: readonly DispatchRule[];
}

/**
 * LiveKit's SIP configuration at one time, with its indexes. Each index is built on first use and kept with the
 * snapshot. JSON and structured clones contain only `trunks` and `rules`; make a new snapshot from them.
 */
export class Snapshot implements SnapshotFields {
  readonly trunks: readonly InboundTrunk[];
  readonly rules: readonly DispatchRule[];
  readonly #trunkIndex: TrunkIndex;
  readonly #ruleIndex: RuleIndex;
  #byId: ReadonlyMap<string, InboundTrunk> | undefined;
  #rulesById: ReadonlyMap<string, readonly DispatchRule[]> | undefined;
  #clashes: readonly Clash[] | undefined;
  #called: LikeNumbers<InboundTrunk> | undefined;
  #callers: LikeNumbers<InboundTrunk> | undefined;

  constructor(
    { trunks, rules }: SnapshotFields,
    { trunkIndex, ruleIndex }: Partial<Pick<Snapshot, 'trunkIndex' | 'ruleIndex'>> = {},
  ) {
    this.trunks = trunks;
    this.rules = rules;
    this.#trunkIndex = trunkIndex ?? new TrunkIndex(trunks);
    this.#ruleIndex = ruleIndex ?? new RuleIndex(rules);
  }

  /** A copy with other trunks or rules. It shares the index of the part that stays. */
  with({ trunks = this.trunks, rules = this.rules }: Partial<SnapshotFields>): Snapshot {
    return new Snapshot(
      { trunks, rules },
      {
        ...(trunks === this.trunks && { trunkIndex: this.#trunkIndex }),
        ...(rules === this.rules && { ruleIndex: this.#ruleIndex }),
      },
    );
  }

  /** A copy in which some rules are replaced or, with `undefined`, deleted, and others follow. Only they are indexed. */
  withRules(
    replacing: ReadonlyMap<DispatchRule, DispatchRule | undefined>,
    adding: readonly DispatchRule[] = [],
  ): Snapshot {
    const { trunks, trunkIndex } = this;
    const kept = this.rules.map((rule) => (replacing.has(rule) ? replacing.get(rule) : rule));
    const rules = [...kept, ...adding].filter((rule) => rule !== undefined);
    return new Snapshot({ trunks, rules }, { trunkIndex, ruleIndex: this.#ruleIndex.with(rules, replacing, adding) });
  }

  /** Builds the indexes for matching in short steps, so that other work can run between them. */
  *prepare(strictAddresses: boolean): Generator<void> {
    yield* this.#trunkIndex.prepare(strictAddresses);
    yield;
    yield* this.#ruleIndex.prepare();
  }

  /** Sorts the trunks’ numbers as written, which the audit looks up, in short steps. */
  *prepareNumbers(): Generator<void> {
    this.#called ??= yield* likeNumbers(this.trunks, 'numbers');
    this.#callers ??= yield* likeNumbers(this.trunks, 'allowed_numbers');
  }

  /** The trunks by called number. */
  get trunkIndex(): TrunkIndex {
    return this.#trunkIndex;
  }

  /** The rules by trunk. */
  get ruleIndex(): RuleIndex {
    return this.#ruleIndex;
  }

  get trunksById(): ReadonlyMap<string, InboundTrunk> {
    this.#byId ??= new Map(this.trunks.map((trunk) => [trunk.sip_trunk_id, trunk]));
    return this.#byId;
  }

  /** The rules with this id: one, or none if it does not exist. */
  rulesWithId(id: string): readonly DispatchRule[] {
    this.#rulesById ??= Map.groupBy(this.rules, (rule) => rule.sip_dispatch_rule_id);
    return this.#rulesById.get(id) ?? [];
  }

  /** Whether a rule with this id is bound to the trunk, or is a wildcard rule. */
  isInReach(ruleId: string, trunkId: string): boolean {
    return this.rulesWithId(ruleId).some(({ trunk_ids }) => trunk_ids.length === 0 || trunk_ids.includes(trunkId));
  }

  /** Whether a list of callers has this one, in a trunk or in a rule. */
  listsCaller(caller: string): boolean {
    return this.#trunkIndex.listsCaller(caller) || this.#ruleIndex.listsCaller(caller);
  }

  /** The rules that clash at call time. */
  get clashes(): readonly Clash[] {
    this.#clashes ??= this.#ruleIndex.clashes();
    return this.#clashes;
  }

  /** The called numbers of the trunks, to look up in any form. */
  get calledNumbers(): LikeNumbers<InboundTrunk> {
    this.#called ??= atOnce(likeNumbers(this.trunks, 'numbers'));
    return this.#called;
  }

  /** The callers that the trunks allow, to look up in any form. */
  get callers(): LikeNumbers<InboundTrunk> {
    this.#callers ??= atOnce(likeNumbers(this.trunks, 'allowed_numbers'));
    return this.#callers;
  }

  /** The existing trunks that a rule is bound to; all trunks for a wildcard rule. */
  trunksOf({ trunk_ids }: DispatchRule): readonly InboundTrunk[] {
    if (trunk_ids.length === 0) return this.trunks;
    return [...new Set(trunk_ids)].map((id) => this.trunksById.get(id)).filter((trunk) => trunk !== undefined);
  }
}

function* likeNumbers(
  trunks: readonly InboundTrunk[],
  field: 'numbers' | 'allowed_numbers',
): Generator<void, LikeNumbers<InboundTrunk>> {
  const numbers = new LikeNumbers<InboundTrunk>();
  for (const trunk of trunks) {
    numbers.add(trunk, trunk[field]);
    yield;
  }
  yield* numbers.prepare();
  return numbers;
}
