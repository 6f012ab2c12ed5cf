import { plainFix, ruleName } from '../../../fixes/fix.ts';
import { deleteRule, setTrunks } from '../../../fixes/ruleFix.ts';
import { few } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const ruleForMissingTrunk = defineFinding({
  id: 'rule_for_missing_trunk',
  severity: 'warning',
  title: 'a dispatch rule is bound to a trunk that does not exist',
  why:
    'A trunk that is deleted and created again gets another id, and its rules still name the old one: calls then pass the ' +
    'trunk and find no rule. Taking the last id off a rule is no remedy: a rule without trunk_ids takes calls from everywhere.',
  fix: 'Bind the rule to the trunk that took the place of the old one, or delete it.',
  *find(snapshot) {
    for (const rule of snapshot.rules) {
      const missing = rule.trunk_ids.filter((id) => !snapshot.trunksById.has(id));
      if (missing.length === 0) continue;
      const [first, ...others] = snapshot.trunksOf(rule).map((trunk) => trunk.sip_trunk_id);
      const gone = `${few(missing)}, which ${missing.length === 1 ? 'does' : 'do'} not exist`;
      const only = first === undefined;
      yield {
        trunks: missing,
        rules: [rule.sip_dispatch_rule_id],
        what: `${ruleName(rule)} is bound ${only ? 'only ' : ''}to ${gone}${only ? ', so that no call reaches it' : ''}.`,
        fixes: only
          ? [
              plainFix(`Bind ${ruleName(rule)} to the trunk that took the place of ${few(missing)}.`),
              deleteRule(rule, ', if nothing took its place'),
            ]
          : [setTrunks(rule, [first, ...others], `Leave only the trunks that exist in ${ruleName(rule)}.`)],
      };
    }
  },
});
