import { isIPv6 } from 'node:net';
import { parseServerUri } from './sipMessages.ts';

const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** A SIP server to probe. */
export interface ProbeTarget {
  /** A name, or an address (IPv6 without brackets); in lower case. */
  readonly host: string;
  /** Absent: from the SRV records, else the transport's default port. */
  readonly port?: number;
  readonly transport: Transport;
}

/**
 * Reads a target: a SIP URI, or a host with an optional port. Without a `transport` parameter the transport is UDP, or
 * TLS for `sips:` (RFC 3263). A user part is ignored. Returns `undefined` for anything else, such as the transport
 * `ws`.
 */
export function parseTarget(text: string): ProbeTarget | undefined {
  const uri = parseServerUri(/^sips?:/i.test(text) ? text : `sip:${text}`);
  if (!uri) return undefined;
  const transport = transportOf(uri.scheme, uri.transport);
  if (!transport || (uri.port !== undefined && (uri.port < 1 || uri.port > 65_535))) return undefined;
  const host = uri.host.replace(/^\[|\]$/g, '').toLowerCase();
  return { host, transport, ...(uri.port !== undefined && { port: uri.port }) };
}

function transportOf(scheme: string, parameter: string | undefined): Transport | undefined {
  // With `sips:` the parameter names the transport under TLS (RFC 3261, section 26.2.2), which can only be TCP.
  if (scheme === 'sips') return parameter === 'udp' ? undefined : 'tls';
  return parameter === undefined ? 'udp' : TRANSPORTS.find((transport) => transport === parameter);
}

/** The target as a SIP URI in a fixed form, used as a label. {@link parseTarget} reads it back. */
export function uriOf({ host, port, transport }: ProbeTarget): string {
  return `sip:${hostPort(host, port)};transport=${transport}`;
}

/** `host:port`, with brackets around an IPv6 address. */
export function hostPort(host: string, port: number | undefined): string {
  const bracketed = isIPv6(host) ? `[${host}]` : host;
  return port === undefined ? bracketed : `${bracketed}:${port}`;
}

/**
 * What to probe: PROBE_TARGETS if it is set, else the hosts of LIVEKIT_SIP_HOST, each over the transport in its entry
 * or else UDP. Other transports aren't probed, because nobody may be using them. Invalid entries are left out (the
 * settings report them), and repeated targets are probed once.
 */
export function targetsFrom(settings: {
  readonly probeTargets: readonly string[];
  readonly sipHosts: readonly string[];
}): ProbeTarget[] {
  const entries = settings.probeTargets.length > 0 ? settings.probeTargets : settings.sipHosts;
  const targets = entries.map(parseTarget).filter((target) => target !== undefined);
  return [...new Map(targets.map((target) => [uriOf(target), target])).values()];
}
