import { boundsFault } from './jsonBounds.ts';

/** An escaped UTF-16 surrogate, which may be half of a pair or stand alone. */
const SURROGATE = /\\u[dD][89a-fA-F]/;

/**
 * Parses the JSON of a webhook. Throws as `JSON.parse` does, also for JSON beyond the bounds. A lone surrogate becomes U+FFFD, as it does in every store,
 * because the id of a call must be the same in memory and on disk.
 */
export function parseJson(text: string): unknown {
  const fault = boundsFault(text);
  if (fault !== undefined) throw new SyntaxError(fault);
  if (!SURROGATE.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value));
}

/** Parses JSON in UTF-8 bytes. Throws if the bytes are not UTF-8 or not JSON. */
export function parseJsonBytes(bytes: Uint8Array): unknown {
  return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
}
