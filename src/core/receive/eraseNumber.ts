import { lineHashes } from '../trunks/hashedNumber.ts';
import { normaliseNumber } from '../trunks/number.ts';

/** Stands for a number that was erased. */
const ERASED = 'erased';
/** Fewer digits are found by chance in ids and times. */
const SHORTEST = 6;
/** What may stand between the digits of a number, also in a query. */
const BETWEEN = String.raw`(?:[ \-()./+]|%20){0,3}`;

/** Replaces a telephone number in texts. With `keepsLength`, the text stays as long as it is. */
export type EraseNumber = (text: string, keepsLength?: boolean) => string;

/**
 * Finds a number in any text: as it is given, with + or 00 in front or without, with its digits in groups, inside names,
 * URIs and JSON. It is not found inside a longer number. `undefined` if what is given is not a number of six digits or
 * more. With a `hashKey`, the hash of the number is found as well.
 */
export function eraserOf(number: string, hashKey?: string): EraseNumber | undefined {
  const digits = normaliseNumber(number.trim()).replace(/^\+(00)?/, '');
  if (!/^\d+$/.test(digits) || digits.length < SHORTEST) return undefined;
  const grouped = [...digits].join(BETWEEN);
  const hashes = hashKey === undefined ? [] : lineHashes(hashKey, digits);
  const pattern = new RegExp(
    [
      String.raw`(?:\+|%2B)?(?<!\d)(?:00${BETWEEN})?${grouped}(?!\d)`,
      ...hashes.map((hash) => String.raw`${hash}(?:\.[\da-f]{4})?`),
    ].join('|'),
    'gi',
  );
  return (text, keepsLength) =>
    text.replaceAll(pattern, (found) => (keepsLength ? ERASED.padEnd(found.length, '_') : ERASED));
}
