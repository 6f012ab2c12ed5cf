import { type Fix, plainFix, ruleName } from '../../../fixes/fix.ts';
import { setNumbers } from '../../../fixes/ruleFix.ts';
import type { LikeNumbers } from '../../../trunks/judge/likeNumbers.ts';
import { withoutRepeats } from '../../../trunks/number.ts';
import { asCarried, ODD, oddEntry } from '../../../trunks/numberEntry.ts';
import type { DispatchRule, InboundTrunk } from '../../../trunks/snapshot.ts';
import { quoted } from '../../auditFixes.ts';
import { few, fewOf, written } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const ruleNumberForm = defineFinding({
  id: 'rule_number_form',
  severity: 'warning',
  title: 'a dispatch rule has a number in a format that calls or its trunk don’t have',
  runbook: {
    meaning:
      'A trunk matches a number with or without +, spaces, dashes and parentheses. A dispatch rule compares its numbers exactly as written with what the call carries. So a call can match the trunk but find no rule. Neither knows wildcards, prefixes, SIP URIs or lists in one text.',
    impact:
      'Calls that carry the number in a different format from the rule get one 180 and then silence, or a 404 from newer builds, unless another rule accepts them. Calls in the rule’s format connect.',
    diagnosis: [
      '`sipwhy audit` shows the number as the rule has it and as the trunk has it.',
      'Which format do calls carry? `sipwhy explain CALL_SID` shows the caller and the called number as LiveKit saw them.',
    ],
    mitigation: [
      'If calls carry the trunk’s format, write it in the rule. `sipwhy audit` prints the change to paste. LiveKit’s API replaces the whole rule, so fill in the pin if the rule has one.',
      'Write each number in full, one per entry, instead of a pattern or a SIP URI, or empty the list. An empty entry often comes from a script that reads a variable which is not set.',
      'If calls carry several formats, empty the list, provided the rule may accept every number of its trunk. Don’t list both formats: the rule would conflict with itself.',
      'Verify that `sipwhy audit` no longer lists the rule, and that `sipwhy check <number> --caller <caller>` names it.',
    ],
  },
  fix: 'Write the numbers of the rule exactly as calls carry them.',
  *find({ rules, calledNumbers, callers }) {
    for (const rule of rules) {
      yield undefined;
      const numbers = rule.numbers.map((number) => check(number, rule, calledNumbers));
      const inbound = rule.inbound_numbers.map((number) => check(number, rule, callers));
      const wrong = [
        ...numbers.map((form) => ({ ...form, list: 'numbers' })),
        ...inbound.map((form) => ({ ...form, list: 'inbound_numbers' })),
      ].filter((form) => form.fault !== undefined);
      if (wrong.length === 0) continue;
      const lists = {
        numbers: withoutRepeats(numbers.flatMap((form) => form.better ?? [])),
        inbound_numbers: withoutRepeats(inbound.flatMap((form) => form.better ?? [])),
      };
      const odd = wrong.some(({ number }) => oddEntry(number)) ? rule.trunk_ids : [];
      yield {
        trunks: [...new Set([...wrong.flatMap((form) => form.trunk?.sip_trunk_id ?? []), ...odd])],
        rules: [rule.sip_dispatch_rule_id],
        describe: () => ({
          what: `${ruleName(rule)} has ${fewOf(wrong, ({ number, list, fault }) => `${number.trim() === '' ? written(number) : number} in ${list} (${fault})`)}.`,
          fixes: [fixFor(rule, wrong, lists)],
        }),
      };
    }
  },
  examples: [
    {
      shows: 'the trunk has the number with +, the rule without',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['15550100'] } },
      },
      want: { trunk: 'ST_1', what: 'SDR_1 has 15550100 in numbers (ST_1 has +15550100).' },
    },
    {
      shows: 'spaces, which no call carries, although the trunk has them too',
      configuration: {
        trunks: { ST_1: { numbers: ['+1 555 0100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['+1 555 0100'] } },
      },
      want: { trunk: 'ST_1', what: 'SDR_1 has +1 555 0100 in numbers (no call carries this format).' },
    },
    {
      shows: 'dashes in a number that no trunk has',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['555-0142'] } },
      },
      want: { trunk: 'none', what: 'SDR_1 has 555-0142 in numbers (no call carries this format).' },
    },
    {
      shows: 'an international prefix, which the trunk does not have',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['0015550100'] } },
      },
      want: { trunk: 'ST_1', what: 'SDR_1 has 0015550100 in numbers (ST_1 has +15550100).' },
    },
    {
      shows: 'the trunk has the number in two formats, one of which differs by the + only',
      configuration: {
        trunks: { ST_1: { numbers: ['0015550100', '+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['15550100'] } },
      },
      want: { trunk: 'ST_1', what: 'SDR_1 has 15550100 in numbers (ST_1 has +15550100).' },
    },
    {
      shows: 'a caller and a called number in other formats than the trunk has',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], allowed_numbers: ['+15550123'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], inbound_numbers: ['15550123'], numbers: ['15550100'] } },
      },
      want: {
        trunk: 'ST_1',
        what: 'SDR_1 has 15550100 in numbers (ST_1 has +15550100), 15550123 in inbound_numbers (ST_1 has +15550123).',
      },
    },
    {
      shows: 'a rule without trunk_ids',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { numbers: ['15550100'] } },
      },
      want: { trunk: 'ST_1', what: 'SDR_1 has 15550100 in numbers (ST_1 has +15550100).' },
    },
    {
      shows: 'a prefix, which no caller has',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], inbound_numbers: ['+1'] } },
      },
      want: {
        trunk: 'ST_1',
        what: 'SDR_1 has +1 in inbound_numbers (LiveKit knows no patterns and no prefixes).',
      },
    },
    {
      shows: 'a pattern and an empty entry of a rule without trunk_ids',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { numbers: ['*'], inbound_numbers: [''] } },
      },
      want: {
        trunk: 'none',
        what: 'SDR_1 has * in numbers (LiveKit knows no patterns and no prefixes), "" in inbound_numbers (the entry is empty).',
      },
    },
    {
      shows: 'two numbers in one text',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100', '+15550101'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['+15550100;+15550101'] } },
      },
      want: {
        trunk: 'ST_1',
        what: 'SDR_1 has +15550100;+15550101 in numbers (LiveKit reads it as one number).',
      },
    },
    {
      shows: 'the same format',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['+15550100'] } },
      },
    },
    {
      shows: 'the same format, except for spaces on the trunk',
      configuration: {
        trunks: { ST_1: { numbers: ['+1 555 0100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['+15550100'] } },
      },
    },
    {
      shows: 'one of the two formats that the trunk has',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100', '15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['15550100'] } },
      },
    },
    {
      shows: 'another number',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['15550101'] } },
      },
    },
    {
      shows: 'the number of a trunk that the rule is not bound to',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] }, ST_2: { numbers: ['+15550101'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['15550101'] } },
      },
    },
    {
      shows: 'a name with dashes, which is not a number',
      configuration: {
        trunks: { ST_1: { numbers: ['call-desk'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['call-desk'] } },
      },
    },
  ],
});

