import type { Judgement } from '../trunks/judge/judge.ts';
import { type Cause, type Claim, type Confidence, type Party, STAGES, type Stage } from './cause.ts';
import type { Facts } from './facts/facts.ts';

export interface RankedClaim<C extends Cause = Cause> {
  readonly cause: C;
  readonly claim: Claim;
}

export interface Ranking<C extends Cause = Cause> {
  readonly blocking: readonly RankedClaim<C>[];
  readonly latent: readonly RankedClaim<C>[];
  readonly alternatives: readonly RankedClaim<C>[];
}

/** Parties whose faults are put right by a change of configuration or of the application. */
const CONFIGURING: ReadonlySet<Party> = new Set(['application', 'livekit_config']);

/** Where LiveKit is found, and the fields by which it chooses the trunk. */
const CHOOSING: ReadonlySet<Stage> = new Set(['host', 'called', 'source', 'caller']);

/** Faults that a trunk and its rules have by themselves, whatever number is called. */
const OF_TRUNK: ReadonlySet<Stage> = new Set(['source', 'caller', 'auth', 'dispatch']);

/**
 * Puts claims in order, by where on its way each stops the call, and keeps them honest:
 * - a general cause (`fallback`) yields to every other that stopped the call;
 * - where the call's own responses show a cause in operation (an outage, a limit, the network, an agent), faults that
 *   only the configuration shows did not stop this call; they would stop it next;
 * - a cause in operation that is merely possible is an alternative to faults that are known to be there;
 * - while an alternative cannot be excluded, nothing is certain;
 * - while a field by which LiveKit chooses the trunk is not known, a fault in another is not certain to be the first;
 * - where several trunks may have been meant, a set with faults of the one that is taken is not certain;
 * - where a wildcard rule would take the call, a fault of a trunk is not certain to have stopped it;
 * - what rests on LiveKit's configuration is not certain while that is missing or stale, nor while it is not known
 *   that this LiveKit refuses as the call was answered.
 */
export function rank<C extends Cause>(
  all: readonly RankedClaim<C>[],
  { metadata, match }: Pick<Facts, 'metadata' | 'match'>,
  isRefusalKnown = true,
): Ranking<C> {
  const isBlocking = ({ claim }: RankedClaim<C>) => claim.standing === 'blocking';
  const isExplained = all.some((ranked) => isBlocking(ranked) && !ranked.cause.fallback);
  const claims = all.filter((ranked) => !(isExplained && isBlocking(ranked) && ranked.cause.fallback));
  const isOperational = ({ cause, claim }: RankedClaim<C>) =>
    claim.standing === 'blocking' && claim.basis === 'observed' && !CONFIGURING.has(cause.party);
  const isFault = ({ claim }: RankedClaim<C>) => claim.standing === 'blocking' && claim.basis === 'configured';
  const isMerelyPossible = (ranked: RankedClaim<C>) => isOperational(ranked) && ranked.claim.confidence === 'possible';

  const hidesFaults = claims.some((ranked) => isOperational(ranked) && !isMerelyPossible(ranked));
  const hasFaults = claims.some(isFault);
  const standings = claims.map((ranked): RankedClaim<C> => {
    if (hidesFaults && isFault(ranked)) return standing(ranked, 'latent');
    return hasFaults && !hidesFaults && isMerelyPossible(ranked) ? standing(ranked, 'alternative') : ranked;
  });

  const alternatives = inOrder(standings, 'alternative');
  const latent = inOrder(standings, 'latent');
  const isHalfKnown = latent.some(({ cause, claim }) => claim.confidence === 'possible' && CHOOSING.has(cause.stage));
  const isUnsettled = metadata.state !== 'fresh' || !isRefusalKnown || match?.wildcardBypass !== undefined;
  const blockers = inOrder(standings, 'blocking');
  const restsOnAmbiguousTrunk = match !== undefined && isLikelyTrunkAmbiguous(match) && blockers.some(isFaultOfTrunk);
  const blocking = blockers.map(({ cause, claim }): RankedClaim<C> => {
    const restsOnUnconfirmed = isUnsettled && cause.needs.includes('match') && !claim.saidByLiveKit;
    const isConfigured = claim.basis === 'configured';
    const isUnconfirmed =
      alternatives.length > 0 || restsOnUnconfirmed || (isConfigured && (isHalfKnown || restsOnAmbiguousTrunk));
    return {
      cause,
      claim: { ...claim, confidence: isUnconfirmed ? atMostLikely(claim.confidence) : claim.confidence },
    };
  });
  return { blocking, latent, alternatives };
}

/** Whether another trunk need not have this fault, though the called number be on neither. */
function isFaultOfTrunk({ cause, claim }: RankedClaim): boolean {
  return claim.basis === 'configured' && OF_TRUNK.has(cause.stage) && !claim.onEveryTrunk;
}

function standing<C extends Cause>({ cause, claim }: RankedClaim<C>, as: Claim['standing']): RankedClaim<C> {
  return { cause, claim: { ...claim, standing: as } };
}

function inOrder<C extends Cause>(claims: readonly RankedClaim<C>[], standing: Claim['standing']): RankedClaim<C>[] {
  return claims
    .filter(({ claim }) => claim.standing === standing)
    .sort((a, b) => STAGES.indexOf(a.cause.stage) - STAGES.indexOf(b.cause.stage));
}

function atMostLikely(confidence: Confidence): Confidence {
  return confidence === 'certain' ? 'likely' : confidence;
}

/** Whether the called number is like none of any trunk, and several trunks may have been meant as well. */
export function isLikelyTrunkAmbiguous({ likelyTrunk, equallyNear }: Judgement): boolean {
  return likelyTrunk?.called === 'fail' && !likelyTrunk.alike && equallyNear > 0;
}
