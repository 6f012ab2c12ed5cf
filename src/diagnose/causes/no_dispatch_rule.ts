import { newRule } from '../../fixes/ruleFix.ts';
import { defineCause } from '../cause.ts';
import { configurationFault, refusalEvidence } from '../claims.ts';
import { withoutMatch } from '../withoutMatch.ts';

export const noDispatchRule = defineCause({
  id: 'no_dispatch_rule',
  title: 'LiveKit has no dispatch rule',
  party: 'livekit_config',
  stage: 'dispatch',
  meaning: 'LiveKit’s project has no SIP dispatch rule at all, so that no call is sent to a room.',
  fix: 'Create a dispatch rule for the trunk.',
  confidence: {
    certain: 'LiveKit refused the call, by silence after one 180 or by a 404, and it has no dispatch rule.',
    likely: 'LiveKit has no dispatch rule, and the call’s answers do not show that it refused the call.',
  },
  needs: ['stage', 'match', 'ending', 'progress'],
  match({ stage, match, ending, progress }) {
    const evidence = refusalEvidence(stage, ending, progress);
    if (!match) return withoutMatch(stage, evidence);
    if (!match.hasNoRules) return undefined;
    evidence.push({ name: 'dispatch rules', value: 'none', source: 'match' });
    // Where there is no trunk either, the rule comes with the new trunk.
    return configurationFault(stage, evidence, match.meant ? [newRule(match.meant.trunk)] : [], 'admitted');
  },
});
