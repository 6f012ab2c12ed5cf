import { plainFix } from '../fixes/fix.ts';
import type { Claim } from './cause.ts';
import { observed, responseEvidence } from './claims.ts';
import type { Ending, Progress } from './ending.ts';
import type { Target } from './facts.ts';

/** A response whose phrase only Jambonz uses. Behind a carrier's gateway somebody else's Jambonz may have said it. */
export function saidByJambonz(target: Target, ending: Ending, progress: Progress, fix: string): Claim {
  const confidence = target.kind === 'livekit' || target.kind === 'own' ? 'certain' : 'likely';
  return observed(confidence, responseEvidence(ending, progress), [plainFix(fix)]);
}
