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

/** The owner of a cause in this call. */
export function partyOf({ cause, claim }: RankedClaim): Party {
  return claim.party ?? cause.party;
}

/** Parties whose faults are fixed by a change to the configuration or the application. */
const CONFIGURING: ReadonlySet<Party> = new Set(['application', 'livekit_config']);

/** The dialled host, and the fields by which LiveKit chooses the trunk. */
const CHOOSING: ReadonlySet<Stage> = new Set(['host', 'called', 'source', 'caller']);

/** Faults of a trunk or its rules that don't depend on the called number. */
const OF_TRUNK: ReadonlySet<Stage> = new Set(['source', 'caller', 'auth', 'dispatch', 'media']);

/**
 * Sorts claims by the stage at which each stops the call, and lowers confidence that the evidence does not support:
 * - A general cause (`fallback`) yields to every other cause that stopped the call.
 * - If the call's own responses show an operational cause (an outage, a limit, the network, an agent), faults that
 *   only the configuration shows did not stop this call. They are the next blockers.
 * - An operational cause that is merely possible is an alternative to faults that the configuration shows.
 * - Nothing is certain while an alternative can't be ruled out.
 * - While a field by which LiveKit chooses the trunk is unknown, a fault in another field may not be the first.
 * - If several trunks are equally likely, faults of the chosen one are not certain.
 * - If a wildcard rule would accept the call, a fault of a trunk may not have stopped it.
 * - A cause that relies on LiveKit's configuration is not certain while that is missing or stale, or while it is unknown
 *   whether this LiveKit refuses calls in the way that this call ended.
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
    claim.standing === 'blocking' && claim.basis === 'observed' && !CONFIGURING.has(partyOf({ cause, claim }));
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
    const restsOnUnconfirmed = isUnsettled && restsOnConfiguration(cause) && !claim.saidByLiveKit;
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

function restsOnConfiguration({ needs }: Cause): boolean {
  return needs.includes('match') || needs.includes('media');
}

/** Whether the fault belongs to one trunk, so that another trunk without the called number may not have it. */
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

/** Whether no trunk has a number like the called one, and several trunks are equally likely. */
export function isLikelyTrunkAmbiguous({ likelyTrunk, equallyNear }: Judgement): boolean {
  return likelyTrunk?.called === 'fail' && !likelyTrunk.alike && equallyNear > 0;
}
