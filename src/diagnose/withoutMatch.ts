import type { Claim, Evidence } from './cause.ts';
import { alternative } from './claims.ts';
import type { LiveKitStage } from './facts.ts';

/**
 * What a rule of LiveKit's configuration can say when that configuration is not known: where LiveKit refused the call
 * the cause cannot be excluded, and nothing supports it more than its neighbours.
 */
export function withoutMatch(stage: LiveKitStage | undefined, evidence: readonly Evidence[]): Claim | undefined {
  return stage === 'refused' ? alternative(evidence) : undefined;
}
