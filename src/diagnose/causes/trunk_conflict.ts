import type { Fix } from '../../fixes/fix.ts';
import { trunkName } from '../../fixes/names.ts';
import { deleteTrunkFix, trunkListFix } from '../../fixes/trunkFix.ts';
import { isListed } from '../../trunks/number.ts';
import type { InboundTrunk } from '../../trunks/snapshot.ts';
import { defineCause } from '../cause.ts';
import { alternative, configurationFault, latent, observed, responseEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';
import { isTryAgainLater } from '../liveKitResponses.ts';

export const trunkConflict = defineCause({
  id: 'trunk_conflict',
  title: 'two trunks match the call',
  party: 'livekit_config',
  stage: 'conflict',
  meaning:
    'Two inbound trunks take the same called number from this caller and address. LiveKit then decides for neither and ' +
    'answers 503. It refuses some such pairs when they are created, but not all.',
  fix: 'Take the number off one of the two trunks, or separate them by allowed_numbers or allowed_addresses.',
  needs: ['target', 'match', 'ending', 'progress', 'stage'],
  match({ target, match, ending, progress, stage }) {
    if (target.kind !== 'livekit') return undefined;
    const evidence = responseEvidence(ending, progress);
    if (!match) return isTryAgainLater(ending) ? alternative(evidence) : undefined;
    const { choice } = match;
    const between = choice.kind === 'conflict' || choice.kind === 'unknown' ? choice.between : undefined;
    if (!between || stage === 'admitted' || stage === 'auth') return undefined;
    const [a, b] = between;
    const what = a.trunk.numbers.length === 0 ? 'take every number' : `take ${match.call.called}`;
    evidence.push({
      name: 'trunks that match',
      value: `${trunkName(a.trunk)} and ${trunkName(b.trunk)} both ${what} from ${match.call.caller ?? 'this caller'}`,
      source: 'match',
    });
    const fixes = [partFix(b.trunk, match.call.called), partFix(a.trunk, match.call.called)];
    if (ending.kind === 'not_made' && choice.kind === 'conflict') return configurationFault(stage, evidence, fixes);
    if (!isResponse(ending, 503)) return latent('likely', evidence, fixes);
    const isCertain = choice.kind === 'conflict' && isTryAgainLater(ending);
    return observed(isCertain ? 'certain' : 'likely', evidence, fixes);
  },
});

/**
 * Leaves the called number to the other trunk. A trunk that has no other number is deleted: without any it would take
 * every number.
 */
function partFix(trunk: InboundTrunk, called: string): Fix {
  const clashing = trunk.numbers.filter((number) => isListed(called, [number]));
  if (clashing.length === trunk.numbers.length)
    return deleteTrunkFix(trunk, ', or make its callers or addresses others');
  const action = `Take ${clashing.join(', ')} off ${trunkName(trunk)}.`;
  return trunkListFix(trunk, 'numbers', { remove: clashing }, action);
}
