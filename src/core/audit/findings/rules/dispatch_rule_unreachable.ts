import { type Fix, plainFix, ruleName, trunkName } from '../../../fixes/fix.ts';
import { deleteRule, setTrunks } from '../../../fixes/ruleFix.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../../../trunks/snapshot.ts';
import { wouldConflict } from '../../auditFixes.ts';
import { few, fewOf } from '../../few.ts';
import { defineFinding } from '../../finding.ts';
import { findUnreachable, type Obstacle } from '../../unreachable.ts';

export const dispatchRuleUnreachable = defineFinding({
  id: 'dispatch_rule_unreachable',
  severity: 'warning',
  title: 'a dispatch rule never gets a call',
  runbook: {
    meaning:
      'A rule accepts only calls that matched one of its trunks, and only if no other rule of that trunk comes first. A rule that lists numbers or callers comes before one that lists none; after that, direct comes before individual, and individual before callee. This rule gets no call on any of its trunks.',
    impact:
      'Calls that are meant for this rule go to the room of another rule. If no other rule accepts them, they get one 180 and then silence, or a 404 from newer builds.',
    diagnosis: [
      '`sipwhy audit` says for each trunk what is in the way: other numbers, other callers, or a rule that comes first.',
      'Which calls is the rule meant for? `sipwhy check <number> --caller <caller>` names the rule that accepts them now.',
    ],
    mitigation: [
      'If the rule is bound to the wrong trunk, bind it to the trunk that has its numbers: `lk sip dispatch update --id SDR_… --trunks ST_…`.',
      'If another rule comes first, list the numbers or callers that this rule is meant for, or remove them from the other rule.',
      'Delete the rule only if no call is meant for it.',
      'Verify that `sipwhy audit` no longer lists the rule, and that `sipwhy check <number> --caller <caller>` names it.',
    ],
  },
  fix: 'Bind the rule to the trunk that has its numbers, or list the numbers or callers that it is meant for.',
  *find(snapshot) {
    for (const found of findUnreachable(snapshot)) {
      if (!found) {
        yield undefined;
        continue;
      }
      const { rule, obstacles } = found;
      yield {
        trunks: obstacles.map(({ trunk }) => trunk.sip_trunk_id),
        rules: [...new Set([rule, ...obstacles.flatMap(rulesBefore)])].map((one) => one.sip_dispatch_rule_id),
        describe: () => ({
          what: `${ruleName(rule)} gets no calls: ${fewOf(obstacles, (obstacle) => describe(rule, obstacle))}.`,
          fixes: [...fixesFor(rule, obstacles, snapshot), deleteRule(rule, ', if no call is meant for it')],
        }),
      };
    }
  },
  examples: [
    {
      shows: 'its number is on another trunk',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] }, ST_2: { numbers: ['+15550101'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['+15550101'] } },
      },
      want: { trunk: 'ST_1', what: 'SDR_1 gets no calls: ST_1 accepts calls to +15550100, not to +15550101.' },
    },
    {
      shows: 'its caller is not in allowed_numbers of the trunk',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], allowed_numbers: ['+15550123'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], inbound_numbers: ['+15550124'] } },
      },
      want: { trunk: 'ST_1', what: 'SDR_1 gets no calls: ST_1 accepts calls from +15550123, not from +15550124.' },
    },
    {
      shows: 'a rule that lists the trunk’s only number comes before a rule without a list',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: {
          SDR_1: { trunk_ids: ['ST_1'] },
          SDR_2: {
            trunk_ids: ['ST_1'],
            numbers: ['+15550100'],
            rule: { dispatch_rule_direct: { room_name: 'lobby' } },
          },
        },
      },
      want: {
        trunk: 'ST_1',
        what: 'SDR_1 gets no calls: SDR_2 comes first for every call on ST_1, if calls carry the numbers as they are written there.',
      },
    },
    {
      shows: 'a direct rule for the number comes before an individual rule for a caller',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: {
          SDR_1: { trunk_ids: ['ST_1'], inbound_numbers: ['+15550123'] },
          SDR_2: {
            trunk_ids: ['ST_1'],
            numbers: ['+15550100'],
            rule: { dispatch_rule_direct: { room_name: 'lobby' } },
          },
        },
      },
      want: {
        trunk: 'ST_1',
        what: 'SDR_1 gets no calls: SDR_2 comes first for every call on ST_1, if calls carry the numbers as they are written there.',
      },
    },
    {
      shows: 'two rules together come before it',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100', '+15550101'] } },
        rules: {
          SDR_1: { trunk_ids: ['ST_1'] },
          SDR_2: { trunk_ids: ['ST_1'], numbers: ['+15550100'] },
          SDR_3: { trunk_ids: ['ST_1'], numbers: ['+15550101'] },
        },
      },
      want: {
        trunk: 'ST_1',
        what: 'SDR_1 gets no calls: SDR_2, SDR_3 come first for every call on ST_1, if calls carry the numbers as they are written there.',
      },
    },
    {
      shows: 'its number is the trunk’s',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['+15550100'] } },
      },
    },
    {
      shows: 'one of its two trunks has its number',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] }, ST_2: { numbers: ['+15550101'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1', 'ST_2'], numbers: ['+15550101'] } },
      },
    },
    {
      shows: 'the rule that comes first takes one of two numbers',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100', '+15550101'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'] }, SDR_2: { trunk_ids: ['ST_1'], numbers: ['+15550100'] } },
      },
    },
    {
      shows: 'an individual rule for a caller comes before a callee rule for the number',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: {
          SDR_1: { trunk_ids: ['ST_1'], inbound_numbers: ['+15550123'] },
          SDR_2: {
            trunk_ids: ['ST_1'],
            numbers: ['+15550100'],
            rule: { dispatch_rule_callee: { room_prefix: 'desk' } },
          },
        },
      },
    },
    {
      shows: 'the rule that comes first asks for a pin, and the caller may give none',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: {
          SDR_1: { trunk_ids: ['ST_1'] },
          SDR_2: {
            trunk_ids: ['ST_1'],
            numbers: ['+15550100'],
            rule: { dispatch_rule_direct: { room_name: 'lobby', pin: '4711' } },
          },
        },
      },
    },
    {
      shows: 'a wildcard rule, which accepts calls that no trunk matched',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'] }, SDR_2: {} },
      },
    },
    {
      shows: 'its trunk does not exist, which rule_for_missing_trunk reports',
      configuration: { trunks: { ST_1: { numbers: ['+15550100'] } }, rules: { SDR_1: { trunk_ids: ['ST_old'] } } },
    },
    {
      shows: 'rules conflict, so LiveKit chooses none of them',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: {
          SDR_1: { trunk_ids: ['ST_1'] },
          SDR_2: { trunk_ids: ['ST_1'] },
          SDR_3: { trunk_ids: ['ST_1'], numbers: ['+15550100'] },
        },
      },
    },
  ],
});

