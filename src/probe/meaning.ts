import type { ProbeReason } from './result.ts';

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
