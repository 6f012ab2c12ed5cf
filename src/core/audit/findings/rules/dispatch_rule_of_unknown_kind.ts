import { plainFix, ruleName } from '../../../fixes/fix.ts';
import { few } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const dispatchRuleOfUnknownKind = defineFinding({
  id: 'dispatch_rule_of_unknown_kind',
  severity: 'warning',
  title: 'a dispatch rule is neither direct nor individual nor callee',
  why:
    'LiveKit refuses a set of rules in which one is of no kind that it knows, and with it every call to the trunk. A newer ' +
    'LiveKit may know this kind; what is said here of calls to these trunks is then not to be relied on.',
  fix: 'Check the rule; create it again as a direct, individual or callee rule if it is empty.',
  *find(snapshot) {
    for (const rule of snapshot.rules) {
      if (rule.kind !== undefined) continue;
      const bound = rule.trunk_ids.filter((id) => snapshot.trunksById.has(id));
      const trunks = rule.trunk_ids.length === 0 ? 'every trunk' : few(rule.trunk_ids);
      yield {
        trunks: bound,
        rules: [rule.sip_dispatch_rule_id],
        what: `${ruleName(rule)}, for ${trunks}, is of no kind that is known here.`,
        fixes: [plainFix(`Check ${ruleName(rule)}: it must be a direct, an individual or a callee rule.`)],
      };
    }
  },
});
