import { plainFix, ruleName } from '../../../fixes/fix.ts';
import { few } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const dispatchRuleOfUnknownKind = defineFinding({
  id: 'dispatch_rule_of_unknown_kind',
  severity: 'warning',
  title: 'a dispatch rule is neither direct nor individual nor callee',
  runbook: {
    meaning:
      'If a rule for a trunk is of a kind that LiveKit does not know, LiveKit refuses every call to that trunk. A newer LiveKit may know this kind; sipwhy can’t tell what happens to these calls.',
    impact:
      'If the rule is empty or broken, every call to its trunks fails. A rule without trunk_ids affects every trunk. If LiveKit knows the kind, the rule makes no call fail.',
    diagnosis: [
      '`sipwhy audit` names the rule. `lk sip dispatch list --json` shows what it contains.',
      'Do calls to its trunks connect? Then LiveKit knows the kind, and sipwhy is older than LiveKit.',
    ],
    mitigation: [
      'If the rule is empty, make it a direct, individual or callee rule again. If LiveKit knows the kind, update sipwhy and leave the rule as it is.',
      'Verify that `sipwhy audit` shows the kind of the rule, and that the next call connects.',
    ],
  },
  fix: 'Check the rule; if it is empty, make it a direct, individual or callee rule.',
  *find(snapshot) {
    for (const rule of snapshot.rules) {
      if (rule.kind !== undefined) continue;
      const bound = rule.trunk_ids.filter((id) => snapshot.trunksById.has(id));
      const trunks = rule.trunk_ids.length === 0 ? 'every trunk' : few(rule.trunk_ids);
      yield {
        trunks: bound,
        rules: [rule.sip_dispatch_rule_id],
        describe: () => ({
          what: `${ruleName(rule)}, for ${trunks}, is neither direct nor individual nor callee.`,
          fixes: [
            plainFix(`Check ${ruleName(rule)}. If it is empty, make it a direct, an individual or a callee rule.`),
          ],
        }),
      };
    }
  },
  examples: [
    {
      shows: 'an empty rule',
      configuration: { trunks: { ST_1: {} }, rules: { SDR_1: { trunk_ids: ['ST_1'], rule: {} } } },
      want: { trunk: 'ST_1', what: 'SDR_1, for ST_1, is neither direct nor individual nor callee.' },
    },
    {
      shows: 'an empty rule for a missing trunk only, which counts under no trunk',
      configuration: { trunks: { ST_1: {} }, rules: { SDR_1: { trunk_ids: ['ST_2'], rule: {} } } },
      want: { trunk: 'none', what: 'SDR_1, for ST_2, is neither direct nor individual nor callee.' },
    },
    {
      shows: 'a kind that sipwhy does not know, without trunk_ids',
      configuration: { trunks: { ST_1: {} }, rules: { SDR_1: { rule: { dispatch_rule_other: {} } } } },
      want: { trunk: 'none', what: 'SDR_1, for every trunk, is neither direct nor individual nor callee.' },
    },
    {
      shows: 'a callee rule, although all its fields are empty',
      configuration: { trunks: { ST_1: {} }, rules: { SDR_1: { rule: { dispatch_rule_callee: {} } } } },
    },
  ],
});
