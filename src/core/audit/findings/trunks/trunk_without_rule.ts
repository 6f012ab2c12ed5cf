import { ruleName, trunkName } from '../../../fixes/fix.ts';
import { newRule } from '../../../fixes/ruleFix.ts';
import type { DispatchRule, InboundTrunk } from '../../../trunks/snapshot.ts';
import { fewOf } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const trunkWithoutRule = defineFinding({
  id: 'trunk_without_rule',
  severity: 'critical',
  title: 'no dispatch rule leads on from a trunk',
  why:
    'A call that a trunk takes still needs a dispatch rule, bound to this trunk or to none, for its number and caller. ' +
    'Without one LiveKit sends 180 once and then nothing more: the caller hears ringing until somebody gives up.',
  fix: 'Create a dispatch rule for the trunk, or bind one to it.',
  *find(snapshot) {
    const { ruleIndex } = snapshot;
    for (const trunk of snapshot.trunks) {
      const bound = ruleIndex.boundTo(trunk.sip_trunk_id);
      const leadsOn = (rule: DispatchRule) => snapshot.canTake(rule, trunk);
      if (bound.some(leadsOn) || ruleIndex.wildcards.some(leadsOn)) continue;
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: bound.map((rule) => rule.sip_dispatch_rule_id),
        what: describe(trunk, bound, snapshot.rules.length),
        fixes: [newRule(trunk)],
      };
    }
  },
});

function describe(trunk: InboundTrunk, bound: readonly DispatchRule[], ruleCount: number): string {
  const name = trunkName(trunk);
  if (ruleCount === 0) return `${name} takes calls, and there is no dispatch rule at all.`;
  if (bound.length === 0) {
    const none = ruleCount === 1 ? 'the only dispatch rule is not' : `none of the ${ruleCount} dispatch rules is`;
    return `${name} takes calls, and ${none} for it.`;
  }
  return `${name} is served by ${fewOf(bound, ruleName)} only, and ${bound.length === 1 ? 'it takes' : 'they take'} other numbers or other callers than the trunk.`;
}
