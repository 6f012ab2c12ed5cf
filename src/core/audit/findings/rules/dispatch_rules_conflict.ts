import { separateRules } from '../../../fixes/conflictFix.ts';
import { ruleName } from '../../../fixes/fix.ts';
import type { Clash } from '../../../trunks/judge/clashes.ts';
import { normaliseNumber, sharedNumber, withoutRepeats } from '../../../trunks/number.ts';
import type { DispatchRule } from '../../../trunks/snapshot.ts';
import { few } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

/** Conflicts that are listed; the others are only counted. */
const CONFLICTS_LISTED = 50;

export const dispatchRulesConflict = defineFinding({
  id: 'dispatch_rules_conflict',
  severity: 'critical',
  title: 'dispatch rules conflict, so every call to their trunk gets 503',
  runbook: {
    meaning:
      'Two rules conflict if they have the same trunk, caller, called number and pin. LiveKit looks for conflicts before it looks at the call, so it refuses every call to the trunk, even calls to other numbers. A rule conflicts with itself if it lists a trunk or a number twice, even in two formats.',
    impact:
      'Every call to the trunk fails at once with 503 "Try again later". A conflict between wildcard rules, which have no trunk_ids, refuses the calls to every trunk.',
    diagnosis: [
      '`sipwhy audit` names both rules and what they have in common.',
      '`sipwhy history` shows when the second rule was created. Often a script recreates its rule on each deployment.',
      'Which rule should get the calls? Compare their rooms and agents.',
    ],
    mitigation: [
      'If both rules are needed, give them different trunks, numbers, callers or pins. Two formats of one number count as the same number.',
      'If a rule lists one number in two formats, keep the format that calls carry. If calls carry both, empty the list instead, provided the rule may accept every number of its trunk.',
      'If one rule is not needed, delete it: `lk sip dispatch delete SDR_…`.',
      'Verify that `sipwhy audit` no longer lists the rules, and that `sipwhy check <number> --caller <caller>` names only one rule.',
    ],
  },
  fix: 'Give the two rules different trunks, numbers, callers or pins, or delete the one that is not needed.',
  *find(snapshot) {
    // A conflict on trunks that do not exist refuses no call.
    const conflicts = snapshot.clashes
      .map((conflict) => ({ conflict, trunkIds: [...conflict.trunkIds].filter((id) => snapshot.trunksById.has(id)) }))
      .filter(({ conflict, trunkIds }) => trunkIds.length > 0 || conflict.trunkIds.size === 0);
    for (const { conflict, trunkIds } of conflicts.slice(0, CONFLICTS_LISTED)) {
      const ids = new Set([conflict.rule.sip_dispatch_rule_id, conflict.other.sip_dispatch_rule_id]);
      yield {
        trunks: trunkIds,
        rules: [...ids],
        describe: () => ({ what: describe(conflict, trunkIds), fixes: separateRules(conflict.rule, conflict.other) }),
      };
    }
    const unlisted = conflicts.length - CONFLICTS_LISTED;
    if (unlisted > 0) {
      const what = `${unlisted} more pairs of dispatch rules conflict.`;
      yield { trunks: [], rules: [], describe: () => ({ what, fixes: [] }), count: unlisted };
    }
  },
  examples: [
    {
      shows: 'two rules for the same trunk',
      configuration: {
        trunks: { ST_1: {} },
        rules: {
          SDR_1: { trunk_ids: ['ST_1'] },
          SDR_2: { trunk_ids: ['ST_1'], rule: { dispatch_rule_direct: { room_name: 'lobby' } } },
        },
      },
      want: {
        trunk: 'ST_1',
        what: 'SDR_1 and SDR_2 both accept calls from any caller to any number on ST_1 without a pin. Every call to ST_1 gets 503.',
      },
    },
    {
      shows: 'two rules with the same caller, number and pin',
      configuration: {
        trunks: { ST_1: {} },
        rules: {
          SDR_1: {
            trunk_ids: ['ST_1'],
            inbound_numbers: ['+15550123'],
            numbers: ['+15550100'],
            rule: { dispatch_rule_direct: { room_name: 'lobby', pin: '4711' } },
          },
          SDR_2: {
            trunk_ids: ['ST_1'],
            inbound_numbers: ['+15550123', '+15550124'],
            numbers: ['+15550100'],
            rule: { dispatch_rule_direct: { room_name: 'desk', pin: '4711' } },
          },
        },
      },
      want: {
        trunk: 'ST_1',
        what: 'SDR_1 and SDR_2 both accept calls from +15550123 to +15550100 on ST_1 with the same pin. Every call to ST_1 gets 503.',
      },
    },
    {
      shows: 'two wildcard rules, with one number in two formats',
      configuration: {
        trunks: { ST_1: {} },
        rules: { SDR_1: { numbers: ['+15550100'] }, SDR_2: { numbers: ['15550100', '100'] } },
      },
      want: {
        trunk: 'none',
        what: 'SDR_1 and SDR_2 both accept calls from any caller to 15550100 on every trunk without a pin. Every call to every trunk gets 503.',
      },
    },
    {
      shows: 'one rule with a number in two formats',
      configuration: {
        trunks: { ST_1: {} },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['+15550100', '15550100'] } },
      },
      want: {
        trunk: 'ST_1',
        what: 'SDR_1 lists 15550100 a second time in another format, so it conflicts with itself. Every call to ST_1 gets 503.',
      },
    },
    {
      shows: 'one rule with a caller in two formats',
      configuration: {
        trunks: { ST_1: {} },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['+15550100'], inbound_numbers: ['+15550123', '15550123'] } },
      },
      want: {
        trunk: 'ST_1',
        what: 'SDR_1 lists 15550123 a second time in another format, so it conflicts with itself. Every call to ST_1 gets 503.',
      },
    },
    {
      shows: 'one rule with a caller twice',
      configuration: {
        trunks: { ST_1: {} },
        rules: { SDR_1: { trunk_ids: ['ST_1'], inbound_numbers: ['+15550123', '+15550123'] } },
      },
      want: {
        trunk: 'ST_1',
        what: 'SDR_1 lists a number twice, so it conflicts with itself. Every call to ST_1 gets 503.',
      },
    },
    {
      shows: 'one rule with a trunk twice',
      configuration: { trunks: { ST_1: {} }, rules: { SDR_1: { trunk_ids: ['ST_1', 'ST_1'] } } },
      want: {
        trunk: 'ST_1',
        what: 'SDR_1 lists a trunk twice, so it conflicts with itself. Every call to ST_1 gets 503.',
      },
    },
    {
      shows: 'one of two rules has a pin',
      configuration: {
        trunks: { ST_1: {} },
        rules: {
          SDR_1: { trunk_ids: ['ST_1'] },
          SDR_2: { trunk_ids: ['ST_1'], rule: { dispatch_rule_direct: { room_name: 'lobby', pin: '4711' } } },
        },
      },
    },
    {
      shows: 'one of two rules lists a number',
      configuration: {
        trunks: { ST_1: {} },
        rules: { SDR_1: { trunk_ids: ['ST_1'] }, SDR_2: { trunk_ids: ['ST_1'], numbers: ['+15550100'] } },
      },
    },
    {
      shows: 'two rules for two trunks',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] }, ST_2: { numbers: ['+15550101'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'] }, SDR_2: { trunk_ids: ['ST_2'] } },
      },
    },
    {
      shows: 'one of two rules is a wildcard rule',
      configuration: { trunks: { ST_1: {} }, rules: { SDR_1: { trunk_ids: ['ST_1'] }, SDR_2: {} } },
    },
    {
      shows: 'the trunk that two rules have in common does not exist',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] }, ST_2: { numbers: ['+15550101'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1', 'ST_old'] }, SDR_2: { trunk_ids: ['ST_2', 'ST_old'] } },
      },
    },
  ],
});

