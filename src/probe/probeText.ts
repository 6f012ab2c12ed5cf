import type { Attempt, Certificate, ProbeReason, ProbeResult, Resolution, Step } from './probeResult.ts';
import { hostPort } from './target.ts';

const SOURCE_WORDS = { srv: 'from SRV records', host: 'from A or AAAA records', literal: 'as given' } as const;

/** A result for people: each step, what is wrong, and what it means for a failed call. Ends with a new line. */
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

/** A step that went well says what it found, any other one what is wrong. */
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
    return 'Nobody can reach LiveKit this way, seen from this machine: calls over it fail, whatever its trunks say.';
  const answering = attempts.filter(({ options }) => options?.outcome === 'ok').length;
  if (answering < attempts.length) {
    return `${answering} of ${attempts.length} addresses answer SIP: some calls fail or start late, others are not affected.`;
  }
  if (!healthy) return 'LiveKit answers SIP to a caller that takes this certificate; others cannot reach it.';
  // OPTIONS is to be answered as an INVITE would be (RFC 3261, section 11.2).
  if (sipStatus >= 500) return `LiveKit answers SIP, with a ${sipStatus}: it is there, and may be refusing every call.`;
  return 'LiveKit answers SIP: a call that failed was refused, not unreachable.';
}

/** What each trouble means for calls, and what to do about it. */
export const MEANING: Readonly<Record<ProbeReason, string>> = {
  dns_not_found: 'The name does not resolve: it is misspelt, or its records are missing.',
  dns_timeout: 'No resolver answers: the DNS that this machine uses, or the network to it, is at fault.',
  dns_failed: 'The resolver answers with an error: this machine’s DNS, or the domain’s servers, are at fault.',
  connection_refused: 'Nothing listens there: the SIP service is down, or the port or the transport is wrong.',
  host_unreachable: 'There is no way to the address: routing or a firewall, at one end or between.',
  connect_timeout: 'Packets vanish: the host is down, or a firewall drops them without a word.',
  tls_failed: 'The TLS handshake failed: the port may speak plain SIP, or want a client’s certificate.',
  tls_timeout: 'The port takes connections and does not answer TLS: it may speak plain SIP.',
  certificate_expired: 'The certificate has expired: callers that verify it refuse the connection. Renew it.',
  certificate_not_yet_valid: 'The certificate is not valid yet: renewed too early, or a clock is wrong.',
  certificate_wrong_host: 'The certificate names another host than the one dialled: callers that verify it refuse.',
  certificate_untrusted: 'No authority known here signed the certificate: callers that verify it need its issuer.',
  no_answer: 'Nobody answers SIP: the host is down, a firewall drops it, or another service has the port.',
  connection_closed: 'The connection was closed without an answer: a proxy with nothing behind it, or not SIP.',
  bad_response: 'Something answers that does not speak SIP over this transport.',
};
