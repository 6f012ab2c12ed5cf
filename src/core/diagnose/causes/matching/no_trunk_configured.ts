import { newTrunkFix } from '../../../fixes/trunkFix.ts';
import { defineCause } from '../../cause.ts';
import { configurationFault, refusalEvidence, withoutMatch } from '../../claims.ts';

export const noTrunkConfigured = defineCause({
  id: 'no_trunk_configured',
  title: 'LiveKit has no inbound trunk',
  party: 'livekit_config',
  stage: 'trunk',
  runbook: {
    meaning: 'The LiveKit project has no inbound SIP trunk at all, so no call can match one.',
    impact:
      'Every call to this LiveKit fails. Self-hosted LiveKit sends one 180 and then nothing: the caller hears silence, or whatever the application plays, until the dial times out. Newer builds, and probably LiveKit Cloud, answer 404 at once.',
    diagnosis: [
      '`lk sip inbound list` is empty. Do LIVEKIT_URL and its key belong to the project that calls are dialled to? The usual mistake is a second project, or staging instead of production.',
      '`sipwhy history` shows whether there were trunks before, and when they were removed.',
      'Self-hosted LiveKit keeps trunks in Redis: if Redis was flushed or replaced, all trunks are gone.',
    ],
    mitigation: [
      'Create the trunk with the dialled number, and a dispatch rule that is bound to it. `sipwhy fix` prints the command for both.',
      'Protect the trunk with allowed_addresses, with a username and password, or with both.',
      'Verify with `sipwhy check <number> --caller <caller>` that the call would connect.',
    ],
  },
  fix: 'Create an inbound trunk with the dialled number, and a dispatch rule for it.',
  confidence: {
    certain: 'LiveKit refused the call (silence after one 180, or a 404), and it has no inbound trunk.',
    likely: 'LiveKit has no inbound trunk, but the responses don’t show that it refused the call.',
  },
  needs: ['stage', 'match', 'ending', 'progress'],
  match({ stage, match, ending, progress }) {
    const evidence = refusalEvidence(stage, ending, progress);
    if (!match) return withoutMatch(stage, evidence);
    // A wildcard rule accepts the call without any trunk.
    if (match.choice.kind !== 'empty' || match.wildcardBypass) return undefined;
    evidence.push({ name: 'inbound trunks', value: 'none', source: 'match' });
    return configurationFault(stage, evidence, [
      newTrunkFix(match.call.called, match.call.sources, match.sharedAgents),
    ]);
  },
  examples: [
    {
      shows: 'silence after one 180 in a project without a trunk points to the missing trunk',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [], rules: [] },
      want: { blocking: ['no_trunk_configured', 'no_dispatch_rule'], confidence: 'certain', trunk: 'none' },
    },
    {
      shows: 'a missing trunk blocks the call, but is only likely if the response doesn’t show a refusal',
      call: { response: [503, 'Come back tomorrow', 230] },
      livekit: { trunks: [], rules: [] },
      want: { blocking: ['no_trunk_configured', 'no_dispatch_rule'], confidence: 'likely' },
    },
    {
      shows: 'a trunk with another number is not a missing trunk',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ numbers: ['+15550142'] }] },
      want: { blocking: ['called_number_not_on_trunk'], confidence: 'certain' },
    },
    {
      shows: 'a 503 from a project without a trunk is no refusal: the missing trunk is a next blocker',
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
