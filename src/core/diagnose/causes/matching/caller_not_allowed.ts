import { trunkName } from '../../../fixes/fix.ts';
import { allowCaller, trunkListFix } from '../../../fixes/trunkFix.ts';
import { defineCause } from '../../cause.ts';
import { configurationFault, fieldEvidence, latent, refusalEvidence, withoutMatch } from '../../claims.ts';

export const callerNotAllowed = defineCause({
  id: 'caller_not_allowed',
  title: 'the caller isn’t in the trunk’s allowed_numbers',
  party: 'livekit_config',
  stage: 'caller',
  runbook: {
    meaning:
      'An inbound trunk’s allowed_numbers lists the callers it accepts, not the numbers it answers for. The caller isn’t on the list, so LiveKit skips the trunk and nothing matches.',
    impact:
      'Callers on the list get through; all others fail. Self-hosted LiveKit sends one 180 and then nothing: the caller hears silence, or whatever the application plays, until the dial times out. Newer builds, and probably LiveKit Cloud, answer 404 at once.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the caller as LiveKit saw it, and the list.',
      'Does the list contain the trunk’s own number? Then it was entered in the wrong field, and no outside caller passes.',
      'Is the caller listed in another format? Spaces, dashes, brackets and the + don’t matter; 00 instead of +, a missing country code, `anonymous` and names do.',
      '`sipwhy audit` shows whether other trunks have the same mistake.',
    ],
    mitigation: [
      'To accept every caller, empty allowed_numbers. To accept this caller, add the number in the format the call carries. `sipwhy explain` prints the change to paste. The entry `anonymous` admits every caller who withholds the number.',
      '`lk sip inbound update` has no flag for this list. With a file it replaces the whole trunk: everything missing from the file is lost, including the password. The curl command that `sipwhy fix` prints changes only this list.',
      'Verify with `sipwhy check <number> --caller <caller>` that the call would connect. The incident closes automatically once sipwhy has read the new configuration.',
    ],
  },
  fix: 'Add the caller to the trunk’s allowed_numbers, or empty the list to accept every caller.',
  confidence: {
    certain:
      'LiveKit refused the call (silence after one 180, or a 404), and the likely trunk doesn’t list the caller.',
    likely:
      'The trunk doesn’t list the caller, but the responses don’t show that LiveKit refused the call, or another deciding field is unknown.',
  },
  needs: ['stage', 'match', 'ending', 'progress'],
  match({ stage, match, ending, progress }) {
    if (!match) return withoutMatch(stage, refusalEvidence(stage, ending, progress));
    const { likelyTrunk } = match;
    if (!likelyTrunk || likelyTrunk.caller === 'pass' || stage === 'admitted' || stage === 'auth') return undefined;
    const { trunk } = likelyTrunk;
    const caller = match.call.caller ?? 'the caller (not reported)';
    const evidence = [
      ...refusalEvidence(stage, ending, progress),
      fieldEvidence(likelyTrunk, 'allowed_numbers', caller || 'an empty caller', likelyTrunk.caller),
    ];
    if (likelyTrunk.caller === 'unknown') return latent('possible', evidence);
    const holdsOwnNumbers = trunk.allowed_numbers.every((number) => trunk.numbers.includes(number));
    if (holdsOwnNumbers) {
      const value = 'contains only the trunk’s own numbers, so no outside caller passes';
      evidence.push({ name: 'allowed_numbers', value, source: 'match' });
    }
    return configurationFault(stage, evidence, [
      holdsOwnNumbers
        ? trunkListFix(
            trunk,
            'allowed_numbers',
            { remove: trunk.allowed_numbers },
            `Empty allowed_numbers of ${trunkName(likelyTrunk.trunk)} to accept every caller.`,
          )
        : allowCaller(trunk, caller),
    ]);
  },
  examples: [
    {
      shows: 'silence for a caller who isn’t on the list points to the caller',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain' },
    },
    {
      shows: 'a wildcard rule for other numbers doesn’t bypass the trunk',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }], rules: [{}, { trunk_ids: [], numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain' },
    },
    {
      shows: 'a silently dropped call that nobody cancels ends with a 408 after 217 s',
      call: { ringing: [90], response: [408, 'Request Timeout', 217_000] },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain' },
    },
    {
      shows: 'a caller who gave up after 8 s of silence had been refused',
      call: { ringing: [90], callerHungUpAt: 8_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain' },
    },
    {
      shows: 'a 404 is a refusal, and the match says why',
      call: { response: [404, 'Does not match any SIP Trunks', 200] },
      alike: [
        [404, 'No trunk found', 200],
        [404, 'Does not match Trunks or Dispatch Rules', 200],
        [404, 'Not Found', 200],
      ],
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain' },
    },
    {
      shows: 'silence from a configured LiveKit Cloud is only likely a refusal',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      settings: { livekit_url: 'wss://second-abcdefgh.livekit.cloud' },
      want: { blocking: ['caller_not_allowed'], confidence: 'likely' },
    },
    {
      shows: 'a 404 from LiveKit Cloud is certainly a refusal',
      call: { response: [404, 'No trunk found', 200] },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      settings: { livekit_url: 'wss://second-abcdefgh.livekit.cloud' },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain' },
    },
    {
      shows: 'a caller who withholds the number is on the list only as “anonymous”',
      call: { from: 'anonymous', ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain' },
    },
    {
      shows: 'a call without any caller is on no list',
      call: { from: 'sip:@192.0.2.20', ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain' },
    },
    {
      shows: 'a caller that no webhook reports is neither on nor off the list',
      call: { ringing: [90], dialGaveUpAt: 20_000, lost: 'caller' },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['unclassified'], confidence: 'possible', latent: ['caller_not_allowed'] },
    },
    {
      shows: 'a caller listed in another format of the same number passes',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_numbers: ['1 (555) 0123'] }] },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});
