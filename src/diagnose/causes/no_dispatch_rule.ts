import { defineCause } from '../cause.ts';
import { configurationFault, refusalEvidence } from '../claims.ts';
import { newRuleFix } from '../ruleFix.ts';
import { withoutMatch } from '../withoutMatch.ts';

export const noDispatchRule = defineCause({
  id: 'no_dispatch_rule',
  title: 'LiveKit has no dispatch rule',
  party: 'livekit_config',
  stage: 'dispatch',
  meaning: 'LiveKit’s project has no SIP dispatch rule at all, so that no call is sent to a room.',
  fix: 'Create a dispatch rule for the trunk.',
  needs: ['stage', 'match', 'ending', 'progress'],
  match({ stage, match, ending, progress }) {
    const evidence = refusalEvidence(stage, ending, progress);
    if (!match) return withoutMatch(stage, evidence);
    const hasNoRules = match.hasNoRules;
    if (!hasNoRules) return undefined;
    evidence.push({ name: 'dispatch rules', value: 'none', source: 'match' });
    return configurationFault(stage, evidence, [newRuleFix(match.meant)], 'admitted');
  },
});
