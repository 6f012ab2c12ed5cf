import { type Clash, findClashes } from './judge/clashes.ts';
import { LikeNumbers } from './judge/likeNumbers.ts';
import { RuleIndex } from './judge/ruleIndex.ts';
import { TrunkIndex } from './judge/trunkIndex.ts';
import { NumberSets } from './number.ts';

/**
 * An inbound trunk as far as matching needs it. Field names are LiveKit's own.
 * The password is dropped at the door: only whether one is set is kept.
 */
export interface InboundTrunk {
  readonly sip_trunk_id: string;
  readonly name: string;
  readonly numbers: readonly string[];
  readonly allowed_addresses: readonly string[];
  readonly allowed_numbers: readonly string[];
  readonly auth_username: string;
  readonly has_password: boolean;
  /** How long LiveKit rings before it answers 486; `undefined` where the trunk does not set it. */
  readonly ringing_timeout_seconds?: number;
  /** What else LiveKit says of the trunk, unread and without the password: `lk` replaces a trunk as a whole. */
  readonly rest: Readonly<Record<string, unknown>>;
}

export type RuleKind = 'direct' | 'individual' | 'callee';

export interface DispatchRule {
  readonly sip_dispatch_rule_id: string;
  readonly name: string;
  /** `undefined` for a kind that this version does not know: such a rule never matches. */
  readonly kind: RuleKind | undefined;
  /** Room name of a direct rule, room prefix of the others. */
  readonly room: string;
  readonly pin: string;
  /** The fields of the kind as LiveKit gives them, without the pin. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Trunks the rule is bound to; empty for a wildcard rule. */
  readonly trunk_ids: readonly string[];
  /** Callers. */
  readonly inbound_numbers: readonly string[];
  /** Called numbers. */
  readonly numbers: readonly string[];
  /** What else LiveKit says of the rule, unread: some of its fields can only be changed by replacing it as a whole. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** What a snapshot consists of, as it is kept and compared. */
export interface SnapshotFields {
  readonly trunks: readonly InboundTrunk[];
  readonly rules: readonly DispatchRule[];
}

/**
 * LiveKit's SIP configuration at one time, with its indexes. Each index is built when it is first asked for, and lives
 * as long as the snapshot. JSON and structured clones hold `trunks` and `rules` only: make a snapshot of them again.
 */
export class Snapshot implements SnapshotFields {
  readonly trunks: readonly InboundTrunk[];
  readonly rules: readonly DispatchRule[];
  readonly #trunkIndex: TrunkIndex;
  readonly #ruleIndex: RuleIndex;
  readonly #numberSets = new NumberSets();
  #byId: ReadonlyMap<string, InboundTrunk> | undefined;
  #clashes: readonly Clash[] | undefined;
  #called: LikeNumbers<InboundTrunk> | undefined;
  #callers: LikeNumbers<InboundTrunk> | undefined;

  constructor({ trunks, rules }: SnapshotFields, shared?: Snapshot) {
    this.trunks = trunks;
    this.rules = rules;
    this.#trunkIndex = shared?.trunks === trunks ? shared.#trunkIndex : new TrunkIndex(trunks);
    this.#ruleIndex = shared?.rules === rules ? shared.#ruleIndex : new RuleIndex(rules);
  }

  /** A copy with other trunks or rules. It shares the index of what stays. */
  with({ trunks = this.trunks, rules = this.rules }: Partial<SnapshotFields>): Snapshot {
    return new Snapshot({ trunks, rules }, this);
  }

  /** Builds the indexes that matching needs, in short steps: other work can go first between two of them. */
  *prepare(strictAddresses: boolean): Generator<void> {
    yield* this.#trunkIndex.prepare(strictAddresses);
    yield;
    this.#ruleIndex.prepare();
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

  /** The rules that clash at call time. */
  get clashes(): readonly Clash[] {
    this.#clashes ??= findClashes(this.rules);
    return this.#clashes;
  }

  /** The called numbers of the trunks, to be found in another form. */
  get calledNumbers(): LikeNumbers<InboundTrunk> {
    this.#called ??= likeNumbers(this.trunks, 'numbers');
    return this.#called;
  }

  /** The callers that the trunks list, to be found in another form. */
  get callers(): LikeNumbers<InboundTrunk> {
    this.#callers ??= likeNumbers(this.trunks, 'allowed_numbers');
    return this.#callers;
  }

  /** The trunks that a rule is bound to, as far as they exist; all of them for a wildcard rule. */
  trunksOf({ trunk_ids }: DispatchRule): readonly InboundTrunk[] {
    if (trunk_ids.length === 0) return this.trunks;
    return [...new Set(trunk_ids)].map((id) => this.trunksById.get(id)).filter((trunk) => trunk !== undefined);
  }

  /** A number that two of its lists both take. See `NumberSets.shared`. */
  shared(a: readonly string[], b: readonly string[]): ReturnType<NumberSets['shared']> {
    return this.#numberSets.shared(a, b);
  }

  /**
   * Whether the rule can take a call that the trunk took, for some caller and called number in some form.
   * A rule of unknown kind counts as one that can.
   */
  canTake(rule: DispatchRule, trunk: InboundTrunk): boolean {
    return (
      this.shared(rule.numbers, trunk.numbers) !== undefined &&
      this.shared(rule.inbound_numbers, trunk.allowed_numbers) !== undefined
    );
  }
}

function likeNumbers(trunks: readonly InboundTrunk[], field: 'numbers' | 'allowed_numbers'): LikeNumbers<InboundTrunk> {
  const numbers = new LikeNumbers<InboundTrunk>();
  for (const trunk of trunks) numbers.add(trunk, trunk[field]);
  return numbers;
}
