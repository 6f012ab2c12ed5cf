// LiveKit takes only this shape for a telephone number. Anything else ("call-x", "anonymous") is compared as written.
const NUMBER = /^\+?[\d\- ()]+$/;

/**
 * A number as LiveKit compares it: without spaces, dashes and brackets, and with a `+` in front.
 *
 * `0049…` becomes `+0049…`: LiveKit knows no international prefix and no country code.
 * Text that is not a number is returned unchanged, and so is the empty string.
 * Source: github.com/livekit/protocol, `livekit.NormalizeNumber`.
 */
export function normaliseNumber(number: string): string {
  if (!NUMBER.test(number)) return number;
  const digits = number.replace(/[ \-()]/g, '');
  return digits.startsWith('+') ? digits : `+${digits}`;
}

/**
 * Whether `number` is one of `list`, as written or after normalising. An empty list contains every number.
 * Source: github.com/livekit/protocol, `sip.matchNumbers`.
 */
export function isListed(number: string, list: readonly string[]): boolean {
  if (list.length === 0) return true;
  const normalised = normaliseNumber(number);
  return list.some((entry) => entry === number || normaliseNumber(entry) === normalised);
}

const UUID = /[\da-f]{8}(-?)(?:[\da-f]{4}\1){3}[\da-f]{12}/i;
/** LiveKit's ids of a call, a room, a participant and a job. */
const LIVEKIT_ID = /^(?:SCL|RM|PA|AJ)_/;

/** Whether a user part is or has an id that is another for each call, so that no list can have it. */
export function isPerCallId(called: string): boolean {
  return UUID.test(called) || LIVEKIT_ID.test(called);
}

/** How two numbers that LiveKit treats as different are the same line in another form. */
export type NumberLikeness = 'international_prefix' | 'country_code_missing' | 'national_zero' | 'white_space';

/**
 * How two numbers that do not match differ in form only, which is a common mistake. `undefined` if they are different
 * numbers, or if LiveKit treats them as equal.
 *
 * They must share six digits at the end, because short internal numbers often share fewer by chance.
 */
export function likeness(a: string, b: string): NumberLikeness | undefined {
  if (normaliseNumber(a) === normaliseNumber(b)) return undefined;
  const form = normaliseNumber(a.trim());
  // Spaces and brackets alone are not a number.
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

/** The digits of a telephone number; `undefined` for other text. */
export function digitsOf(text: string): string | undefined {
  const normalised = normaliseNumber(text.trim());
  return /^\+\d+$/.test(normalised) ? normalised.slice(1) : undefined;
}

/** The digits without `00` in front, the international prefix of most countries. */
export function stripInternational(digits: string): string {
  return digits.startsWith('00') ? digits.slice(2) : digits;
}

// ITU-T E.164: a country code has one to three digits.
function countryCodeLength(long: string, short: string): boolean {
  const rest = stripInternational(long).length - short.length;
  return rest >= 1 && rest <= 3;
}

const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

/** The normalised numbers of a list. Each list is normalised once, because lists never change. */
export function numberSet(list: readonly string[]): ReadonlySet<string> {
  const set = sets.get(list) ?? new Set(list.map(normaliseNumber));
  sets.set(list, set);
  return set;
}

/** A number that both lists accept; `any` if both are empty, which accepts every number; `undefined` if there is none. */
export function sharedNumber(
  a: readonly string[],
  b: readonly string[],
): { readonly number: string } | 'any' | undefined {
  if (a.length === 0 && b.length === 0) return 'any';
  const [few, many] = a.length < b.length ? [a, b] : [b, a];
  const [first = ''] = many;
  if (few.length === 0) return { number: first };
  const inMany = numberSet(many);
  for (const number of numberSet(few)) if (inMany.has(number)) return { number };
  return undefined;
}

/** The list with each number once. Two forms of one number make a dispatch rule clash with itself. */
export function withoutRepeats(list: readonly string[]): string[] {
  const byNumber = new Map<string, string>();
  for (const number of list) {
    const key = normaliseNumber(number);
    if (!byNumber.has(key)) byNumber.set(key, number);
  }
  return [...byNumber.values()];
}
