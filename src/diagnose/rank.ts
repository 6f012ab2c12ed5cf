import { type Cause, type Claim, type Confidence, type Party, STAGES } from './cause.ts';
import type { Metadata } from './facts.ts';

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

/**
 * Puts claims in order, by where on its way each stops the call, and keeps them honest:
 * - where the call's own responses show a cause in operation (an outage, a limit, the network, an agent), faults that
 *   only the configuration shows did not stop this call; they would stop it next;
 * - while an alternative cannot be excluded, nothing is certain;
 * - what rests on LiveKit's configuration is not certain while that is missing or stale.
 */
export function rank<C extends Cause>(claims: readonly RankedClaim<C>[], metadata: Metadata): Ranking<C> {
  const isOperational = claims.some(
    ({ cause, claim }) => claim.standing === 'blocking' && claim.basis === 'observed' && !CONFIGURING.has(cause.party),
  );
  const standings = claims.map(({ cause, claim }): RankedClaim<C> => {
    const comesNext = isOperational && claim.standing === 'blocking' && claim.basis === 'configured';
    return comesNext ? { cause, claim: { ...claim, standing: 'latent' } } : { cause, claim };
  });
  const alternatives = inOrder(standings, 'alternative');
  const blocking = inOrder(standings, 'blocking').map(({ cause, claim }): RankedClaim<C> => {
    const isDoubtful = alternatives.length > 0 || (metadata.state !== 'fresh' && cause.needs.includes('match'));
    return { cause, claim: { ...claim, confidence: isDoubtful ? atMostLikely(claim.confidence) : claim.confidence } };
  });
  return { blocking, latent: inOrder(standings, 'latent'), alternatives };
}

function inOrder<C extends Cause>(claims: readonly RankedClaim<C>[], standing: Claim['standing']): RankedClaim<C>[] {
  return claims
    .filter(({ claim }) => claim.standing === standing)
    .sort((a, b) => STAGES.indexOf(a.cause.stage) - STAGES.indexOf(b.cause.stage));
}

function atMostLikely(confidence: Confidence): Confidence {
  return confidence === 'certain' ? 'likely' : confidence;
}
