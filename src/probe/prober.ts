import { probeTarget } from './probe.ts';
import type { Attempt, ProbeResult } from './probeResult.ts';
import { toText } from './probeText.ts';
import { type ProbeTarget, parseTarget } from './target.ts';

/** The probe for the command line; `configured` returns the targets from the environment. */
export function proberOf(configured: () => readonly ProbeTarget[]) {
  return {
    configured,
    parse: parseTarget,
    async probe(target: ProbeTarget, timeoutSeconds: number) {
      const result = await probeTarget(target, { timeoutSeconds });
      return { healthy: result.healthy, json: toJson(result), text: toText(result) };
    },
  };
}

/** A result as JSON, with the keys of the command line. Durations in seconds, times in epoch seconds. */
function toJson(result: ProbeResult) {
  return {
    target: result.target,
    healthy: result.healthy,
    reachable: result.reachable,
    reason: result.reason ?? null,
    seconds: result.seconds,
    phases: result.phases,
    certificate_expires_at: result.certificateExpiresAt ?? null,
    sip_status: result.sipStatus ?? null,
    sip_phrase: result.sipPhrase ?? null,
    dns: result.dns,
    attempts: result.attempts.map(attemptToJson),
  };
}

function attemptToJson({ tls, ...attempt }: Attempt) {
  if (tls?.outcome !== 'ok') return { ...attempt, ...(tls && { tls }) };
  const { certificate, ...rest } = tls;
  const { expiresAt, subject, issuer } = certificate;
  return { ...attempt, tls: { ...rest, certificate: { expires_at: expiresAt, subject, issuer } } };
}
