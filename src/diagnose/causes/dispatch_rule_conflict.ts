import { ruleName } from '../../fixes/names.ts';
import { deleteRule } from '../../fixes/ruleFix.ts';
import { defineCause } from '../cause.ts';
import { alternative, configurationFault, responseEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';
import { isTryAgainLater } from '../liveKitResponses.ts';

export const dispatchRuleConflict = defineCause({
  id: 'dispatch_rule_conflict',
  title: 'two dispatch rules clash',
  party: 'livekit_config',
  stage: 'dispatch',
  meaning:
    'Two dispatch rules in reach of the call have the same trunk, caller, called number and pin. LiveKit then decides for neither and answers 503.',
  fix: 'Delete one of the two rules, or give them different numbers or pins.',
  needs: ['target', 'stage', 'match', 'ending', 'progress'],
  match({ target, stage, match, ending, progress }) {
    if (target.kind !== 'livekit') return undefined;
    const evidence = responseEvidence(ending, progress);
    if (!match) return isTryAgainLater(ending) ? alternative(evidence) : undefined;
    if (match.dispatch?.kind !== 'conflict') return undefined;
    const [a, b] = match.dispatch.between;
    evidence.push({ name: 'dispatch rules that clash', value: `${ruleName(a)} and ${ruleName(b)}`, source: 'match' });
    const fixes = [
      deleteRule(b, ', or give it other numbers or another pin'),
      deleteRule(a, ', or give it other numbers or another pin'),
    ];
    // LiveKit comes to its rules only where it has found one trunk.
    if (match.choice.kind === 'matched' && isResponse(ending, 503)) {
      const confidence = isTryAgainLater(ending) && match.auth?.kind === 'not_asked' ? 'certain' : 'likely';
      return { standing: 'blocking', basis: 'observed', confidence, evidence, fixes };
    }
    return configurationFault(stage, evidence, fixes, 'admitted');
  },
});
