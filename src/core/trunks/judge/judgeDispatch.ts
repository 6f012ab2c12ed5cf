import type { Origin, Verdict } from '../admission.ts';
import { type DispatchCall, matchDispatch, takesNumbers } from '../match/dispatch.ts';
import { isListed, type NumberLikeness } from '../number.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../snapshot.ts';

/** How LiveKit dispatches a call that a trunk admitted. */
export type DispatchJudgement =
  | { readonly kind: 'rule'; readonly rule: DispatchRule }
  | { readonly kind: 'conflict'; readonly between: readonly [DispatchRule, DispatchRule] }
  /** `rules` are the nearest ones: bound to the trunk but for other numbers, or bound to other trunks. */
  | {
      readonly kind: 'none';
      readonly why: 'no_rules' | 'other_trunk' | 'number_mismatch';
      readonly rules: readonly DispatchRule[];
    };

interface Numbers {
  readonly called: string;
  /** `undefined` if it is not known. */
  readonly caller: string | undefined;
}

/** The dispatch rule that the call would get behind this trunk, if the trunk accepted the called number. */
export function judgeDispatch(snapshot: Snapshot, judged: TrunkJudgement, call: Numbers): DispatchJudgement {
  if (snapshot.rules.length === 0) return { kind: 'none', why: 'no_rules', rules: [] };
  const trunkId = judged.trunk.sip_trunk_id;
  const inReach = snapshot.ruleIndex.inReachOf(trunkId);
  if (inReach.length === 0) return { kind: 'none', why: 'other_trunk', rules: snapshot.rules };

  // If the trunk lacks the called number, the fix is to dial one of its own numbers or to add the called one.
  const numbers = judged.called === 'pass' ? [call.called] : [...formsOf(judged.trunk, inReach), call.called];
  const known = inReach.filter(({ kind }) => kind !== undefined);
  for (const number of numbers) {
    const match = matchDispatch(known, trunkId, dispatchCall(call, number));
    if (match.ok) return { kind: 'rule', rule: match.rule };
    // A conflict does not depend on the number.
    if (match.error === 'conflict') return { kind: 'conflict', between: match.between };
  }
  // Neither an unknown caller nor an unknown kind counts against a rule.
  const open = inReach.find((rule) => {
    if (rule.kind !== undefined && call.caller !== undefined) return false;
    const callers = call.caller === undefined ? [] : rule.inbound_numbers;
    return takesNumbers({ ...rule, inbound_numbers: callers }, { from_user: call.caller ?? '', to_user: call.called });
  });
  if (open) return { kind: 'rule', rule: open };
  return { kind: 'none', why: 'number_mismatch', rules: inReach };
}

/** The numbers of a trunk in every listed form, because a trunk accepts any form, and a rule only its own. */
function formsOf({ numbers }: InboundTrunk, rules: readonly DispatchRule[]): readonly string[] {
  const listed = rules.flatMap((rule) => rule.numbers.filter((number) => isListed(number, numbers)));
  return [...listed, ...numbers];
}

export function dispatchCall(call: Numbers, called: string): DispatchCall {
  return { from_user: call.caller ?? '', to_user: called, pin: '', no_pin: false };
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
