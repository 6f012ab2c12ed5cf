import type { Origin, Verdict } from '../admission.ts';
import type { NumberLikeness } from '../number.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../snapshot.ts';

/** How LiveKit dispatches a call that a trunk admitted. */
export type DispatchJudgement =
  | { readonly kind: 'rule'; readonly rule: DispatchRule }
  | { readonly kind: 'conflict'; readonly between: readonly [DispatchRule, DispatchRule] }
  /**
   * `rules` are the first of the nearest ones, which are `count`: bound to the trunk but for other numbers, or bound to
   * other trunks.
   */
  | {
      readonly kind: 'none';
      readonly why: 'no_rules' | 'other_trunk' | 'number_mismatch';
      readonly rules: readonly DispatchRule[];
      readonly count: number;
    };

/** How many rules a judgement contains. */
const NEAREST_RULES = 10;

interface Numbers {
  readonly called: string;
  /** `undefined` if it is not known. */
  readonly caller: string | undefined;
}

/** The dispatch rule that the call would get behind this trunk, if the trunk accepted the called number. */
export function judgeDispatch(snapshot: Snapshot, judged: TrunkJudgement, call: Numbers): DispatchJudgement {
  const { rules, ruleIndex } = snapshot;
  if (rules.length === 0) return { kind: 'none', why: 'no_rules', rules: [], count: 0 };
  const trunkId = judged.trunk.sip_trunk_id;
  const count = ruleIndex.countInReachOf(trunkId);
  if (count === 0)
    return { kind: 'none', why: 'other_trunk', rules: rules.slice(0, NEAREST_RULES), count: rules.length };

  const clash = ruleIndex.clashOn(trunkId);
  if (clash) return { kind: 'conflict', between: clash };
  const { called, caller } = call;
  // If the trunk lacks the called number, the fix is to dial one of its own numbers or to add the called one.
  const rule =
    (judged.called === 'pass'
      ? ruleIndex.choose(trunkId, caller ?? '', called)
      : ruleIndex.chooseForOwnNumber(judged.trunk, caller ?? '', called)) ??
    ruleIndex.firstOpen(trunkId, caller, called);
  if (rule) return { kind: 'rule', rule };
  const nearest = [...ruleIndex.inReachOf(trunkId).take(NEAREST_RULES)];
  return { kind: 'none', why: 'number_mismatch', rules: nearest, count };
}

/** The fields of a call that trunk matching uses. Unknown fields stay unknown. */
export interface CallToTrunks extends Origin {
  /** The called number: user part of the dialled SIP URI. */
  readonly called: string;
}

/** One trunk compared with the call, field by field. */
export interface TrunkJudgement {
  readonly trunk: InboundTrunk;
  readonly called: Verdict;
  readonly source: Verdict;
  readonly caller: Verdict;
  /** A number of the trunk that is the called number in another form; `undefined` if there is none. */
  readonly alike: { readonly number: string; readonly how: NumberLikeness } | undefined;
}

/** Which trunk matches: the result of `matchTrunk` without its list of reasons. */
export type TrunkChoice =
  | { readonly kind: 'empty' | 'none' }
  | { readonly kind: 'specific' | 'default'; readonly trunk: TrunkJudgement }
  | {
      readonly kind: 'multiple_specific_trunks' | 'multiple_default_trunks';
      /** The first two that match. */
      readonly between: readonly [TrunkJudgement, TrunkJudgement];
    };
