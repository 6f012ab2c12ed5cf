import { newTrunkFix } from '../../fixes/trunkFix.ts';
import { defineCause } from '../cause.ts';
import { configurationFault, refusalEvidence } from '../claims.ts';
import { withoutMatch } from '../withoutMatch.ts';

export const noTrunkConfigured = defineCause({
  id: 'no_trunk_configured',
  title: 'LiveKit has no inbound trunk',
  party: 'livekit_config',
  stage: 'trunk',
  meaning: 'LiveKit’s project has no inbound SIP trunk at all, so that no call can match one.',
  fix: 'Create an inbound trunk with the number that is dialled, and a dispatch rule for it.',
  confidence: {
    certain: 'LiveKit refused the call, by silence after one 180 or by a 404, and it has no inbound trunk.',
    likely: 'LiveKit has no inbound trunk, and the call’s answers do not show that it refused the call.',
  },
  needs: ['stage', 'match', 'ending', 'progress'],
  match({ stage, match, ending, progress }) {
    const evidence = refusalEvidence(stage, ending, progress);
    if (!match) return withoutMatch(stage, evidence);
    // A wildcard rule takes the call without any trunk.
    if (match.choice.kind !== 'empty' || match.hole) return undefined;
    evidence.push({ name: 'inbound trunks', value: 'none', source: 'match' });
    return configurationFault(stage, evidence, [newTrunkFix(match.call.called, match.call.sources)]);
  },
});
