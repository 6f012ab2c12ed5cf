import { ruleName } from '../../../fixes/fix.ts';
import { nameAgent } from '../../../fixes/ruleFix.ts';
import { agentNamesOf } from '../../../trunks/agents.ts';
import { few } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const ruleNamesNoAgent = defineFinding({
  id: 'rule_names_no_agent',
  severity: 'info',
  title: 'a dispatch rule names no agent',
  runbook: {
    meaning:
      'A dispatch rule names the agents of its calls in room_config.agents. This rule names none, so LiveKit offers its calls only to workers that run without an agent_name.',
    impact:
      'If every worker has an agent_name, the callers of this rule hear ringing until LiveKit or the dial gives up. LiveKit’s documentation calls this the usual reason for an agent that never comes.',
    diagnosis: [
      '`sipwhy audit` lists the rules that name no agent, and whom the others dispatch.',
      'Look in the worker’s code for `agent_name`. If it has none, the rule is right as it is.',
    ],
    mitigation: [
      'If the worker has an agent_name, name it in the rule’s room_config. LiveKit’s API replaces the whole rule, so fill in the pin if the rule has one.',
      'Verify that `sipwhy audit` no longer lists the rule, and that the agent answers the next call.',
    ],
  },
  fix: 'If the worker has an agent_name, name it in the rule’s room_config.',
  *find({ rules }) {
    const without = rules.filter((rule) => agentNamesOf(rule).length === 0);
    const [first] = without;
    if (!first) return;
    const named = [...new Set(rules.flatMap(agentNamesOf))];
    // Where no rule names an agent, one line says so for all of them.
    if (named.length === 0) {
      yield {
        trunks: [],
        rules: without.map((rule) => rule.sip_dispatch_rule_id),
        count: without.length,
        describe: () => ({
          what: 'No dispatch rule names an agent, so only workers without an agent_name get calls.',
          fixes: [
            nameAgent(
              first,
              `If the workers have an agent_name, name it in room_config of each rule, beginning with ${ruleName(first)}.`,
            ),
          ],
        }),
      };
      return;
    }
    for (const rule of without) {
      yield {
        trunks: [],
        rules: [rule.sip_dispatch_rule_id],
        describe: () => ({
          what: `${ruleName(rule)} names no agent, although other rules dispatch ${few(named)}.`,
          fixes: [nameAgent(rule, `Name the agent in room_config of ${ruleName(rule)}.`)],
        }),
      };
    }
  },
  examples: [
    {
      shows: 'one rule names an agent, and another names none',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] }, ST_2: { numbers: ['+15550101'] } },
        rules: {
          SDR_1: { trunk_ids: ['ST_1'], room_config: { agents: [{ agent_name: 'desk-agent' }] } },
          SDR_2: { trunk_ids: ['ST_2'] },
        },
      },
      want: { trunk: 'none', what: 'SDR_2 names no agent, although other rules dispatch desk-agent.' },
    },
    {
      shows: 'no rule names an agent',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'] } },
      },
      want: {
        trunk: 'none',
        what: 'No dispatch rule names an agent, so only workers without an agent_name get calls.',
      },
    },
    {
      shows: 'every rule names an agent',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], room_config: { agents: [{ agent_name: 'desk-agent' }] } } },
      },
    },
  ],
});
