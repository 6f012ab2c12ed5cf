import { ruleName, trunkName } from '../../../fixes/fix.ts';
import { newRule } from '../../../fixes/ruleFix.ts';
import { sharedAgentNames } from '../../../trunks/agents.ts';
import type { DispatchRule, InboundTrunk } from '../../../trunks/snapshot.ts';
import { fewOf } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const trunkWithoutRule = defineFinding({
  id: 'trunk_without_rule',
  severity: 'critical',
  title: 'no dispatch rule accepts the calls of a trunk',
  runbook: {
    meaning:
      'A call that matches a trunk also needs a dispatch rule. The rule must be bound to this trunk or to none, and must accept the called number and the caller. No rule does that for any call of this trunk.',
    impact:
      'Every call to the trunk fails. Self-hosted LiveKit sends one 180 and then nothing, so the caller hears ringing or silence until the dial times out. Newer builds answer 404.',
    diagnosis: [
      '`sipwhy audit` lists the rules of each trunk. If a rule names a trunk that does not exist, or has its lists swapped, the audit reports this too.',
      '`sipwhy history` shows whether a rule or the trunk was deleted and recreated. A new trunk has a new id, which the old rules don’t name.',
    ],
    mitigation: [
      'If a rule for these calls exists, bind it to the trunk (`lk sip dispatch update --id SDR_… --trunks ST_…`), or correct its numbers and inbound_numbers.',
      'Otherwise create a rule that is bound to this trunk. If the agent has an agent_name, the rule must name it in room_config.',
      'Never leave trunk_ids empty: the rule would also accept calls that no trunk matched, bypassing allow-lists and passwords.',
      'Verify that `sipwhy audit` no longer lists the trunk, and that `sipwhy check <number> --caller <caller>` names the rule.',
    ],
  },
  fix: 'Bind a dispatch rule to the trunk, or create one for it.',
  *find(snapshot) {
    const { ruleIndex } = snapshot;
    for (const trunk of snapshot.trunks) {
      yield undefined;
      const bound = ruleIndex.boundTo(trunk.sip_trunk_id);
      if (ruleIndex.canTakeFrom(trunk)) continue;
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: bound.map((rule) => rule.sip_dispatch_rule_id),
        describe: () => ({
          what: describe(trunk, bound, snapshot.rules.length),
          fixes: [newRule(trunk, sharedAgentNames(snapshot.rules))],
        }),
      };
    }
  },
  examples: [
    {
      shows: 'there is no rule',
      configuration: { trunks: { ST_1: { numbers: ['+15550100'] } } },
      want: { trunk: 'ST_1', what: 'ST_1 accepts calls, but there is no dispatch rule.' },
    },
    {
      shows: 'the only rule is bound to another trunk',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] }, ST_2: { numbers: ['+15550101'] } },
        rules: { SDR_2: { trunk_ids: ['ST_2'] } },
      },
      want: { trunk: 'ST_1', what: 'ST_1 accepts calls, but the only dispatch rule accepts none of them.' },
    },
    {
      shows: 'two rules, one for another trunk and one for another number',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] }, ST_2: { numbers: ['+15550101'] } },
        rules: { SDR_2: { trunk_ids: ['ST_2'] }, SDR_3: { numbers: ['+15550101'] } },
      },
      want: { trunk: 'ST_1', what: 'ST_1 accepts calls, but none of the 2 dispatch rules accepts them.' },
    },
    {
      shows: 'its rule accepts another number',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['+15550101'] } },
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 accepts calls, but its dispatch rule SDR_1 accepts other numbers or callers.',
      },
    },
    {
      shows: 'its rules accept other callers, and another number',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], allowed_numbers: ['+15550123'] } },
        rules: {
          SDR_1: { trunk_ids: ['ST_1'], inbound_numbers: ['+15550124'] },
          SDR_2: { trunk_ids: ['ST_1'], numbers: ['+15550101'] },
        },
      },
      want: {
        trunk: 'ST_1',
        what: 'ST_1 accepts calls, but its dispatch rules SDR_1, SDR_2 accept other numbers or callers.',
      },
    },
    {
      shows: 'its rule accepts its number',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['+15550100'] } },
      },
    },
    {
      shows: 'a rule without trunk_ids accepts its calls',
      configuration: { trunks: { ST_1: { numbers: ['+15550100'] } }, rules: { SDR_1: {} } },
    },
    {
      shows: 'a default trunk with a rule for one number',
      configuration: { trunks: { ST_1: {} }, rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['100'] } } },
    },
    {
      shows: 'its rule is of a kind that sipwhy does not know, and may accept its calls',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], rule: {} } },
      },
    },
  ],
});

function describe(trunk: InboundTrunk, bound: readonly DispatchRule[], ruleCount: number): string {
  const name = trunkName(trunk);
  if (ruleCount === 0) return `${name} accepts calls, but there is no dispatch rule.`;
  if (bound.length === 1)
    return `${name} accepts calls, but its dispatch rule ${fewOf(bound, ruleName)} accepts other numbers or callers.`;
  if (bound.length > 0)
    return `${name} accepts calls, but its dispatch rules ${fewOf(bound, ruleName)} accept other numbers or callers.`;
  return ruleCount === 1
    ? `${name} accepts calls, but the only dispatch rule accepts none of them.`
    : `${name} accepts calls, but none of the ${ruleCount} dispatch rules accepts them.`;
}
