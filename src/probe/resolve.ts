import type { SrvRecord } from 'node:dns';
import { isIP } from 'node:net';
import { ask, type Found, type Names } from './hostNames.ts';
import { type Limit, secondsSince } from './limit.ts';
import type { Address, Resolution, Step } from './probeResult.ts';
import type { ProbeTarget } from './target.ts';

const SRV_PREFIX = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' } as const;
const DEFAULT_PORT = { udp: 5060, tcp: 5060, tls: 5061 } as const;
/** The most addresses probed for one target. */
const MOST_ADDRESSES = 8;

/**
 * Finds where a caller sends its requests (RFC 3263, with a known transport): an address is used as given, a name with
 * a port by its A and AAAA records, a name without a port first by its SRV records.
 */
export async function resolve(target: ProbeTarget, names: Names, limit: Limit): Promise<Step<Resolution>> {
  const start = performance.now();
  const port = target.port ?? DEFAULT_PORT[target.transport];
  if (isIP(target.host)) {
    return { outcome: 'ok', seconds: 0, source: 'literal', addresses: [{ address: target.host, port }] };
  }
  const srvName = `${SRV_PREFIX[target.transport]}.${target.host}`;
  // Queried at the same time: a resolver that doesn't answer SRV must not use up the time for the rest.
  const ownAddresses = addressesOf(target.host, names, limit);
  const srv =
    target.port === undefined ? await ask(`SRV ${srvName}`, () => names.resolveSrv(srvName), limit) : undefined;
  const found = srv?.ok ? await addressesOfServices(srv.records, names, limit) : withPort(await ownAddresses, port);
  names.cancel();
  const seconds = secondsSince(start);
  if (!found.ok) return { outcome: found.reason, seconds, detail: found.detail };
  const source = srv?.ok ? 'srv' : 'host';
  return { outcome: 'ok', seconds, source, addresses: found.records.slice(0, MOST_ADDRESSES) };
}

/**
 * IPv4 addresses, or IPv6 addresses if there are none. Jambonz' SBCs dial over IPv4, and a missing IPv6 route of this
 * host would be a false alarm.
 */
async function addressesOf(host: string, names: Names, limit: Limit): Promise<Found<string>> {
  if (isIP(host)) return { ok: true, records: [host] };
  const [four, six] = await Promise.all([
    ask(`A ${host}`, () => names.resolve4(host), limit),
    ask(`AAAA ${host}`, () => names.resolve6(host), limit),
  ]);
  if (four.ok) return four;
  if (six.ok) return six;
  if (four.reason === 'dns_timeout') return four;
  // DNS doesn't know names from the hosts file, or short names that need a search domain.
  const system = await ask(`the system’s look-up of ${host}`, () => names.lookup(host), limit);
  return system.ok ? system : four;
}

/** Addresses of the hosts in SRV records: lowest priority value first, then highest weight. */
async function addressesOfServices(records: readonly SrvRecord[], names: Names, limit: Limit): Promise<Found<Address>> {
  // A caller picks at random by weight; a probe checks all of them, in the same order each time.
  const services = records
    .filter(({ name }) => name !== '' && name !== '.')
    .toSorted((a, b) => a.priority - b.priority || b.weight - a.weight);
  const found = await Promise.all(
    services.map(async ({ name, port }) => withPort(await addressesOf(name, names, limit), port)),
  );
  const addresses = found.flatMap((each) => (each.ok ? each.records : []));
  const failed = found.find((each) => !each.ok);
  if (addresses.length > 0) return { ok: true, records: addresses };
  // A single record with the root as its name says that the service isn't offered (RFC 2782).
  return (
    failed ?? { ok: false, reason: 'dns_not_found', detail: 'the SRV record says that the service is not offered' }
  );
}

function withPort(found: Found<string>, port: number): Found<Address> {
  return found.ok ? { ok: true, records: found.records.map((address) => ({ address, port })) } : found;
}
