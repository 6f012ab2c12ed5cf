import { newRule } from '../../../fixes/ruleFix.ts';
import { defineCause } from '../../cause.ts';
import { configurationFault, refusalEvidence, withoutMatch } from '../../claims.ts';

export const noDispatchRule = defineCause({
  id: 'no_dispatch_rule',
  title: 'LiveKit has no dispatch rule',
  party: 'livekit_config',
  stage: 'dispatch',
  runbook: {
    meaning: 'LiveKit’s project has no SIP dispatch rule at all, so that no call is sent to a room.',
    impact:
      'Every call to this LiveKit fails, although its trunk takes it. Self-hosted LiveKit sends one 180 and then nothing, until the dial gives up. Newer builds, and as far as is known LiveKit Cloud, answer 404 at once.',
    diagnosis: [
      '`lk sip dispatch list` is empty. See that it asks the project that is dialled.',
      '`npx sipwhy history` shows whether there was a rule before, and when it went.',
    ],
    mitigation: [
      'Create a rule that is bound to the trunk: `lk sip dispatch create rule.json`; `npx sipwhy explain` prints the file.',
      'Name the trunk in trunk_ids. A rule without it takes every call, also one that no trunk matched: past allow-lists and passwords.',
      'Where the agent is dispatched by name, give the rule its room configuration as well, or the call rings and no agent comes.',
      '`npx sipwhy check <number> --caller <caller>` names the rule.',
    ],
  },
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
    const fixes = match.likelyTrunk ? [newRule(match.likelyTrunk.trunk)] : [];
    const fault = configurationFault(stage, evidence, fixes, 'admitted');
    return fault && { ...fault, onEveryTrunk: true };
  },
  examples: [
    {
      shows: 'silence without any dispatch rule is no dispatch rule',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [] },
      want: { blocking: ['no_dispatch_rule'], confidence: 'certain' },
    },
    {
      shows: 'no rule: a fault that the answer does not show stops the call all the same, and is not certain to have',
      call: { response: [503, 'Come back tomorrow', 230] },
      livekit: { rules: [] },
      want: { blocking: ['no_dispatch_rule'], confidence: 'likely' },
    },
    {
      shows: 'a rule that is bound to another trunk is a rule',
      call: { response: [404, 'Does not match Trunks or Dispatch Rules', 200] },
      livekit: { rules: [{ trunk_ids: ['ST_9'] }] },
      want: { blocking: ['dispatch_rule_other_trunk'], confidence: 'certain' },
    },
    {
      shows: 'a project without a rule that asks for credentials was not yet looked at for its rules',
      call: { response: [407, 'Unauthorized', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }], rules: [] },
      want: { blocking: ['auth_missing', 'no_dispatch_rule'], confidence: 'certain' },
    },
  ],
});