function describe({ rule, other }: Clash, trunkIds: readonly string[]): string {
  const where = trunkIds.length === 0 ? 'every trunk' : few(trunkIds);
  const effect = `Every call to ${where} gets 503.`;
  if (rule === other) return `${ruleName(rule)} lists ${repeated(rule)}, so it conflicts with itself. ${effect}`;
  const pin = rule.pin === '' ? 'without a pin' : 'with the same pin';
  return `${ruleName(other)} and ${ruleName(rule)} both accept calls from ${numberOf(rule, other, 'inbound_numbers') ?? 'any caller'} to ${numberOf(rule, other, 'numbers') ?? 'any number'} on ${where} ${pin}. ${effect}`;
}

/** A number that both list; `undefined` if neither lists any. */
function numberOf(rule: DispatchRule, other: DispatchRule, list: 'inbound_numbers' | 'numbers'): string | undefined {
  const shared = sharedNumber(rule[list], other[list]);
  const number = typeof shared === 'object' ? shared.number : undefined;
  return number === undefined ? undefined : rule[list].find((entry) => normaliseNumber(entry) === number);
}

function repeated({ trunk_ids, numbers, inbound_numbers }: Clash['rule']): string {
  if (new Set(trunk_ids).size < trunk_ids.length) return 'a trunk twice';
  const list = withoutRepeats(numbers).length < numbers.length ? numbers : inbound_numbers;
  const kept = new Set(withoutRepeats(list));
  const extra = list.filter((number) => !kept.has(number));
  return extra.length > 0 ? `${few(extra)} a second time in another format` : 'a number twice';
}
