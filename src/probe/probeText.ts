import type { Attempt, Certificate, ProbeReason, ProbeResult, Resolution, Step } from './probeResult.ts';
import { hostPort } from './target.ts';

const SOURCE_WORDS = { srv: 'from SRV records', host: 'from A or AAAA records', literal: 'as given' } as const;

/** A result for people: each step, its problems, and what they mean for calls. Ends with a new line. */
export function toText(result: ProbeResult): string {
  const meanings = problemsOf(result).map((reason) => `  ${MEANING[reason]}`);
  const lines = [result.target, dnsLine(result.dns), ...result.attempts.flatMap(attemptLines), ...meanings];
  return `${[...lines, `  ${verdictOf(result)}`].join('\n')}\n`;
}

function dnsLine(dns: Step<Resolution>): string {
  return line('dns', dns, ({ addresses, source }) => {
    return `${addresses.map(({ address, port }) => hostPort(address, port)).join(', ')} ${SOURCE_WORDS[source]}`;
  });
}

function attemptLines({ address, port, connect, tls, options }: Attempt): string[] {
  return [
    `  ${hostPort(address, port)}`,
    ...(connect ? [line('  connect', connect, () => 'TCP')] : []),
    ...(tls ? [line('  tls', tls, ({ certificate }) => certificateWords(certificate))] : []),
    ...(tls?.outcome === 'ok' ? tls.problems.map(({ reason, detail }) => row('', reason, detail)) : []),
    ...(options
      ? [
          line(
            '  options',
            options,
            ({ status, phrase, server }) => `${status} ${phrase}${server ? ` (${server})` : ''}`,
          ),
        ]
      : []),
  ];
}

function certificateWords({ subject, issuer, expiresAt }: Certificate): string {
  return `certificate of ${subject}, issued by ${issuer}, valid to ${new Date(expiresAt * 1000).toISOString()}`;
}

/** An `ok` step shows what it found, any other one what is wrong. */
function line<Ok>(name: string, step: Step<Ok>, words: (ok: Extract<Step<Ok>, { outcome: 'ok' }>) => string): string {
  const said = isOk(step) ? words(step) : step.detail;
  return row(name, step.outcome, `${said} [${step.seconds.toFixed(3)} s]`);
}

function isOk<Ok>(step: Step<Ok>): step is Extract<Step<Ok>, { outcome: 'ok' }> {
  return step.outcome === 'ok';
}

function row(name: string, outcome: string, said: string): string {
  return `  ${name.padEnd(9)}  ${outcome.padEnd(18)}  ${said}`;
}

function problemsOf({ dns, attempts }: ProbeResult): ProbeReason[] {
  const reasons = [
    dns.outcome,
    ...attempts.flatMap(({ connect, tls, options }) => [
      connect?.outcome,
      tls?.outcome,
      ...(tls?.outcome === 'ok' ? tls.problems.map(({ reason }) => reason) : []),
      options?.outcome,
    ]),
  ];
  return [...new Set(reasons)].filter((reason) => reason !== undefined && reason !== 'ok');
}

function verdictOf({ reachable, healthy, attempts, sipStatus = 0 }: ProbeResult): string {
  if (!reachable)
    return 'LiveKit can’t be reached this way from this machine. Calls over it fail, whatever the trunks allow.';
  const answering = attempts.filter(({ options }) => options?.outcome === 'ok').length;
  if (answering < attempts.length) {
    return `Only ${answering} of ${attempts.length} addresses answer SIP. Some calls fail or start late.`;
  }
  if (!healthy) return 'LiveKit answers SIP, but only to callers that accept this certificate.';
  // A server answers OPTIONS as it would answer an INVITE (RFC 3261, section 11.2).
  if (sipStatus >= 500)
    return `LiveKit answers SIP, with a ${sipStatus}. It can be reached, but may refuse every call.`;
  return 'LiveKit answers SIP. A failed call was refused, not lost on the way.';
}

/** What each reason means, and what to do about it. */
const MEANING: Readonly<Record<ProbeReason, string>> = {
  dns_not_found: 'The name does not resolve. Check its spelling and its DNS records.',
  dns_timeout: 'No DNS resolver answers. Check this machine’s DNS and the network to it.',
  dns_failed: 'The DNS resolver answers with an error. Check this machine’s DNS and the domain’s name servers.',
  connection_refused: 'Nothing listens there. The SIP service is down, or the port or transport is wrong.',
  host_unreachable: 'The address can’t be reached. Check routing and firewalls.',
  connect_timeout: 'The connection gets no answer. The host is down, or a firewall drops the packets.',
  tls_failed: 'The TLS handshake failed. The port may speak plain SIP or require a client certificate.',
  tls_timeout: 'The port accepts connections but doesn’t answer TLS. It may speak plain SIP.',
  certificate_expired: 'The certificate has expired, so callers that verify it refuse the connection. Renew it.',
  certificate_not_yet_valid: 'The certificate is not valid yet. Check the clocks, and when the certificate was issued.',
  certificate_wrong_host: 'The certificate is for another host, so callers that verify it refuse the connection.',
  certificate_untrusted:
    'No authority trusted by this machine signed the certificate. Callers that verify it must trust its issuer.',
  no_answer: 'No SIP answer. The host is down, a firewall drops the packets, or another service uses the port.',
  connection_closed: 'The connection was closed without an answer. It may be a proxy without a server, or not SIP.',
  bad_response: 'The answer is not SIP. Another service uses the port, or the transport is wrong.',
};