interface Form {
  readonly number: string;
  /** What is wrong with its form; `undefined` when nothing is known to be. */
  readonly fault: string | undefined;
  /** What to write instead, the number itself when nothing is wrong; `undefined` if only a person knows. */
  readonly better: readonly string[] | undefined;
  readonly trunk: InboundTrunk | undefined;
}

function check(number: string, rule: DispatchRule, listed: LikeNumbers<InboundTrunk>): Form {
  const bound = rule.trunk_ids.length === 0 ? undefined : new Set(rule.trunk_ids);
  const odd = oddEntry(number);
  if (odd) {
    return { number, fault: ODD[odd.kind], better: odd.instead, trunk: undefined };
  }
  const onItsTrunks = listed.find(number).flatMap((like) => {
    const trunk = like.owners.find(({ sip_trunk_id }) => bound?.has(sip_trunk_id) ?? true);
    return trunk ? [{ ...like, trunk, carried: asCarried(like.number) }] : [];
  });
  const like = onItsTrunks.find(({ how }) => how === 'normalised') ?? onItsTrunks[0];
  const better = [like?.carried ?? asCarried(number)];
  if (asCarried(number) !== number) return { number, fault: 'no call carries this format', better, trunk: like?.trunk };
  if (!like || onItsTrunks.some(({ carried }) => carried === number)) {
    return { number, fault: undefined, better: [number], trunk: undefined };
  }
  return { number, fault: `${like.trunk.sip_trunk_id} has ${like.number}`, better, trunk: like.trunk };
}

function fixFor(
  rule: DispatchRule,
  wrong: readonly Form[],
  lists: { readonly numbers: readonly string[]; readonly inbound_numbers: readonly string[] },
): Fix {
  const name = ruleName(rule);
  const unknown = wrong.filter(({ better }) => better === undefined).map(({ number }) => number);
  if (unknown.length > 0) {
    return plainFix(
      `In ${name}, write numbers in full instead of ${quoted(unknown)}, exactly as calls carry them, or empty the list: an empty list accepts all that its trunk admits.`,
    );
  }
  const better = wrong.flatMap((form) => form.better ?? []);
  if (better.length === 0)
    return setNumbers(rule, lists, `Remove ${quoted(wrong.map(({ number }) => number))} from ${name}.`);
  return setNumbers(rule, lists, `Write ${few(better)} in ${name}, if calls carry this format.`);
}
