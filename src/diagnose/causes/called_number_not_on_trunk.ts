import { dialFix } from '../../fixes/dialFix.ts';
import type { Fix } from '../../fixes/fix.ts';
import { trunkName } from '../../fixes/names.ts';
import { trunkListFix } from '../../fixes/trunkFix.ts';
import type { TrunkJudgement } from '../../trunks/judge.ts';
import type { NumberLikeness } from '../../trunks/number.ts';
import { defineCause } from '../cause.ts';
import { configurationFault, fieldEvidence, latent, refusalEvidence } from '../claims.ts';
import { withoutMatch } from '../withoutMatch.ts';

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
  meaning:
    'LiveKit chooses the trunk by the user part of the dialled SIP URI. No trunk has it among its numbers, so LiveKit ' +
    'matches nothing. Only spaces, dashes, brackets and a leading + may differ: 0049… is not +49….',
  fix: 'Dial a SIP URI whose user part is one of the trunk’s numbers, or add the number to the trunk.',
  confidence: {
    certain: 'LiveKit refused the call, by silence after one 180 or by a 404, and no trunk has the called number.',
    likely:
      'No trunk has the called number, and the call’s answers do not show that LiveKit refused it, or something else that decides is not known.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress'],
  match({ target, stage, match, ending, progress }) {
    if (!match) return withoutMatch(stage, refusalEvidence(stage, ending, progress));
    const { meant } = match;
    if (target.kind !== 'livekit' || meant?.called !== 'fail') return undefined;
    const { called } = match.call;
    const evidence = [
      ...refusalEvidence(stage, ending, progress),
      fieldEvidence(meant, 'numbers', called, 'fail'),
      ...(meant.alike
        ? [
            {
              name: 'nearest number',
              value: `${meant.alike.number}: differs by ${HOW[meant.alike.how]}`,
              source: 'match' as const,
            },
          ]
        : []),
    ];
    // Another trunk that has the number may have been meant just as well; then this is a guess.
    if (match.choice.kind === 'unknown') return latent('possible', evidence, fixesFor(called, meant));
    return configurationFault(stage, evidence, fixesFor(called, meant));
  },
});

function fixesFor(called: string, meant: TrunkJudgement): Fix[] {
  const number = meant.alike?.number ?? meant.trunk.numbers[0] ?? called;
  return [
    dialFix({ user: number }, `Dial ${number}, which is a number of ${trunkName(meant.trunk)}, instead of ${called}.`),
    trunkListFix(meant.trunk, 'numbers', { add: [called] }, `Or let ${trunkName(meant.trunk)} take ${called} as well.`),
  ];
}
