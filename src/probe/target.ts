import { isIPv6 } from 'node:net';
import { parseServerUri } from './sipMessages.ts';

export const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** A SIP server as a caller dials it. */
export interface ProbeTarget {
  /** A name, or an address (IPv6 without brackets); in lower case. */
  readonly host: string;
  /** Absent: from the SRV records, else the transport's usual port. */
  readonly port?: number;
  readonly transport: Transport;
}

/**
 * Reads a target as an operator writes it: a SIP URI or only its host and port. Without a `transport` parameter it is
 * UDP, and TLS for `sips:`, as RFC 3263 has it. A user part says nothing about the server and is left out. Returns
 * `undefined` for anything else, such as the transport `ws`.
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
  // With `sips:` the parameter names what lies under TLS (RFC 3261, section 26.2.2), which only TCP can.
  if (scheme === 'sips') return parameter === 'udp' ? undefined : 'tls';
  return parameter === undefined ? 'udp' : TRANSPORTS.find((transport) => transport === parameter);
}

/** The target as a SIP URI in one fixed form, so that it can be a label; {@link parseTarget} reads it back. */
export function uriOf({ host, port, transport }: ProbeTarget): string {
  return `sip:${hostPort(host, port)};transport=${transport}`;
}

/** `host:port` with the brackets that an IPv6 address needs. */
export function hostPort(host: string, port: number | undefined): string {
  const bracketed = isIPv6(host) ? `[${host}]` : host;
  return port === undefined ? bracketed : `${bracketed}:${port}`;
}

/**
 * What to probe: PROBE_TARGETS where it is set, else the hosts of LIVEKIT_SIP_HOST, over the transport that a dialled
 * URI of that form takes. Other transports are not tried: where nobody dials TCP or TLS, their silence is no trouble.
 * Entries that are no target are left out; the settings have complained of them. Repeated targets are probed once.
 */
export function targetsFrom(settings: {
  readonly probeTargets: readonly string[];
  readonly sipHosts: readonly string[];
}): ProbeTarget[] {
  const entries = settings.probeTargets.length > 0 ? settings.probeTargets : settings.sipHosts;
  const targets = entries.map(parseTarget).filter((target) => target !== undefined);
  return [...new Map(targets.map((target) => [uriOf(target), target])).values()];
}
