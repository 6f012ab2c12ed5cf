import type { Fix } from '../../../fixes/fix.ts';
import { dialFix, trunkName } from '../../../fixes/fix.ts';
import { trunkListFix } from '../../../fixes/trunkFix.ts';
import type { TrunkJudgement } from '../../../trunks/judge/judge.ts';
import type { NumberLikeness } from '../../../trunks/number.ts';
import { defineCause } from '../../cause.ts';
import { configurationFault, fieldEvidence, latent, refusalEvidence, withoutMatch } from '../../claims.ts';

const HOW: Record<NumberLikeness, string> = {
  international_prefix: 'an international prefix 00 instead of +',
  country_code_missing: 'a country code that is missing',
  national_zero: 'a national 0 instead of the country code',
  white_space: 'white space',
};

export const calledNumberNotOnTrunk = defineCause({
  id: 'called_number_not_on_trunk',
  title: 'the called number is not one of the trunk’s numbers',
  party: 'application',
  stage: 'called',
  runbook: {
    meaning:
      'LiveKit chooses the trunk by the user part of the dialled SIP URI. No trunk has it among its numbers, so LiveKit matches nothing. Only spaces, dashes, brackets and a leading + may differ: 0049… is not +49….',
    impact:
      'Every call to this number fails. Self-hosted LiveKit sends one 180 and then nothing: the caller has silence, or what the application plays, until the dial gives up. Newer builds, and as far as is known LiveKit Cloud, answer 404 at once.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the user part that was dialled, the numbers of the trunk that was meant, and the nearest number where they differ only in form.',
      '`lk sip inbound list` shows the numbers of every trunk. `npx sipwhy audit` says which of them are written oddly.',
      'See where the application takes the user part from. A name such as `call-…`, the id of a call or the number without its country code are the usual ones.',
    ],
    mitigation: [
      'Let the application dial `sip:<number of the trunk>@<SIP host>`, the number in the form in which the trunk has it.',
      'Or add the number to the trunk: `lk sip inbound update --id ST_… --numbers …`, with all numbers that it is to have, old and new. Two trunks with one number conflict: see first that no other has it.',
      '`npx sipwhy check <number> --caller <caller>` names the trunk that takes the call.',
      'It worked when the next call gets a second 180 or a 200.',
    ],
  },
  fix: 'Dial a SIP URI whose user part is one of the trunk’s numbers, or add the number to the trunk.',
  confidence: {
    certain: 'LiveKit refused the call, by silence after one 180 or by a 404, and no trunk has the called number.',
    likely:
      'No trunk has the called number, and the call’s answers do not show that LiveKit refused it, or something else that decides is not known.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress'],
  match({ target, stage, match, ending, progress }) {
    if (!match) return withoutMatch(stage, refusalEvidence(stage, ending, progress));
    const { likelyTrunk } = match;
    if (target.kind !== 'livekit' || likelyTrunk?.called !== 'fail') return undefined;
    const { called } = match.call;
    const evidence = [
      ...refusalEvidence(stage, ending, progress),
      fieldEvidence(likelyTrunk, 'numbers', called, 'fail'),
      ...(likelyTrunk.alike
        ? [
            {
              name: 'nearest number',
              value: `${likelyTrunk.alike.number}: differs by ${HOW[likelyTrunk.alike.how]}`,
              source: 'match' as const,
            },
          ]
        : []),
    ];
    // Another trunk that has the number may have been meant just as well; then this is a guess.
    if (match.choice.kind === 'unknown') return latent('possible', evidence, fixesFor(called, likelyTrunk));
    return configurationFault(stage, evidence, fixesFor(called, likelyTrunk));
  },
  examples: [
    {
      shows: 'silence for a number on no trunk is the called number',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ numbers: ['+15550142'] }] },
      want: { blocking: ['called_number_not_on_trunk'], confidence: 'certain' },
    },
    {
      shows: 'a number with 00 in front of it is another number',
      call: { ringing: [90], dialGaveUpAt: 20_000, to: 'sip:0015550100@lab.sip.livekit.cloud' },
      livekit: {},
      want: { blocking: ['called_number_not_on_trunk'], confidence: 'certain' },
    },
    {
      shows: 'every fault of the trunk is named, in the order in which LiveKit’s answer depends on them',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: {
        trunks: [{ numbers: ['+15550142'], allowed_addresses: ['198.51.100.7'], allowed_numbers: ['+15550142'] }],
      },
      want: {
        blocking: ['called_number_not_on_trunk', 'source_address_not_allowed', 'caller_not_allowed'],
        confidence: 'certain',
      },
    },
    {
      shows: 'of two trunks that may have been meant, what is wrong with the one is not certain',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: {
        trunks: [
          { numbers: ['+15550101'], allowed_numbers: ['+15550142'] },
          { sip_trunk_id: 'ST_2', numbers: ['+15550102'], allowed_addresses: ['198.51.100.7'] },
        ],
        rules: [{}, { sip_dispatch_rule_id: 'SDR_2', trunk_ids: ['ST_2'] }],
      },
      want: { blocking: ['called_number_not_on_trunk', 'caller_not_allowed'], confidence: 'likely' },
    },
    {
      shows: 'of two trunks that may have been meant, the one with nothing else wrong is taken',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: {
        trunks: [
          { numbers: ['+15550101'], allowed_numbers: ['+15550142'] },
          { sip_trunk_id: 'ST_2', numbers: ['+15550102'] },
        ],
        rules: [{}, { sip_dispatch_rule_id: 'SDR_2', trunk_ids: ['ST_2'] }],
      },
      want: { blocking: ['called_number_not_on_trunk'], confidence: 'certain' },
    },
    {
      shows:
        'a number on no trunk: a fault that the answer does not show stops the call all the same, and is not certain to have',
      call: { response: [503, 'Come back tomorrow', 230] },
      livekit: { trunks: [{ numbers: ['+15550142'] }] },
      want: { blocking: ['called_number_not_on_trunk'], confidence: 'likely' },
    },
    {
      shows: 'a number without its plus is the same number',
      call: { ringing: [90], dialGaveUpAt: 20_000, to: 'sip:15550100@lab.sip.livekit.cloud' },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

function fixesFor(called: string, likelyTrunk: TrunkJudgement): Fix[] {
  const number = likelyTrunk.alike?.number ?? likelyTrunk.trunk.numbers[0] ?? called;
  return [
    dialFix(
      { user: number },
      `Dial ${number}, which is a number of ${trunkName(likelyTrunk.trunk)}, instead of ${called}.`,
    ),
    trunkListFix(
      likelyTrunk.trunk,
      'numbers',
      { add: [called] },
      `Or let ${trunkName(likelyTrunk.trunk)} take ${called} as well.`,
    ),
  ];
}
