/** Deeper than any webhook seen, and far from the depth at which walking a parsed value ends the stack. */
export const MAX_JSON_DEPTH = 64;
/** More keys than the largest webhook seen has in all its objects together. */
export const MAX_JSON_KEYS = 2_000;

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
/** `[` and `{`, `]` and `}` differ in this bit alone. */
const CURLY_BIT = 0x20;
const OPENING = 0x5b;
const CLOSING = 0x5d;

/**
 * What makes JSON too dear to parse; `undefined` if nothing does. It looks at the characters alone, in one pass, and
 * does not tell whether the text is JSON.
 */
export function boundsFault(text: string): string | undefined {
  let depth = 0;
  let keys = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) isInText = !isInText;
    else if (isInText) {
      // Whatever follows a backslash is part of the text, also a quote.
      if (code === BACKSLASH) at += 1;
    } else if (code === COLON) {
      keys += 1;
      if (keys > MAX_JSON_KEYS) return `it has more than ${MAX_JSON_KEYS} keys`;
    } else if ((code & ~CURLY_BIT) === OPENING) {
      depth += 1;
      if (depth > MAX_JSON_DEPTH) return `it is nested deeper than ${MAX_JSON_DEPTH} levels`;
    } else if ((code & ~CURLY_BIT) === CLOSING) depth -= 1;
  }
  return undefined;
}
