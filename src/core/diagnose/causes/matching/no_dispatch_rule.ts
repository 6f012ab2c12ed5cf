import { newRule } from '../../../fixes/ruleFix.ts';
import { defineCause } from '../../cause.ts';
import { configurationFault, refusalEvidence, withoutMatch } from '../../claims.ts';

export const noDispatchRule = defineCause({
  id: 'no_dispatch_rule',
  title: 'LiveKit has no dispatch rule',
  party: 'livekit_config',
  stage: 'dispatch',
  runbook: {
    meaning: 'The LiveKit project has no SIP dispatch rule at all, so LiveKit can’t send any call to a room.',
    impact:
      'Every call to this LiveKit fails, even if a trunk matches. Self-hosted LiveKit sends one 180 and then nothing until the dial times out. Newer builds, and probably LiveKit Cloud, answer 404 at once.',
    diagnosis: [
      '`lk sip dispatch list` is empty. Check that it queries the project that calls are dialled to.',
      '`sipwhy history` shows whether there was a rule before, and when it was removed.',
    ],
    mitigation: [
      'Create a rule that is bound to the trunk. `sipwhy fix` prints the command.',
      'Name the trunk in trunk_ids. A rule without trunk_ids also accepts calls that no trunk matched, bypassing allow-lists and passwords.',
      'If the agent is dispatched by name, also set it in the rule’s room configuration. Otherwise the call rings and no agent joins.',
      'Verify that `sipwhy check <number> --caller <caller>` names the rule.',
    ],
  },
  fix: 'Create a dispatch rule for the trunk.',
  confidence: {
    certain: 'LiveKit refused the call (silence after one 180, or a 404), and it has no dispatch rule.',
    likely: 'LiveKit has no dispatch rule, but the responses don’t show that it refused the call.',
  },
  needs: ['stage', 'match', 'ending', 'progress'],
  match({ stage, match, ending, progress }) {
    const evidence = refusalEvidence(stage, ending, progress);
    if (!match) return withoutMatch(stage, evidence);
    if (!match.hasNoRules) return undefined;
    evidence.push({ name: 'dispatch rules', value: 'none', source: 'match' });
    // If there is no trunk either, the fix for the missing trunk already creates the rule.
    const fixes = match.likelyTrunk ? [newRule(match.likelyTrunk.trunk, [])] : [];
    const fault = configurationFault(stage, evidence, fixes, 'admitted');
    return fault && { ...fault, onEveryTrunk: true };
  },
  examples: [
    {
      shows: 'silence without any dispatch rule points to the missing rule',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [] },
      want: { blocking: ['no_dispatch_rule'], confidence: 'certain' },
    },
    {
      shows: 'a missing rule blocks the call, but is only likely if the response doesn’t show a refusal',
      call: { response: [503, 'Come back tomorrow', 230] },
      livekit: { rules: [] },
      want: { blocking: ['no_dispatch_rule'], confidence: 'likely' },
    },
    {
      shows: 'a missing rule stops the call on every trunk, so it doesn’t matter which of two was called',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ numbers: ['+15550142'] }, { numbers: ['+15550177'] }], rules: [] },
      want: { blocking: ['called_number_not_on_trunk', 'no_dispatch_rule'], confidence: 'certain' },
    },
    {
      shows: 'a rule that is bound to another trunk is not a missing rule',
      call: { response: [404, 'Does not match Trunks or Dispatch Rules', 200] },
      livekit: { rules: [{ trunk_ids: ['ST_9'] }] },
      want: { blocking: ['dispatch_rule_other_trunk'], confidence: 'certain' },
    },
    {
      shows: 'a trunk that asks for credentials has not reached its rules yet, so a missing rule is a second blocker',
      call: { response: [407, 'Unauthorized', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }], rules: [] },
      want: { blocking: ['auth_missing', 'no_dispatch_rule'], confidence: 'certain' },
    },
  ],
});
