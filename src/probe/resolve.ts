import type { SrvRecord } from 'node:dns';
import { isIP } from 'node:net';
import { ask, type Found, type Names } from './hostNames.ts';
import { type Limit, secondsSince } from './limit.ts';
import type { Address, Resolution, Step } from './probeResult.ts';
import type { ProbeTarget } from './target.ts';

const SRV_PREFIX = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' } as const;
const USUAL_PORT = { udp: 5060, tcp: 5060, tls: 5061 } as const;
/** Most addresses of one target that are probed. */
const MOST_ADDRESSES = 8;

/**
 * Finds where a caller sends its requests (RFC 3263, with the transport known): an address as it stands; a name with a
 * port by its A and AAAA records; a name without one by its SRV records first.
 */
export async function resolve(target: ProbeTarget, names: Names, limit: Limit): Promise<Step<Resolution>> {
  const start = performance.now();
  const port = target.port ?? USUAL_PORT[target.transport];
  if (isIP(target.host)) {
    return { outcome: 'ok', seconds: 0, source: 'literal', addresses: [{ address: target.host, port }] };
  }
  const srvName = `${SRV_PREFIX[target.transport]}.${target.host}`;
  // Asked at once: a resolver that is silent about SRV must not use up the time for the rest.
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
 * IPv4 addresses; IPv6 ones where there are no others. The SBCs of Jambonz dial over IPv4, and a missing IPv6 route of
 * this host would be a false alarm.
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
  // Names of a hosts file, or short ones that need a search domain, are not known to DNS as they stand.
  const system = await ask(`the system’s look-up of ${host}`, () => names.lookup(host), limit);
  return system.ok ? system : four;
}

/** Addresses of the hosts that SRV records name: lowest priority first, then heaviest. */
async function addressesOfServices(records: readonly SrvRecord[], names: Names, limit: Limit): Promise<Found<Address>> {
  // A caller throws dice by weight; a probe looks at all of them, and in the same order each time.
  const services = records
    .filter(({ name }) => name !== '' && name !== '.')
    .toSorted((a, b) => a.priority - b.priority || b.weight - a.weight);
  const found = await Promise.all(
    services.map(async ({ name, port }) => withPort(await addressesOf(name, names, limit), port)),
  );
  const addresses = found.flatMap((each) => (each.ok ? each.records : []));
  const failed = found.find((each) => !each.ok);
  if (addresses.length > 0) return { ok: true, records: addresses };
  // A single record with the root as its name says that the service is decidedly not offered (RFC 2782).
  return failed ?? { ok: false, reason: 'dns_not_found', detail: 'its SRV record says that there is no such service' };
}

function withPort(found: Found<string>, port: number): Found<Address> {
  return found.ok ? { ok: true, records: found.records.map((address) => ({ address, port })) } : found;
}