function describe(rule: DispatchRule, obstacle: Obstacle): string {
  const name = trunkName(obstacle.trunk);
  switch (obstacle.kind) {
    case 'numbers':
      return `${name} accepts calls to ${few(obstacle.trunk.numbers)}, not to ${few(rule.numbers)}`;
    case 'callers':
      return `${name} accepts calls from ${few(obstacle.trunk.allowed_numbers)}, not from ${few(rule.inbound_numbers)}`;
    case 'beaten': {
      const come = obstacle.by.length === 1 ? 'comes' : 'come';
      return `${fewOf(obstacle.by, ruleName)} ${come} first for every call on ${name}, if calls carry the numbers as they are written there`;
    }
  }
}

function fixesFor(rule: DispatchRule, obstacles: readonly Obstacle[], snapshot: Snapshot): Fix[] {
  const name = ruleName(rule);
  const before = obstacles.flatMap(rulesBefore);
  if (before.length > 0) {
    const others = few([...new Set(before.map(ruleName))]);
    return [plainFix(`List the numbers or callers that ${name} is meant for, or remove them from ${others}.`)];
  }
  const owner = obstacles.every(({ kind }) => kind === 'numbers') ? ownerOf(rule, snapshot) : undefined;
  if (owner)
    return [setTrunks(rule, [owner.sip_trunk_id], `Bind ${name} to ${trunkName(owner)}, which has its number.`)];
  return [plainFix(`List numbers and callers in ${name} that its trunks accept.`)];
}

/** The trunk that has one of the rule's numbers; `undefined` where the rule would conflict with that trunk's rules. */
function ownerOf(rule: DispatchRule, snapshot: Snapshot): InboundTrunk | undefined {
  const owner = rule.numbers.map((number) => snapshot.trunkIndex.ownerOf(number)).find(Boolean);
  return owner && !wouldConflict(snapshot, rule, owner.sip_trunk_id) ? owner : undefined;
}

function rulesBefore(obstacle: Obstacle): readonly DispatchRule[] {
  return obstacle.kind === 'beaten' ? obstacle.by : [];
}
