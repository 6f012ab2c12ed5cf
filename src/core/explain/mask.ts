import { userPartOf } from '../call/sipUri.ts';
import { HASHED } from '../trunks/hashedNumber.ts';

// Runs of digits that are no telephone numbers: hashed numbers, addresses, times, ids of LiveKit's and of Jambonz's.
const OCTET = String.raw`(?:25[0-5]|2[0-4]\d|1?\d?\d)`;
const KEPT = new RegExp(
  [
    HASHED.source,
    String.raw`(?<![\w.])${OCTET}(?:\.${OCTET}){3}(?:\/\d{1,2})?(?![\w.]*\d)`,
    String.raw`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`,
    String.raw`\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b`,
    String.raw`\b[A-Z]{2,3}_\w+`,
  ].join('|'),
  'g',
);
/** A number, in groups or not. What letters follow is an id, such as call-dc350027287b86c. */
const NUMBER = /\d(?:[ \-()./]{0,3}\d){6,}(?![\p{L}\d])/gu;
/** Shorter numbers are known only where the call names them. */
const SHORTEST = 5;
const FIVE_DIGITS = /(?:\d\D*){5}/;

/** Stands for a digit that is not shown. */
export const MASKED = '•';

/** Hides telephone numbers in texts. */
export type Mask = (text: string) => string;

/**
 * Text with each telephone number in it reduced to its country code and last two digits: enough to tell two apart, not
 * enough to call one. Ids, addresses and times stay.
 */
export const maskNumbers: Mask = maskOf([]);

/** The same, where numbers are known: they are found however short they are and whatever stands around them. */
export function maskOf(numbers: Iterable<string>): Mask {
  const known = new Set<string>();
  const windows = new Set<string>();
  for (const number of numbers) {
    const user = userPartOf(number.replace(/^tel:/i, ''));
    // A user part with letters is a name.
    const digits = /\p{L}/u.test(user) ? '' : user.replaceAll(/\D/g, '');
    if (digits.length >= SHORTEST) known.add(digits);
    for (let i = 0; i + SHORTEST <= digits.length; i += 1) windows.add(digits.slice(i, i + SHORTEST));
  }
  const isKnown = (run: string) =>
    Array.from({ length: run.length - SHORTEST + 1 }, (_, i) => run.slice(i, i + SHORTEST)).some((w) => windows.has(w));
  const hide = (text: string) =>
    text.replace(NUMBER, hideDigits).replace(/\d{5,}/g, (run) => (isKnown(run) ? hideDigits(run) : run));
  return (text) => {
    // Most texts of a long list hold no number, and the expressions below are slow.
    if (!FIVE_DIGITS.test(text)) return text;
    // In a SIP URI any character may be written as its code.
    const plain = text.replaceAll(/%3(\d)/g, '$1');
    let masked = '';
    let end = 0;
    for (const { 0: token, index } of plain.matchAll(KEPT)) {
      if (known.has(token.replaceAll(/\D/g, ''))) continue;
      masked += hide(plain.slice(end, index)) + token;
      end = index + token.length;
    }
    return masked + hide(plain.slice(end));
  };
}

/** Keys whose values are ids, cursors, or links with ids and times in them, whatever they look like. */
const IDS: ReadonlySet<string> = new Set([
  ...['call_sid', 'dial_call_sid', 'leg', 'id', 'next_cursor'],
  ...['trace_url', 'page', 'grafana', 'ticket'],
]);
/** Fields of a match that do not hold numbers. */
const NO_NUMBERS: ReadonlySet<unknown> = new Set(['allowed_addresses', 'trunk_ids', 'auth_username']);

/** JSON with every telephone number in it masked, those in URIs, evidence, traces and what there is to paste included. */
export function maskJson<T>(json: T): T {
  return maskWith(numbersIn(json))(json);
}

/** The same in short steps. */
export function* maskInSteps<T>(json: T): Generator<void, T> {
  const numbers = new Set<string>();
  for (const number of numbersIn(json)) {
    numbers.add(number);
    yield;
  }
  const mask = maskWith(numbers);
  function* walk(value: unknown, key: string): Generator<void, unknown> {
    if (typeof value !== 'object' || value === null) return mask(value, key);
    if (Array.isArray(value)) {
      const masked: unknown[] = [];
      for (const entry of value) {
        masked.push(mask(entry, key));
        yield;
      }
      return masked;
    }
    const masked: [string, unknown][] = [];
    for (const [name, inner] of Object.entries(value)) masked.push([name, yield* walk(inner, name)]);
    return Object.fromEntries(masked);
  }
  // The cast holds since only the text of strings is another.
  return (yield* walk(json, '')) as T;
}

/** Masks the entries of a list in short steps. The numbers that any entry names are known in all of them. */
export function* maskListInSteps<T>(list: readonly T[]): Generator<void, T[]> {
  const numbers = new Set<string>();
  for (const entry of list) {
    for (const number of numbersIn(entry)) numbers.add(number);
    yield;
  }
  const mask = maskWith(numbers);
  const masked: T[] = [];
  for (const entry of list) {
    masked.push(mask(entry));
    yield;
  }
  return masked;
}

function maskWith(numbers: Iterable<string>): <T>(json: T, key?: string) => T {
  const mask = maskOf(numbers);
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return IDS.has(key) ? value : mask(value);
    if (Array.isArray(value)) return value.map((entry) => walk(entry, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, walk(inner, name)]));
  };
  // The cast holds since only the text of strings is another.
  return (json, key = '') => walk(json, key) as typeof json;
}

/** The numbers that a call or its match names: callers, called numbers, those that trunks and rules list. */
function* numbersIn(json: unknown): Generator<string> {
  if (typeof json !== 'object' || json === null) return;
  for (const [key, value] of Object.entries(json)) {
    const isNumber = key === 'from' || key === 'to' || ((key === 'sent' || key === 'listed') && isOfNumbers(json));
    for (const entry of isNumber ? [value].flat() : []) if (typeof entry === 'string') yield entry;
    yield* numbersIn(value);
  }
}

function isOfNumbers(field: object): boolean {
  return !NO_NUMBERS.has(Reflect.get(field, 'field'));
}

/** As many digits are hidden at least; of a number that is too short for that, only the last two are shown. */
const HIDDEN = 3;

function hideDigits(number: string): string {
  const digits = number.replaceAll(/\D/g, '');
  const prefix = /^00/.test(digits) ? 2 : 0;
  const code = countryCodeLength(digits.slice(prefix));
  const isLong = digits.length >= prefix + code + HIDDEN + 2;
  // With a long country code its 00 would make a run of five.
  const [from, to] = isLong ? [code === 3 ? prefix : 0, prefix + code] : [0, 0];
  let i = 0;
  return number.replaceAll(/\d/g, (digit) => {
    const isShown = (i >= from && i < to) || i >= digits.length - 2;
    i += 1;
    return isShown ? digit : MASKED;
  });
}

/** Country codes of two digits (ITU-T E.164); 1 and 7 have one, all others three. */
const TWO_DIGITS = /^(2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

/** How many digits the country code takes; 0 of a national number. */
function countryCodeLength(digits: string): number {
  if (digits.startsWith('0')) return 0;
  if (/^[17]/.test(digits)) return 1;
  return TWO_DIGITS.test(digits) ? 2 : 3;
}
