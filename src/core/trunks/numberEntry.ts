import { digitsOf, normaliseNumber } from './number.ts';

/** An entry of a list of numbers that no call carries, although somebody meant something by it. */
export interface OddEntry {
  readonly kind: 'empty' | 'uri' | 'list' | 'pattern';
  /** What to write instead; empty if the entry is to go; `undefined` if only a person knows. */
  readonly instead: readonly string[] | undefined;
}

/** Why LiveKit finds no call for an entry, after "an entry". */
export const ODD: Record<OddEntry['kind'], string> = {
  empty: 'the entry is empty',
  uri: 'LiveKit compares it with the user part alone, never with a URI',
  list: 'LiveKit reads it as one number',
  pattern: 'LiveKit knows no patterns and no prefixes',
};

/** Fewer digits between separators are no number. */
const FEWEST_DIGITS = 3;

/**
 * What is odd about an entry that LiveKit can only compare as written; `undefined` for a number, and for a name that a SIP
 * URI may have as its user part. `*72` is a code that people dial, `+1555*` a pattern.
 */
export function oddEntry(entry: string): OddEntry | undefined {
  const text = entry.trim();
  if (text === '') return { kind: 'empty', instead: undefined };
  if (/^<?(sips?|tel):/i.test(text) || text.includes('@')) return { kind: 'uri', instead: userOf(text) };
  // Every number is what an empty list means.
  if (/^\+?(\*+|\.\*)$/.test(text)) return { kind: 'pattern', instead: [] };
  if (isPattern(text)) return { kind: 'pattern', instead: undefined };
  if (digitsOf(text) !== undefined) return undefined;
  const parts = partsOf(text);
  return parts && { kind: 'list', instead: parts };
}

/** Whether a call can carry the entry. */
export function isCarried(entry: string): boolean {
  return oddEntry(entry) === undefined;
}

/** A number as calls carry it: without blanks, dashes and parentheses. */
export function asCarried(number: string): string {
  return /[ \-()]/.test(number) ? normaliseNumber(number) : number;
}

function userOf(uri: string): string[] | undefined {
  const [, user = ''] = /^<?(?:[a-z]+:)?(?:\/\/)?([^@:;>]+)/i.exec(uri) ?? [];
  const isHost = !uri.includes('@') && !/^<?tel:/i.test(uri);
  return isHost || user === '' || !isCarried(user) ? undefined : [user];
}

function isPattern(text: string): boolean {
  return (
    // A prefix: a country code alone, or digits before a wildcard.
    /^\+\d{1,2}$/.test(text) ||
    /^\+?\d[\d\- ()]*[*?%]+$/.test(text) ||
    /^\+?\d+x{2,}$/i.test(text) ||
    // A regular expression.
    /^\^|\.[*+]|\\d|\[\d-\d\]|\d\$$/.test(text)
  );
}

/** The numbers of a list in one text, which may have brackets and quotes of its own; `undefined` if it is no such list. */
function partsOf(text: string): string[] | undefined {
  const isListed = /[,;|\n"'[\]]/.test(text);
  const parts = text.split(isListed ? /[,;|\n"'[\]]+/ : /\s+/).map((part) => part.trim());
  const filled = parts.filter((part) => part !== '');
  return filled.length > 0 && filled.every((part) => (digitsOf(part)?.length ?? 0) >= FEWEST_DIGITS)
    ? filled
    : undefined;
}
