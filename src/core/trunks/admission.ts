import type { Address } from './address.ts';
import { type AddressList, allows, readSource } from './allowedAddresses.ts';
import { normaliseNumber } from './number.ts';

export type Verdict = 'pass' | 'fail' | 'unknown';

/** What decides, apart from the called number, whether a trunk admits a call. Unknown fields stay unknown. */
export interface Origin {
  /** User part of the From header; `undefined` if it is not known. */
  readonly caller: string | undefined;
  /** The addresses that the call may have come from; empty if none is known. */
  readonly sources: readonly string[];
  /** Host of the From header; `undefined` if it is not known. No webhook contains it. */
  readonly fromHost: string | undefined;
  readonly strictAddresses: boolean;
}

/** An origin, parsed once for many trunks. */
export interface ReadOrigin {
  /** Normalised. */
  readonly caller: string | undefined;
  /** `undefined` for a source that is not an IP address. */
  readonly sources: readonly (Address | undefined)[];
  readonly fromHost: string | undefined;
  readonly strictAddresses: boolean;
  /** The inputs of the verdict on a source, as one text. */
  readonly sourceKey: string;
}

export function readOrigin({ caller, sources, fromHost, strictAddresses }: Origin): ReadOrigin {
  return {
    caller: caller === undefined ? undefined : normaliseNumber(caller),
    sources: sources.map((source) => readSource(source, strictAddresses)),
    fromHost,
    strictAddresses,
    sourceKey: JSON.stringify([sources, fromHost, strictAddresses]),
  };
}

/** Whether a trunk admits the caller. `callers` are its normalised `allowed_numbers`; `undefined` if it lists none. */
export function judgeCaller(callers: ReadonlySet<string> | undefined, { caller }: ReadOrigin): Verdict {
  if (!callers) return 'pass';
  if (caller === undefined) return 'unknown';
  return callers.has(caller) ? 'pass' : 'fail';
}

/** Whether a trunk admits the call's source address. */
export function judgeSource(list: AddressList, { sources, fromHost }: ReadOrigin): Verdict {
  if (list.isOpen) return 'pass';
  if (sources.length === 0) return 'unknown';
  let allowed = 0;
  for (const source of sources) if (allows(list, source, fromHost ?? '')) allowed++;
  if (allowed === sources.length) return 'pass';
  // If the From host is not known, an entry that is a host name may match it.
  const mayPassByHost = fromHost === undefined && !list.strict && list.hosts.length > 0;
  return allowed === 0 && !mayPassByHost ? 'fail' : 'unknown';
}

/** The distance of one failed field: more than all unknown fields together. */
export const FAULT = 3;
const DISTANCES: Record<Verdict, number> = { pass: 0, unknown: 1, fail: FAULT };

/** How far a trunk is from admitting the call, apart from the called number; 0 if it admits it. */
export function distanceOf({ source, caller }: { readonly source: Verdict; readonly caller: Verdict }): number {
  return DISTANCES[source] + DISTANCES[caller];
}
