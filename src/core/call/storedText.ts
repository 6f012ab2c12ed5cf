import { createHash } from 'node:crypto';

/**
 * Text as both databases keep it. PostgreSQL refuses a NUL, and UTF-8 has no lone surrogate. Each becomes U+FFFD before
 * anything is made from the text, so the id of a call is the same in memory and in every store.
 */
export function storedText(text: string): string {
  return (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text).toWellFormed();
}

/**
 * The longest key, in UTF-16 code units. PostgreSQL indexes at most 2,704 bytes, and an index also has the id of a call,
 * which has up to 765.
 */
const LONGEST_KEY = 512;
const PREFIX = 200;

/** The key by which a Call-ID, a room or a pair of numbers is indexed: the text, or its beginning and its digest. */
export function indexKey(text: string): string {
  if (text.length <= LONGEST_KEY) return text;
  const digest = createHash('sha256').update(text).digest('base64url');
  return `${text.slice(0, PREFIX).toWellFormed()}…${digest}`;
}
