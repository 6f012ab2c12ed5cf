import { withoutEscapes } from '../../../call/sipUri.ts';
import { encodeUser } from '../../../fixes/dialPaste.ts';
import type { Fix } from '../../../fixes/fix.ts';
import { dialFix, trunkName } from '../../../fixes/fix.ts';
import { trunkListFix } from '../../../fixes/trunkFix.ts';
import type { TrunkJudgement } from '../../../trunks/judge/judge.ts';
import { digitsOf, isPerCallId, type NumberLikeness } from '../../../trunks/number.ts';
import { isCarried } from '../../../trunks/numberEntry.ts';
import { defineCause, type Evidence } from '../../cause.ts';
import { configurationFault, fieldEvidence, latent, observed, refusalEvidence, withoutMatch } from '../../claims.ts';

const HOW: Record<NumberLikeness, string> = {
  international_prefix: '00 instead of +',
  country_code_missing: 'a missing country code',
  national_zero: 'a national 0 instead of the country code',
  white_space: 'white space',
};

export const calledNumberNotOnTrunk = defineCause({
  id: 'called_number_not_on_trunk',
  title: 'the called number isn’t one of the trunk’s numbers',
  party: 'application',
  stage: 'called',
  runbook: {
    meaning:
      'LiveKit chooses the trunk by the user part of the dialled SIP URI. No trunk lists that number, so nothing matches. LiveKit ignores only spaces, dashes, brackets and a leading +: 0049… is not +49….',
    impact:
      'Every call to this number fails. Self-hosted LiveKit sends one 180 and then nothing: the caller hears silence, or whatever the application plays, until the dial times out. Newer builds, and probably LiveKit Cloud, answer 404 at once.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the dialled user part, the numbers of the likely trunk, and the nearest number if they differ only in format.',
      '`lk sip inbound list` shows the numbers of every trunk. `sipwhy audit` reports numbers in an unusual format.',
      'Find out where the application gets the user part. The usual mistakes are a name such as `call-…`, a call id, or a number without its country code.',
    ],
    mitigation: [
      'Make the application dial `sip:<number of the trunk>@<SIP host>`, with the number in the trunk’s format.',
      'Or add the number to the trunk: `lk sip inbound update --id ST_… --numbers …`, with every number it should have, old and new. First check that no other trunk has the number: two such trunks conflict.',
      '`sipwhy check <number> --caller <caller>` names the trunk that matches the call.',
      'Verify that the next call gets a second 180, or a 200.',
    ],
  },
  fix: 'Dial one of the trunk’s numbers as the user part of the SIP URI, or add the dialled number to the trunk.',
  confidence: {
    certain: 'LiveKit refused the call (silence after one 180, or a 404), and no trunk has the called number.',
    likely:
      'No trunk has the called number, but the responses don’t show that LiveKit refused the call, or another deciding field is unknown.',
    possible:
      'LiveKit refused the call, or it was not made yet, and the trunk has the called number only if its escapes, such as %2B, are read.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress'],
  match({ target, stage, match, ending, progress }) {
    if (!match) return withoutMatch(stage, refusalEvidence(stage, ending, progress));
    const { likelyTrunk } = match;
    if (target.kind !== 'livekit' || !likelyTrunk) return undefined;
    const { called } = match.call;
    const isAsked = ending.kind === 'not_made';
    if (likelyTrunk.called === 'pass' && target.uri.isEscaped && (stage === 'refused' || isAsked)) {
      const value = `${target.to} has escapes in its user part: LiveKit compares what arrives, which may be ${called} or the escaped text`;
      const evidence = [
        ...refusalEvidence(stage, ending, progress),
        { name: 'dialled number', value, source: 'jambonz' as const },
      ];
      // A space, for one, can't do without.
      const needsEscapes = encodeUser(called) !== called;
      const fixes = needsEscapes ? [] : [dialFix({ user: called }, `Dial ${called} without escapes.`)];
      return isAsked ? latent('possible', evidence, fixes) : observed('possible', evidence, fixes);
    }
    if (likelyTrunk.called !== 'fail') return undefined;
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
      ...letterCaseEvidence(called, likelyTrunk),
    ];
    // A trunk that has the number may match after all, so this one is only the likely trunk.
    if (match.choice.kind === 'unknown') return latent('possible', evidence, fixesFor(called, likelyTrunk));
    return configurationFault(stage, evidence, fixesFor(called, likelyTrunk));
  },
  examples: [
    {
      shows: 'silence for a number that no trunk has points to the called number',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ numbers: ['+15550142'] }] },
      want: { blocking: ['called_number_not_on_trunk'], confidence: 'certain' },
    },
    {
      shows: 'a number with an escape may not be the trunk’s number when it arrives',
      call: { ringing: [90], dialGaveUpAt: 20_000, to: 'sip:%2B15550100@lab.sip.livekit.cloud' },
      livekit: {},
      want: { blocking: ['called_number_not_on_trunk'], confidence: 'possible' },
    },
    {
      shows: 'a carrier that answers with a phrase of LiveKit’s own is LiveKit',
      call: { to: '+15550100', response: [404, 'No trunk found', 230] },
      livekit: { trunks: [{ numbers: ['+15550142'] }] },
      want: { blocking: ['called_number_not_on_trunk'], confidence: 'certain' },
    },
    {
      shows: 'a number with a leading 00 is another number',
      call: { ringing: [90], dialGaveUpAt: 20_000, to: 'sip:0015550100@lab.sip.livekit.cloud' },
      livekit: {},
      want: { blocking: ['called_number_not_on_trunk'], confidence: 'certain' },
    },
    {
      shows: 'all faults of the trunk are reported, in the order that LiveKit’s answer depends on them',
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
      shows: 'with two equally likely trunks, a fault of one of them is not certain',
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
      shows: 'of two equally likely trunks, the one with no other fault is chosen',
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
      shows: 'a number that no trunk has blocks the call, but is only likely if the response doesn’t show a refusal',
      call: { response: [503, 'Come back tomorrow', 230] },
      livekit: { trunks: [{ numbers: ['+15550142'] }] },
      want: { blocking: ['called_number_not_on_trunk'], confidence: 'likely' },
    },
    {
      shows: 'a number without its + is the same number',
      call: { ringing: [90], dialGaveUpAt: 20_000, to: 'sip:15550100@lab.sip.livekit.cloud' },
      livekit: {},
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

/** A name of the trunk that differs from the dialled one only in upper and lower case. */
function inOtherCase(called: string, { trunk }: TrunkJudgement): string | undefined {
  const lower = called.toLowerCase();
  return trunk.numbers.find((number) => number !== called && number.toLowerCase() === lower);
}

function letterCaseEvidence(called: string, likelyTrunk: TrunkJudgement): Evidence[] {
  const name = inOtherCase(called, likelyTrunk);
  if (name === undefined) return [];
  const value = `${name}: differs by upper and lower case, and LiveKit compares names as written`;
  return [{ name: 'nearest number', value, source: 'match' }];
}

function fixesFor(called: string, likelyTrunk: TrunkJudgement): Fix[] {
  // A pattern or a URI on the trunk is no number that anybody can dial.
  const carried = likelyTrunk.trunk.numbers.find(isCarried);
  const number = likelyTrunk.alike?.number ?? inOtherCase(called, likelyTrunk) ?? carried;
  const name = trunkName(likelyTrunk.trunk);
  const dial = (action: (number: string) => string) =>
    number === undefined ? [] : [dialFix({ user: number }, action(number))];
  const add = (action: string) => trunkListFix(likelyTrunk.trunk, 'numbers', { add: [called] }, action);
  const instead = dial((own) => `Dial ${own}, a number of ${name}, instead of ${called}.`);
  // What was escaped twice is no name that anybody wants on a trunk.
  if (withoutEscapes(called) !== called) return instead;
  if (isPerCallId(called))
    return dial((own) => `Dial ${own}, a number of ${name}, instead of ${called}, which is another for each call.`);
  // A telephone number in no form of the trunk's is most likely a number that the trunk lacks.
  if (instead.length === 0 || (digitsOf(called) !== undefined && !likelyTrunk.alike)) {
    return [
      add(`Add ${called} to the numbers of ${name}.`),
      ...dial((own) => `Or dial ${own}, a number of ${name}, if the call is meant for it.`),
    ];
  }
  return [...instead, add(`Or add ${called} to the numbers of ${name}.`)];
}
