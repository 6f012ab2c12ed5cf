import { trunkName } from '../../fixes/names.ts';
import { trunkListFix } from '../../fixes/trunkFix.ts';
import { defineCause } from '../cause.ts';
import { configurationFault, fieldEvidence, latent, refusalEvidence } from '../claims.ts';
import { withoutMatch } from '../withoutMatch.ts';

export const callerNotAllowed = defineCause({
  id: 'caller_not_allowed',
  title: 'the trunk’s allowed_numbers does not hold the caller',
  party: 'livekit_config',
  stage: 'caller',
  meaning:
    'allowed_numbers of an inbound trunk lists the callers that it takes, not the numbers that it answers for. ' +
    'The caller is not on the list, so LiveKit passes the trunk over and matches nothing.',
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
    const { meant } = match;
    if (!meant || meant.caller === 'pass' || stage === 'admitted' || stage === 'auth') return undefined;
    const { trunk } = meant;
    const caller = match.call.caller ?? '(caller not known)';
    const evidence = [
      ...refusalEvidence(stage, ending, progress),
      fieldEvidence(meant, 'allowed_numbers', caller, meant.caller),
    ];
    if (meant.caller === 'unknown') return latent('possible', evidence);
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
            `Empty allowed_numbers of ${trunkName(meant.trunk)}, so that every caller passes.`,
          )
        : trunkListFix(
            trunk,
            'allowed_numbers',
            { add: [caller] },
            `Add ${caller} to allowed_numbers of ${trunkName(meant.trunk)}.`,
          ),
    ]);
  },
});
