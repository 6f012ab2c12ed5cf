import { ruleName } from '../../../fixes/fix.ts';
import { setNumbers } from '../../../fixes/ruleFix.ts';
import type { LikeNumbers } from '../../../trunks/judge/likeNumbers.ts';
import { normaliseNumber, withoutRepeats } from '../../../trunks/number.ts';
import type { DispatchRule, InboundTrunk } from '../../../trunks/snapshot.ts';
import { few } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const ruleNumberForm = defineFinding({
  id: 'rule_number_form',
  severity: 'warning',
  title: 'a dispatch rule has a number in another form than its trunk',
  why:
    'A trunk takes a number with or without +, blanks, dashes and brackets; a dispatch rule compares it exactly as it is ' +
    'written with what was sent. A call can so pass the trunk and find no rule: 180 once, and then silence.',
  fix: 'Write the numbers of the rule exactly as they are sent, or leave the list empty where the trunk decides already.',
  *find({ rules, calledNumbers: called, callers }) {
    for (const rule of rules) {
      const numbers = rule.numbers.map((number) => check(number, rule, called));
      const inbound = rule.inbound_numbers.map((number) => check(number, rule, callers));
      const traps = [
        ...numbers.map((form) => ({ ...form, list: 'numbers' })),
        ...inbound.map((form) => ({ ...form, list: 'inbound_numbers' })),
      ].filter((form) => form.why !== undefined);
      if (traps.length === 0) continue;
      const lists = {
        numbers: withoutRepeats(numbers.map((form) => form.better)),
        inbound_numbers: withoutRepeats(inbound.map((form) => form.better)),
      };
      const better = few(traps.map((form) => form.better));
      yield {
        trunks: [...new Set(traps.flatMap((form) => form.trunk?.sip_trunk_id ?? []))],
        rules: [rule.sip_dispatch_rule_id],
        what: `${ruleName(rule)}: ${few(traps.map((form) => `${form.number} in ${form.list} ${form.why}`))}.`,
        fixes: [setNumbers(rule, lists, `Write ${better} in ${ruleName(rule)}, if that is the form that is sent.`)],
      };
    }
  },
});

interface Form {
  readonly number: string;
  /** What is wrong with its form; `undefined` when nothing is known to be. */
  readonly why: string | undefined;
  /** The form to write instead; the number itself when nothing is wrong. */
  readonly better: string;
  readonly trunk: InboundTrunk | undefined;
}

function check(number: string, rule: DispatchRule, listed: LikeNumbers<InboundTrunk>): Form {
  const bound = rule.trunk_ids.length === 0 ? undefined : new Set(rule.trunk_ids);
  const ofRule = listed.find(number).flatMap((like) => {
    const trunk = like.owners.find(({ sip_trunk_id }) => bound?.has(sip_trunk_id) ?? true);
    return trunk ? [{ ...like, trunk }] : [];
  });
  const plain = normaliseNumber(number);
  // A dialled or calling number has no blanks, dashes or brackets, so that this entry equals none.
  if (plain !== number && /[ \-()]/.test(number)) {
    const like = ofRule.find((form) => !/[ \-()]/.test(form.number));
    return { number, why: 'is written as nobody sends it', better: like?.number ?? plain, trunk: like?.trunk };
  }
  const like = ofRule.find((form) => form.how === 'normalised') ?? ofRule[0];
  if (!like || ofRule.some((form) => form.how === 'as_written')) {
    return { number, why: undefined, better: number, trunk: undefined };
  }
  return { number, why: `is ${like.number} on ${like.trunk.sip_trunk_id}`, better: like.number, trunk: like.trunk };
}
