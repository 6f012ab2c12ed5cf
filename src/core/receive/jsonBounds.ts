/** Deeper than any webhook seen, and far from the depth at which walking a parsed value ends the stack. */
export const MAX_JSON_DEPTH = 64;
/** More keys than the largest webhook seen has in all its objects together. */
export const MAX_JSON_KEYS = 2_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
/** `[` and `{`, `]` and `}` differ in this bit alone. */
const CURLY_BIT = 0x20;
const OPENING = 0x5b;
const CLOSING = 0x5d;

/** Where JSON exceeds a limit, and which. */
interface Excess {
  readonly at: number;
  readonly of: 'depth' | 'keys' | 'values';
}

/**
 * Where JSON becomes too dear to parse; `undefined` if it doesn't. It looks at the characters alone, in one pass, and does
 * not tell whether the text is JSON.
 */
export function excessIn(text: string, most: { readonly keys?: number; readonly values?: number }): Excess | undefined {
  const { keys: mostKeys = Number.POSITIVE_INFINITY, values: mostValues = Number.POSITIVE_INFINITY } = most;
  let depth = 0;
  let keys = 0;
  let values = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) isInText = !isInText;
    else if (isInText) {
      // Whatever follows a backslash is part of the text, also a quote.
      if (code === BACKSLASH) at += 1;
    } else if (code === COLON) {
      keys += 1;
      if (keys > mostKeys) return { at, of: 'keys' };
    } else if (code === COMMA || (code & ~CURLY_BIT) === OPENING) {
      values += 1;
      if (code !== COMMA) depth += 1;
      if (depth > MAX_JSON_DEPTH) return { at, of: 'depth' };
      if (values > mostValues) return { at, of: 'values' };
    } else if ((code & ~CURLY_BIT) === CLOSING) depth -= 1;
  }
  return undefined;
}

/** A key takes four characters at least: its quotes, a colon, and a comma or a brace. */
const SMALL_LENGTH = 4 * MAX_JSON_KEYS;

/** Whether a text is too short for too many keys, and has too few opening brackets for too many levels. */
function isSmall(text: string): boolean {
  return text.length <= SMALL_LENGTH && count(text, '{') + count(text, '[') <= MAX_JSON_DEPTH;
}

/** How often a character is in a text, counted up to one more than the levels that are allowed. */
function count(text: string, character: string): number {
  let times = 0;
  for (let at = text.indexOf(character); at >= 0 && times <= MAX_JSON_DEPTH; at = text.indexOf(character, at + 1))
    times += 1;
  return times;
}

/** What makes the JSON of a webhook or request too dear to parse; `undefined` if nothing does. */
export function boundsFault(text: string): string | undefined {
  if (isSmall(text)) return undefined;
  const excess = excessIn(text, { keys: MAX_JSON_KEYS });
  if (!excess) return undefined;
  return excess.of === 'keys'
    ? `it has more than ${MAX_JSON_KEYS} keys`
    : `it is nested deeper than ${MAX_JSON_DEPTH} levels`;
}
