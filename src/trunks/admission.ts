import type { Address } from './address.ts';
import { normaliseNumber } from './number.ts';
import type { InboundTrunk } from './snapshot.ts';
import { allows, readSource, readSourceList, type SourceList } from './sourceList.ts';

export type Verdict = 'pass' | 'fail' | 'unknown';

/** What decides whether a trunk admits a call, apart from the called number. What is not known stays unknown. */
export interface Origin {
  /** User part of the From header; `undefined` when it is not known. */
  readonly caller: string | undefined;
  /** Addresses the call may have come from. Empty when nothing is known. */
  readonly sources: readonly string[];
  /** Host of the From header; `undefined` when it is not known, as it is in no webhook. */
  readonly fromHost: string | undefined;
}

/** An origin, read once for many trunks. */
export interface ReadOrigin {
  /** Normalised. */
  readonly caller: string | undefined;
  /** `undefined` for a source that is no address. */
  readonly sources: readonly (Address | undefined)[];
  readonly fromHost: string | undefined;
  readonly isStrict: boolean;
}

export function readOrigin({ caller, sources, fromHost }: Origin, isStrict: boolean): ReadOrigin {
  return {
    caller: caller === undefined ? undefined : normaliseNumber(caller),
    sources: sources.map((source) => readSource(source, isStrict)),
    fromHost,
    isStrict,
  };
}

/** Whom a trunk admits, read once for many calls. */
export interface Admission {
  /** Normalised; `undefined` when the trunk takes every caller. */
  readonly callers: ReadonlySet<string> | undefined;
  readonly sources: SourceList;
}

export function readAdmission(trunk: InboundTrunk, isStrict: boolean): Admission {
  const { allowed_numbers, allowed_addresses } = trunk;
  return {
    callers: allowed_numbers.length === 0 ? undefined : new Set(allowed_numbers.map(normaliseNumber)),
    sources: readSourceList(allowed_addresses, isStrict),
  };
}

export function judgeCaller({ callers }: Admission, { caller }: ReadOrigin): Verdict {
  if (!callers) return 'pass';
  if (caller === undefined) return 'unknown';
  return callers.has(caller) ? 'pass' : 'fail';
}

export function judgeSource({ sources: list }: Admission, origin: ReadOrigin): Verdict {
  const { sources, fromHost, isStrict } = origin;
  if (list.isOpen) return 'pass';
  if (sources.length === 0) return 'unknown';
  let allowed = 0;
  for (const source of sources) if (allows(list, source, fromHost ?? '', isStrict)) allowed++;
  if (allowed === sources.length) return 'pass';
  // An entry that is a host name may have let the call in where the From header's host is not known.
  const mayPassByHost = fromHost === undefined && list.hosts.length > 0;
  return allowed === 0 && !mayPassByHost ? 'fail' : 'unknown';
}
