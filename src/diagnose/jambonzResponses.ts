import { plainFix } from '../fixes/fix.ts';
import type { Claim } from './cause.ts';
import { alternative, observed, responseEvidence } from './claims.ts';
import { isResponse } from './ending.ts';
import type { Facts } from './facts.ts';
import { isPhraseless503 } from './liveKitResponses.ts';

/**
 * A 503 whose phrase only Jambonz uses. Behind a carrier's gateway somebody else's Jambonz may have said it; where the
 * phrase is missing it cannot be excluded.
 */
export function saidByJambonz(
  phrase: string,
  { target, ending, progress }: Pick<Facts, 'target' | 'ending' | 'progress'>,
  fix: string,
): Claim | undefined {
  const evidence = responseEvidence(ending, progress);
  const fixes = [plainFix(fix)];
  if (isPhraseless503(ending)) return alternative(evidence, fixes);
  if (!isResponse(ending, 503, phrase)) return undefined;
  const isOurs = target.kind === 'livekit' || target.kind === 'own';
  return observed(isOurs ? 'certain' : 'likely', evidence, fixes);
}
