import { storedText } from '../call/storedText.ts';
import { boundsFault } from './jsonBounds.ts';

/** An escaped NUL, or an escaped UTF-16 surrogate, which may be half of a pair or stand alone. */
const NOT_STORED = /\\u(?:0000|[dD][89a-fA-F])/;

/**
 * Parses the JSON of a webhook, with texts as the stores keep them. Throws as `JSON.parse` does, also for JSON beyond the
 * bounds.
 */
export function parseJson(text: string): unknown {
  const fault = boundsFault(text);
  if (fault !== undefined) throw new SyntaxError(fault);
  if (!NOT_STORED.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown) => (typeof value === 'string' ? storedText(value) : value));
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** Parses JSON in UTF-8 bytes. Throws if the bytes are not UTF-8 or not JSON. */
export function parseJsonBytes(bytes: Uint8Array): unknown {
  return parseJson(UTF_8.decode(bytes));
}
