import type { Verdict } from '../pipeline.ts';
import { changeJson } from './change.ts';
import { seenByCaller } from './seenByCaller.ts';

/** A verdict as JSON: what `replay` prints, the API answers and the store keeps. Keys are public. */
export function toJson({ attempt, diagnosis }: Verdict) {
  const { ruleErrors, ...rest } = diagnosis;
  return {
    call_sid: attempt.callSid,
    from: attempt.leg?.from ?? null,
    to: attempt.leg?.to ?? null,
    outcome: rest.outcome,
    cause: rest.cause ?? null,
    party: rest.party ?? null,
    confidence: rest.confidence ?? null,
    blocking: rest.blocking,
    latent: rest.latent,
    alternatives: rest.alternatives,
    findings: rest.findings,
    summary: rest.summary,
    seen_by_caller: seenByCaller(attempt),
    /** `null` for a leg that is not LiveKit's. */
    deployment: rest.deployment ? { kind: rest.deployment.kind, basis: rest.deployment.basis } : null,
    evidence: rest.evidence,
    fixes: rest.fixes,
    unknowns: rest.unknowns,
    trunk: rest.trunk,
    ...(rest.change && { change: changeJson(rest.change) }),
    ...(rest.response && { response: rest.response }),
    ...(ruleErrors.length > 0 && { rule_errors: ruleErrors }),
  };
}

export type Explanation = ReturnType<typeof toJson>;
