import { newTrunkFix } from '../../../fixes/trunkFix.ts';
import { defineCause } from '../../cause.ts';
import { configurationFault, refusalEvidence, withoutMatch } from '../../claims.ts';

export const noTrunkConfigured = defineCause({
  id: 'no_trunk_configured',
  title: 'LiveKit has no inbound trunk',
  party: 'livekit_config',
  stage: 'trunk',
  runbook: {
    meaning: 'LiveKit’s project has no inbound SIP trunk at all, so that no call can match one.',
    impact:
      'Every call to this LiveKit fails. Self-hosted LiveKit sends one 180 and then nothing: the caller has silence, or what the application plays, until the dial gives up. Newer builds, and as far as is known LiveKit Cloud, answer 404 at once.',
    diagnosis: [
      '`lk sip inbound list` is empty. Are LIVEKIT_URL and its key those of the project that is dialled? A second project, or staging instead of production, is the usual mistake.',
      '`npx sipwhy history` shows whether there were trunks before, and when they went.',
      'On self-hosted LiveKit trunks are kept in Redis: an emptied or replaced Redis takes them all away.',
    ],
    mitigation: [
      'Create the trunk: `lk sip inbound create trunk.json`, with the number that is dialled. `npx sipwhy explain` prints the file.',
      'Create a dispatch rule that is bound to the new trunk: `lk sip dispatch create rule.json`.',
      'Protect the trunk by allowed_addresses, by username and password, or by both.',
      '`npx sipwhy check <number> --caller <caller>` says that the call would connect.',
    ],
  },
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
    if (match.choice.kind !== 'empty' || match.wildcardBypass) return undefined;
    evidence.push({ name: 'inbound trunks', value: 'none', source: 'match' });
    return configurationFault(stage, evidence, [newTrunkFix(match.call.called, match.call.sources)]);
  },
  examples: [
    {
      shows: 'silence after one 180 in a project without a trunk is no trunk',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [], rules: [] },
      want: { blocking: ['no_trunk_configured', 'no_dispatch_rule'], confidence: 'certain', trunk: 'none' },
    },
    {
      shows: 'no trunk: a fault that the answer does not show stops the call all the same, and is not certain to have',
      call: { response: [503, 'Come back tomorrow', 230] },
      livekit: { trunks: [], rules: [] },
      want: { blocking: ['no_trunk_configured', 'no_dispatch_rule'], confidence: 'likely' },
    },
    {
      shows: 'a trunk with another number is a trunk',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ numbers: ['+15550142'] }] },
      want: { blocking: ['called_number_not_on_trunk'], confidence: 'certain' },
    },
    {
      shows: 'a 503 of a project without a trunk is no refusal: the missing trunk comes next',
      call: { response: [503, 'Try again later', 230] },
      livekit: { trunks: [], rules: [] },
      want: {
        blocking: ['livekit_unavailable'],
        confidence: 'likely',
        latent: ['no_trunk_configured', 'no_dispatch_rule'],
      },
    },
  ],
});
