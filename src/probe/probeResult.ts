/** Why a step of a probe did not succeed: a closed list, since it becomes a label. */
export const PROBE_REASONS = [
  /** The name, or its records, do not exist. */
  'dns_not_found',
  /** No resolver answered in time. */
  'dns_timeout',
  /** A resolver answered with an error. */
  'dns_failed',
  /** The host answered that nothing listens on the port. */
  'connection_refused',
  /** There is no route to the address, or a firewall says so. */
  'host_unreachable',
  'connect_timeout',
  /** The far end broke the TLS handshake off, or does not speak TLS. */
  'tls_failed',
  'tls_timeout',
  'certificate_expired',
  'certificate_not_yet_valid',
  /** It names another host than the one dialled. */
  'certificate_wrong_host',
  /** No known authority has signed it. */
  'certificate_untrusted',
  /** Silence to the OPTIONS request. */
  'no_answer',
  /** The connection was closed without an answer. */
  'connection_closed',
  /** Something was answered that is not SIP. */
  'bad_response',
] as const;
export type ProbeReason = (typeof PROBE_REASONS)[number];

/** What became of a step. Durations are in seconds. */
export type Step<Ok = unknown> =
  | ({ readonly outcome: 'ok'; readonly seconds: number } & Ok)
  /** `detail` is for people: which record, what the library said. */
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
  /** Epoch seconds of the earliest end of validity in the chain that the server sent. */
  readonly expiresAt: number;
  readonly subject: string;
  readonly issuer: string;
}

/** What the server says of its certificate. A connection whose certificate is bad is used all the same. */
export interface Secured {
  readonly certificate: Certificate;
  /** Everything that is wrong with the certificate, the worst first. */
  readonly problems: readonly { readonly reason: ProbeReason; readonly detail: string }[];
}

/** The answer to OPTIONS. */
export interface Answer {
  readonly status: number;
  readonly phrase: string;
  /** The Server or User-Agent header. */
  readonly server: string | undefined;
}

/** One address that was tried. Steps that were not reached, or that the transport does not have, are absent. */
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
  /** Whether SIP is answered at one address at least, with whatever status: the SIP server is there. */
  readonly reachable: boolean;
  /** Whether every address answers SIP, with a certificate in order. */
  readonly healthy: boolean;
  /** The first trouble; absent where all is well. */
  readonly reason?: ProbeReason;
  /** From the start of the probe to its end, in seconds. */
  readonly seconds: number;
  /** Seconds by phase, of the slowest address; phases that were not reached are absent. */
  readonly phases: { readonly [phase in Phase]?: number };
  /** Epoch seconds of the earliest end of a certificate; absent without TLS. */
  readonly certificateExpiresAt?: number;
  /** Of the first address that answered. */
  readonly sipStatus?: number;
  readonly sipPhrase?: string;
  readonly dns: Step<Resolution>;
  /** Each address that was tried, at once with the others, in the order in which a caller tries them. */
  readonly attempts: readonly Attempt[];
}
