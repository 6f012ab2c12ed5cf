import type { Static } from 'typebox';
import type { AttemptRecord } from '../diagnose/record.ts';
import { changeEvidence, changeJson } from './changeJson.ts';
import type { ExplanationSchema, Immutable } from './explanationSchema.ts';
import { seenByCaller } from './seenByCaller.ts';

/** Why one attempt ended as it did, as JSON: what `replay` prints and the API answers. Keys are public. */
export type Explanation = Immutable<Static<typeof ExplanationSchema>>;

/** Makes the public JSON of a recorded attempt. */
export function explain(record: AttemptRecord): Explanation {
  const { change, response, ruleErrors } = record;
  return {
    call_sid: record.callSid,
    from: record.from ?? null,
    to: record.to ?? null,
    outcome: record.outcome,
    cause: record.cause ?? null,
    party: record.party ?? null,
    confidence: record.confidence ?? null,
    blocking: record.blocking,
    latent: record.latent,
    alternatives: record.alternatives,
    findings: record.findings,
    summary: record.summary,
    seen_by_caller: seenByCaller(record.callerExperience, record.slow),
    deployment: record.deployment ?? null,
    evidence: change ? [...record.evidence, changeEvidence(change)] : record.evidence,
    fixes: record.fixes,
    unknowns: record.unknowns,
    trunk: record.trunk,
    ...(change && { change: changeJson(change) }),
    ...(record.end && { end: endJson(record.end) }),
    ...(response && { response: responseJson(response) }),
    ...(ruleErrors.length > 0 && { rule_errors: ruleErrors }),
  };
}

function endJson({ by, seconds, aloneSeconds }: NonNullable<AttemptRecord['end']>) {
  return { by, after_seconds: seconds ?? null, alone_seconds: aloneSeconds ?? null };
}

function responseJson({ status, reason, origin }: NonNullable<AttemptRecord['response']>) {
  return { status, ...(reason !== undefined && { reason }), origin };
}
