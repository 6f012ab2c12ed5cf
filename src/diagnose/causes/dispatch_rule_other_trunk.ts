import { ruleName, trunkName } from '../../fixes/names.ts';
import { newRule, setTrunks } from '../../fixes/ruleFix.ts';
import { defineCause } from '../cause.ts';
import { configurationFault, refusalEvidence } from '../claims.ts';
import { withoutMatch } from '../withoutMatch.ts';

export const dispatchRuleOtherTrunk = defineCause({
  id: 'dispatch_rule_other_trunk',
  title: 'every dispatch rule is bound to another trunk',
  party: 'livekit_config',
  stage: 'dispatch',
  meaning:
    'The call has a trunk, but every dispatch rule names other trunks in trunk_ids, so that none sends the call to a room.',
  fix: 'Add the trunk to trunk_ids of a dispatch rule, or create a rule for it.',
  confidence: {
    certain:
      'LiveKit refused the call, by silence after one 180 or by a 404, and every dispatch rule is bound to other trunks.',
    likely:
      'Every dispatch rule is bound to other trunks, and the call’s answers do not show that LiveKit refused it, or something else that decides is not known.',
  },
  needs: ['stage', 'match', 'ending', 'progress'],
  match({ stage, match, ending, progress }) {
    const evidence = refusalEvidence(stage, ending, progress);
    if (!match) return withoutMatch(stage, evidence);
    const { meant, dispatch } = match;
    if (!meant || dispatch?.kind !== 'none' || dispatch.why !== 'other_trunk') return undefined;
    const bound = dispatch.rules.map((rule) => `${ruleName(rule)} for ${rule.trunk_ids.join(', ')}`);
    evidence.push(
      { name: 'trunk', value: trunkName(meant.trunk), source: 'match' },
      { name: 'dispatch rules', value: bound.slice(0, 5).join('; '), source: 'match' },
    );
    const [only] = dispatch.rules;
    const id = meant.trunk.sip_trunk_id;
    const fix =
      only && dispatch.rules.length === 1
        ? setTrunks(only, [id, ...only.trunk_ids], `Bind ${ruleName(only)} to ${trunkName(meant.trunk)} as well.`)
        : newRule(meant.trunk);
    return configurationFault(stage, evidence, [fix], 'admitted');
  },
});
