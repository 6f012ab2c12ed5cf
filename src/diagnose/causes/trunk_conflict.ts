import { defineCause } from '../cause.ts';
import {
  alternative,
  configurationFault,
  isResponse,
  latent,
  observed,
  responseEvidence,
  trunkName,
} from '../claims.ts';
import { plainFix } from '../fix.ts';
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
      value: `${trunkName(a)} and ${trunkName(b)} both ${what} from ${match.call.caller ?? 'this caller'}`,
      source: 'match',
    });
    const fixes = [
      plainFix(`Delete ${trunkName(a)} or ${trunkName(b)}, or make their numbers, callers or addresses disjoint.`),
    ];
    if (ending.kind === 'not_made' && choice.kind === 'conflict') return configurationFault(stage, evidence, fixes);
    if (!isResponse(ending, 503)) return latent('likely', evidence, fixes);
    const isCertain = choice.kind === 'conflict' && isTryAgainLater(ending);
    return observed(isCertain ? 'certain' : 'likely', evidence, fixes);
  },
});
