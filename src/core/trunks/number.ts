// Only this shape is taken for a telephone number; anything else ("call-x", "anonymous") is compared as written.
const NUMBER = /^\+?[\d\- ()]+$/;

/**
 * A number as LiveKit compares it: spaces, dashes and brackets gone, a `+` in front.
 *
 * `0049…` becomes `+0049…`: LiveKit knows no international prefix and no country code.
 * Text that is not a number, and the empty string, come back unchanged.
 * Source: github.com/livekit/protocol, `livekit.NormalizeNumber`.
 */
export function normaliseNumber(number: string): string {
  if (!NUMBER.test(number)) return number;
  const digits = number.replace(/[ \-()]/g, '');
  return digits.startsWith('+') ? digits : `+${digits}`;
}

/**
 * Whether `number` is one of `list`, as written or after normalising. An empty list lists every number.
 * Source: github.com/livekit/protocol, `sip.matchNumbers`.
 */
export function isListed(number: string, list: readonly string[]): boolean {
  if (list.length === 0) return true;
  const normalised = normaliseNumber(number);
  return list.some((entry) => entry === number || normaliseNumber(entry) === normalised);
}

/** How two numbers that LiveKit holds for different relate to each other. */
export type NumberLikeness = 'international_prefix' | 'country_code_missing' | 'national_zero' | 'white_space';

/**
 * Says when two numbers that do not match differ only in form, which is what people get wrong;
 * `undefined` when they are simply different numbers, or when LiveKit takes them for the same.
 *
 * Six common digits at the end are asked for, so that short internal numbers are not held for alike.
 */
export function likeness(a: string, b: string): NumberLikeness | undefined {
  if (normaliseNumber(a) === normaliseNumber(b)) return undefined;
  const form = normaliseNumber(a.trim());
  // Blanks and brackets alone are not a number in another form.
  if (form === normaliseNumber(b.trim())) return form === '' || form === '+' ? undefined : 'white_space';
  const x = digitsOf(a);
  const y = digitsOf(b);
  if (x === undefined || y === undefined) return undefined;
  if (stripInternational(x) === stripInternational(y)) return 'international_prefix';
  const [short, long] = x.length < y.length ? [x, y] : [y, x];
  if (short.startsWith('0') && !short.startsWith('00')) {
    const national = short.slice(1);
    if (national.length >= 6 && long.endsWith(national) && countryCodeLength(long, national)) return 'national_zero';
  }
  if (short.length >= 6 && long.endsWith(short) && countryCodeLength(long, short)) return 'country_code_missing';
  return undefined;
}

/** The digits of a telephone number; `undefined` for text that is none. */
export function digitsOf(text: string): string | undefined {
  const normalised = normaliseNumber(text.trim());
  return /^\+\d+$/.test(normalised) ? normalised.slice(1) : undefined;
}

/** The digits without `00` in front, the international prefix of most countries. */
export function stripInternational(digits: string): string {
  return digits.startsWith('00') ? digits.slice(2) : digits;
}

// ITU-T E.164: a country code has one to three digits; two more leave room for an international prefix.
function countryCodeLength(long: string, short: string): boolean {
  const rest = stripInternational(long).length - short.length;
  return rest >= 1 && rest <= 3;
}

/** Lists of numbers, each normalised once: a list is held against many others and never changes. */
export class NumberSets {
  readonly #sets = new Map<readonly string[], ReadonlySet<string>>();

  /** A number that both lists take, in normalised form; `any` where both are empty and take every number. */
  shared(a: readonly string[], b: readonly string[]): { readonly number: string } | 'any' | undefined {
    if (a.length === 0 && b.length === 0) return 'any';
    if (a.length === 0 || b.length === 0) return { number: [...a, ...b][0] ?? '' };
    const [few, many] = a.length < b.length ? [a, b] : [b, a];
    const inMany = this.#of(many);
    for (const number of this.#of(few)) if (inMany.has(number)) return { number };
    return undefined;
  }

  #of(list: readonly string[]): ReadonlySet<string> {
    const set = this.#sets.get(list) ?? new Set(list.map(normaliseNumber));
    this.#sets.set(list, set);
    return set;
  }
}

/** The list with each number once: two forms of one number in a dispatch rule make it clash with itself. */
export function withoutRepeats(list: readonly string[]): string[] {
  const byNumber = new Map<string, string>();
  for (const number of list) {
    const key = normaliseNumber(number);
    if (!byNumber.has(key)) byNumber.set(key, number);
  }
  return [...byNumber.values()];
}
