import type { Fix } from '../../fixes/fix.ts';
import { trunkName } from '../../fixes/names.ts';
import { deleteTrunkFix, trunkListFix } from '../../fixes/trunkFix.ts';
import { isListed } from '../../trunks/number.ts';
import type { InboundTrunk } from '../../trunks/snapshot.ts';
import { defineCause } from '../cause.ts';
import { alternative, configurationFault, latent, observed, responseEvidence } from '../claims.ts';
import { isAnonymous503, isConflictAnswer, isTryAgainLater } from '../liveKitResponses.ts';

export const trunkConflict = defineCause({
  id: 'trunk_conflict',
  title: 'two trunks match the call',
  party: 'livekit_config',
  stage: 'conflict',
  meaning:
    'Two inbound trunks take the same called number from this caller and address. LiveKit then decides for neither and ' +
    'answers 503. It refuses some such pairs when they are created, but not all.',
  fix: 'Take the number off one of the two trunks, or separate them by allowed_numbers or allowed_addresses.',
  confidence: {
    certain:
      'LiveKit answered 503 "Try again later" without delay, two trunks take the call by all that is known, and no other call speaks for an outage.',
    likely:
      'Two trunks take the call, and the 503 has another phrase or none, or it came late, or a field of the trunks is not known, or calls on other trunks failed alike.',
  },
  needs: ['target', 'match', 'ending', 'progress', 'stage', 'metadata', 'neighbours'],
  match({ target, match, ending, progress, stage, metadata, neighbours }) {
    if (target.kind !== 'livekit') return undefined;
    const evidence = responseEvidence(ending, progress);
    const mayBe = () => (isTryAgainLater(ending) || isAnonymous503(ending) ? alternative(evidence) : undefined);
    if (!match) return mayBe();
    const { choice } = match;
    const between = choice.kind === 'conflict' || choice.kind === 'unknown' ? choice.between : undefined;
    if (stage === 'admitted' || stage === 'auth') return undefined;
    // A configuration that is old may not show the trunk that was added since.
    if (!between) return metadata.state === 'stale' ? mayBe() : undefined;
    const [a, b] = between;
    const what = a.trunk.numbers.length === 0 ? 'take every number' : `take ${match.call.called}`;
    evidence.push({
      name: 'trunks that match',
      value: `${trunkName(a.trunk)} and ${trunkName(b.trunk)} both ${what} from ${match.call.caller ?? 'this caller'}`,
      source: 'match',
    });
    const fixes = [partFix(b.trunk, match.call.called), partFix(a.trunk, match.call.called)];
    if (ending.kind === 'not_made' && choice.kind === 'conflict') return configurationFault(stage, evidence, fixes);
    // Behind an outage, or where the answer means something else, it would stop the call next.
    if (!isConflictAnswer(ending) || neighbours.outage === 'supported') return latent('likely', evidence, fixes);
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
