import {
  type Attempt,
  PHASES,
  type Phase,
  type ProbeReason,
  type ProbeResult,
  type Resolution,
  type Step,
} from './result.ts';

type Summary = Omit<ProbeResult, 'target' | 'seconds' | 'dns' | 'attempts'>;

/** Says in short what the steps of a probe come to. */
export function summarise(dns: Step<Resolution>, attempts: readonly Attempt[]): Summary {
  const answers = attempts.flatMap(({ options }) => (options?.outcome === 'ok' ? [options] : []));
  const ends = attempts.flatMap(({ tls }) => (tls?.outcome === 'ok' ? [tls.certificate.expiresAt] : []));
  const reason = dns.outcome === 'ok' ? attempts.map(troubleOf).find((trouble) => trouble) : dns.outcome;
  const [first] = answers;
  return {
    reachable: answers.length > 0,
    healthy: reason === undefined,
    ...(reason && { reason }),
    phases: phasesOf(dns, attempts),
    ...(ends.length > 0 && { certificateExpiresAt: Math.min(...ends) }),
    ...(first && { sipStatus: first.status, sipPhrase: first.phrase }),
  };
}

/** The first thing that is wrong at an address; `undefined` for nothing. */
function troubleOf({ connect, tls, options }: Attempt): ProbeReason | undefined {
  for (const step of [connect, tls, options]) if (step && step.outcome !== 'ok') return step.outcome;
  return tls?.outcome === 'ok' ? tls.problems[0]?.reason : undefined;
}

function phasesOf(dns: Step, attempts: readonly Attempt[]): Summary['phases'] {
  const seconds = (phase: Phase) =>
    phase === 'dns' ? [dns.seconds] : attempts.flatMap((attempt) => attempt[phase]?.seconds ?? []);
  return Object.fromEntries(
    PHASES.flatMap((phase) => {
      const all = seconds(phase);
      return all.length > 0 ? [[phase, Math.max(...all)]] : [];
    }),
  );
}
