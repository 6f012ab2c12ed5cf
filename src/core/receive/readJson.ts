/** Half of a pair of UTF-16, as JSON in UTF-8 can say it. */
const SURROGATE = /\\u[dD][89a-fA-F]/;

/**
 * Parses what a webhook says, and throws as JSON.parse does. A half of a pair that stands alone becomes U+FFFD, as it
 * does in every store: a call's id must be the same in memory and on disk.
 */
export function parseJson(text: string): unknown {
  if (!SURROGATE.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value));
}

/** The same of bytes in UTF-8; throws where they are none. */
export function parseJsonBytes(bytes: Uint8Array): unknown {
  return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
}
