import { checkServerIdentity, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import type { ProbeReason, Secured } from './probeResult.ts';

type Problem = Secured['problems'][number];

/** Verification codes for wrong dates or a wrong name; the chain itself may be trusted. */
const NOT_ABOUT_TRUST = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'ERR_TLS_CERT_ALTNAME_INVALID'];

/** Checks the certificate of a finished handshake for `host`. `now` in epoch milliseconds. */
export function checkCertificate(socket: TLSSocket, host: string, now: number): Secured {
  const leaf = socket.getPeerCertificate(true);
  const chain = chainOf(leaf);
  const earliest = chain.reduce((a, b) => (endOf(b) < endOf(a) ? b : a));
  const problems: Problem[] = [];
  const add = (reason: ProbeReason, detail: string) => problems.push({ reason, detail });

  if (endOf(earliest) < now) add('certificate_expired', `${nameOf(earliest.subject)} expired on ${earliest.valid_to}`);
  const early = chain.find(({ valid_from }) => Date.parse(valid_from) > now);
  if (early) add('certificate_not_yet_valid', `${nameOf(early.subject)} is valid from ${early.valid_from}`);
  if (checkServerIdentity(host, leaf)) {
    add(
      'certificate_wrong_host',
      `the certificate is for ${leaf.subjectaltname ?? nameOf(leaf.subject)}, not for ${host}`,
    );
  }
  const verification = verificationOf(socket);
  if (verification !== undefined && !NOT_ABOUT_TRUST.includes(verification)) {
    add('certificate_untrusted', `issued by ${nameOf(leaf.issuer)}: ${verification}`);
  }
  return {
    certificate: {
      expiresAt: Math.floor(endOf(earliest) / 1000),
      subject: nameOf(leaf.subject),
      issuer: nameOf(leaf.issuer),
    },
    problems,
  };
}

/** The certificates up to the root, as far as the server sent them or this machine has them. */
function chainOf(leaf: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  // A root is its own issuer.
  for (let next = leaf; next && !chain.includes(next); next = next.issuerCertificate) chain.push(next);
  return chain;
}

function endOf(certificate: DetailedPeerCertificate): number {
  return Date.parse(certificate.valid_to);
}

function nameOf({ CN, O }: DetailedPeerCertificate['subject']): string {
  return [CN ?? O ?? 'a certificate without a name'].flat().join(', ');
}

/**
 * OpenSSL's code for a fault of the chain; `undefined` if there is none. Node's types say Error, but it is a string.
 */
function verificationOf({ authorizationError }: TLSSocket): string | undefined {
  const given: unknown = authorizationError;
  if (!given) return undefined;
  return typeof given === 'string' ? given : String(Reflect.get(Object(given), 'code') ?? given);
}
