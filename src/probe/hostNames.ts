import type { SrvRecord } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { type Limit, waitFor } from './limit.ts';
import type { ProbeReason } from './probeResult.ts';

/** How names are looked up. Tests pass their own. */
export interface Names {
  resolveSrv(name: string): Promise<SrvRecord[]>;
  resolve4(name: string): Promise<string[]>;
  resolve6(name: string): Promise<string[]>;
  /** The operating system's look-up, with its hosts file and search domains. */
  lookup(name: string): Promise<string[]>;
  /** Cancels open queries. */
  cancel(): void;
}

export function systemNames(): Names {
  const resolver = new Resolver({ timeout: 1_000, tries: 3 });
  return {
    resolveSrv: (name) => resolver.resolveSrv(name),
    resolve4: (name) => resolver.resolve4(name),
    resolve6: (name) => resolver.resolve6(name),
    lookup: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
    cancel: () => resolver.cancel(),
  };
}

/** The result of a query: records, or why there are none. */
export type Found<T> =
  | { readonly ok: true; readonly records: readonly T[] }
  | { readonly ok: false; readonly reason: ProbeReason; readonly detail: string };

/** Makes one query. `what` describes it, for example `SRV _sip._udp.example.com`. */
export function ask<T>(what: string, question: () => Promise<T[]>, limit: Limit): Promise<Found<T>> {
  return waitFor<Found<T>>(
    limit,
    () => ({ ok: false, reason: 'dns_timeout', detail: `${what}: no answer` }),
    (finish) => {
      question().then(
        (records) =>
          finish(
            records.length > 0
              ? { ok: true, records }
              : { ok: false, reason: 'dns_not_found', detail: `${what}: no records` },
          ),
        (error: NodeJS.ErrnoException) => finish({ ok: false, ...reasonOf(what, error) }),
      );
      return () => {};
    },
  );
}

function reasonOf(what: string, { code = 'unknown error' }: NodeJS.ErrnoException) {
  switch (code) {
    case 'ENOTFOUND':
      return { reason: 'dns_not_found', detail: `${what}: the name does not exist` } as const;
    case 'ENODATA':
      return { reason: 'dns_not_found', detail: `${what}: no such record` } as const;
    case 'ETIMEOUT':
      return { reason: 'dns_timeout', detail: `${what}: no answer` } as const;
    default:
      return { reason: 'dns_failed', detail: `${what}: ${code}` } as const;
  }
}
