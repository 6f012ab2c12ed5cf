import { askOverStream } from './askStream.ts';
import { askOverUdp } from './askUdp.ts';
import { openTcp, openTls, type TlsOptions } from './connect.ts';
import { type Names, systemNames } from './hostNames.ts';
import { type Limit, secondsSince, within } from './limit.ts';
import {
  type Address,
  type Attempt,
  PHASES,
  type Phase,
  type ProbeReason,
  type ProbeResult,
  type Resolution,
  type Step,
} from './probeResult.ts';
import { resolve } from './resolve.ts';
import { type ProbeTarget, uriOf } from './target.ts';

interface ProbeOptions extends TlsOptions {
  /** For the whole probe, in seconds. DNS may take half of it. Default: 5. */
  readonly timeoutSeconds?: number;
  /** How names are looked up. Default: with the system's resolver. */
  readonly names?: () => Names;
  /** Cancels the probe: it ends at once, with a meaningless result. */
  readonly signal?: AbortSignal;
}

const DEFAULT_TIMEOUT_SECONDS = 5;

/**
 * Checks whether a target answers SIP: looks up its name, connects to all its addresses at once, checks the
 * certificates and sends OPTIONS to each. Every problem is in the result; it never rejects.
 */
export async function probeTarget(target: ProbeTarget, options: ProbeOptions = {}): Promise<ProbeResult> {
  const start = performance.now();
  const timeoutMs = (options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
  const limit: Limit = { endsAt: start + timeoutMs, signal: options.signal };
  const dns = await resolve(target, (options.names ?? systemNames)(), within(timeoutMs / 2, limit));
  const attempts =
    dns.outcome === 'ok'
      ? await Promise.all(dns.addresses.map((address) => attempt(target, address, options, limit)))
      : [];
  return { target: uriOf(target), ...summarise(dns, attempts), seconds: secondsSince(start), dns, attempts };
}

async function attempt(target: ProbeTarget, address: Address, options: ProbeOptions, limit: Limit): Promise<Attempt> {
  if (target.transport === 'udp') return { ...address, options: await askOverUdp(target, address, limit) };
  const tcp = await openTcp(address, limit);
  if (!tcp.socket) return { ...address, connect: tcp.step };
  try {
    if (target.transport === 'tcp') {
      return { ...address, connect: tcp.step, options: await askOverStream(target, tcp.socket, limit) };
    }
    const tls = await openTls(tcp.socket, target.host, options, limit);
    if (!tls.socket) return { ...address, connect: tcp.step, tls: tls.step };
    const answer = await askOverStream(target, tls.socket, limit);
    tls.socket.destroy();
    return { ...address, connect: tcp.step, tls: tls.step, options: answer };
  } finally {
    tcp.socket.destroy();
  }
}

type Summary = Omit<ProbeResult, 'target' | 'seconds' | 'dns' | 'attempts'>;

/** Summarises the steps of a probe. */
function summarise(dns: Step<Resolution>, attempts: readonly Attempt[]): Summary {
  const answers = attempts.flatMap(({ options }) => (options?.outcome === 'ok' ? [options] : []));
  const expiries = attempts.flatMap(({ tls }) => (tls?.outcome === 'ok' ? [tls.certificate.expiresAt] : []));
  const reason = dns.outcome === 'ok' ? attempts.map(problemOf).find((problem) => problem) : dns.outcome;
  const [first] = answers;
  return {
    reachable: answers.length > 0,
    healthy: reason === undefined,
    ...(reason && { reason }),
    phases: phasesOf(dns, attempts),
    ...(expiries.length > 0 && { certificateExpiresAt: Math.min(...expiries) }),
    ...(first && { sipStatus: first.status, sipPhrase: first.phrase }),
  };
}

/** The first problem of an address; `undefined` if there is none. */
function problemOf({ connect, tls, options }: Attempt): ProbeReason | undefined {
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
