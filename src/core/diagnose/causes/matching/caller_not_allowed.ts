import { trunkName } from '../../../fixes/fix.ts';
import { trunkListFix } from '../../../fixes/trunkFix.ts';
import { defineCause } from '../../cause.ts';
import { configurationFault, fieldEvidence, latent, refusalEvidence, withoutMatch } from '../../claims.ts';

export const callerNotAllowed = defineCause({
  id: 'caller_not_allowed',
  title: 'the trunk’s allowed_numbers does not hold the caller',
  party: 'livekit_config',
  stage: 'caller',
  runbook: {
    meaning:
      'An inbound trunk’s allowed_numbers lists the callers that it takes, not the numbers that it answers for. The caller is not on the list, so LiveKit passes the trunk over and matches nothing.',
    impact:
      'Callers who are on the list get through; all others fail. Self-hosted LiveKit sends them one 180 and then nothing: silence, or what the application plays, until the dial gives up. Newer builds, and as far as is known LiveKit Cloud, answer 404 at once.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the caller as LiveKit saw it, and the list.',
      'Is the list the trunk’s own number? Then it was put into the wrong field, and no outside caller passes.',
      'Is the caller on it in another form? Spaces, dashes, brackets and the + do not matter; 00 instead of +, a missing country code, `anonymous` and names do.',
      '`npx sipwhy audit` shows whether other trunks have the same mistake.',
    ],
    mitigation: [
      'To take every caller, empty allowed_numbers. To take this one, add the number in the form in which the call carries it. `npx sipwhy explain` prints the change to paste.',
      '`lk sip inbound update` has no flag for this list. With a file it replaces the whole trunk: what is not in the file is gone, the password included. The API call in the explanation changes this field only.',
      '`npx sipwhy check <number> --caller <caller>` says that the call would pass; the incident closes by itself once LiveKit’s new configuration is read.',
    ],
  },
  fix: 'Add the caller to allowed_numbers of the trunk, or empty the list to take every caller.',
  confidence: {
    certain:
      'LiveKit refused the call, by silence after one 180 or by a 404, and the trunk that was meant does not list the caller.',
    likely:
      'The trunk does not list the caller, and the call’s answers do not show that LiveKit refused it, or something else that decides is not known.',
  },
  needs: ['stage', 'match', 'ending', 'progress'],
  match({ stage, match, ending, progress }) {
    if (!match) return withoutMatch(stage, refusalEvidence(stage, ending, progress));
    const { likelyTrunk } = match;
    if (!likelyTrunk || likelyTrunk.caller === 'pass' || stage === 'admitted' || stage === 'auth') return undefined;
    const { trunk } = likelyTrunk;
    const caller = match.call.caller ?? '(caller not known)';
    const evidence = [
      ...refusalEvidence(stage, ending, progress),
      fieldEvidence(likelyTrunk, 'allowed_numbers', caller, likelyTrunk.caller),
    ];
    if (likelyTrunk.caller === 'unknown') return latent('possible', evidence);
    const holdsOwnNumbers = trunk.allowed_numbers.every((number) => trunk.numbers.includes(number));
    if (holdsOwnNumbers) {
      const value = 'they are the trunk’s own numbers: no outside caller passes';
      evidence.push({ name: 'allowed_numbers', value, source: 'match' });
    }
    return configurationFault(stage, evidence, [
      holdsOwnNumbers
        ? trunkListFix(
            trunk,
            'allowed_numbers',
            { remove: trunk.allowed_numbers },
            `Empty allowed_numbers of ${trunkName(likelyTrunk.trunk)}, so that every caller passes.`,
          )
        : trunkListFix(
            trunk,
            'allowed_numbers',
            { add: [caller] },
            `Add ${caller} to allowed_numbers of ${trunkName(likelyTrunk.trunk)}.`,
          ),
    ]);
  },
  examples: [
    {
      shows: 'silence with a caller who is not on the list is the caller',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain' },
    },
    {
      shows: 'a wildcard rule for other numbers takes nothing past the trunk',
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
      shows: 'a caller who gave up after 8 s of silence was refused all the same',
      call: { ringing: [90], callerHungUpAt: 8_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain' },
    },
    {
      shows: 'a 404 is a refusal, and the match says which',
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
      shows: 'silence of a LiveKit Cloud that the settings name is not certainly a refusal',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      settings: { livekit_url: 'wss://second-abcdefgh.livekit.cloud' },
      want: { blocking: ['caller_not_allowed'], confidence: 'likely' },
    },
    {
      shows: 'a 404 of LiveKit Cloud is certainly a refusal',
      call: { response: [404, 'No trunk found', 200] },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      settings: { livekit_url: 'wss://second-abcdefgh.livekit.cloud' },
      want: { blocking: ['caller_not_allowed'], confidence: 'certain' },
    },
    {
      shows: 'a caller whom no webhook tells is neither on the list nor off it',
      call: { ringing: [90], dialGaveUpAt: 20_000, lost: 'caller' },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['unclassified'], confidence: 'possible', latent: ['caller_not_allowed'] },
    },
    {
      shows: 'a caller who is on the list in another form of the same number passes',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_numbers: ['1 (555) 0123'] }] },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});
