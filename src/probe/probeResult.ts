/** Why a step of a probe failed. A closed list, because the reason is a label. */
export const PROBE_REASONS = [
  /** The name or its records do not exist. */
  'dns_not_found',
  /** No resolver answered in time. */
  'dns_timeout',
  /** A resolver answered with an error. */
  'dns_failed',
  /** Nothing listens on the port. */
  'connection_refused',
  /** There is no route to the address, or a firewall rejects it. */
  'host_unreachable',
  'connect_timeout',
  /** The far end aborted the TLS handshake, or does not speak TLS. */
  'tls_failed',
  'tls_timeout',
  'certificate_expired',
  'certificate_not_yet_valid',
  /** The certificate is for another host. */
  'certificate_wrong_host',
  /** No trusted authority signed the certificate. */
  'certificate_untrusted',
  /** No answer to OPTIONS. */
  'no_answer',
  /** The connection was closed without an answer. */
  'connection_closed',
  /** The answer is not SIP. */
  'bad_response',
] as const;
export type ProbeReason = (typeof PROBE_REASONS)[number];

/** The result of a step. Durations are in seconds. */
export type Step<Ok = unknown> =
  | ({ readonly outcome: 'ok'; readonly seconds: number } & Ok)
  /** `detail` is for people, such as the DNS record or the library's error. */
  | { readonly outcome: ProbeReason; readonly seconds: number; readonly detail: string };

/** An address to probe, in the order of RFC 3263. */
export interface Address {
  readonly address: string;
  readonly port: number;
}

export interface Resolution {
  /** `srv`: from SRV records; `host`: from A or AAAA records; `literal`: the target is an address. */
  readonly source: 'srv' | 'host' | 'literal';
  readonly addresses: readonly Address[];
}

export interface Certificate {
  /** Epoch seconds of the earliest expiry in the chain that the server sent. */
  readonly expiresAt: number;
  readonly subject: string;
  readonly issuer: string;
}

/** The server's certificate. A bad certificate doesn't end the connection. */
export interface Secured {
  readonly certificate: Certificate;
  /** Problems of the certificate, the worst first. */
  readonly problems: readonly { readonly reason: ProbeReason; readonly detail: string }[];
}

/** The answer to OPTIONS. */
export interface Answer {
  readonly status: number;
  readonly phrase: string;
  /** The Server or User-Agent header. */
  readonly server: string | undefined;
}

/** The probe of one address. Steps that weren't reached, or that the transport doesn't have, are absent. */
export interface Attempt extends Address {
  readonly connect?: Step;
  readonly tls?: Step<Secured>;
  readonly options?: Step<Answer>;
}

export const PHASES = ['dns', 'connect', 'tls', 'options'] as const;
export type Phase = (typeof PHASES)[number];

export interface ProbeResult {
  /** The target as a SIP URI. */
  readonly target: string;
  /** Whether at least one address answers SIP, with any status. */
  readonly reachable: boolean;
  /** Whether every address answers SIP with a valid certificate. */
  readonly healthy: boolean;
  /** The first problem; absent if there is none. */
  readonly reason?: ProbeReason;
  /** Duration of the probe, in seconds. */
  readonly seconds: number;
  /** Seconds by phase, for the slowest address. Phases that weren't reached are absent. */
  readonly phases: { readonly [phase in Phase]?: number };
  /** Epoch seconds of the earliest expiry of a certificate; absent without TLS. */
  readonly certificateExpiresAt?: number;
  /** Answer of the first address that answered. */
  readonly sipStatus?: number;
  readonly sipPhrase?: string;
  readonly dns: Step<Resolution>;
  /** The addresses, in the order in which a caller tries them. They are probed at the same time. */
  readonly attempts: readonly Attempt[];
}
