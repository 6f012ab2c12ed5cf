import { withoutEscapes } from '../../core/call/sipUri.ts';
import { storedText } from '../../core/call/storedText.ts';
import { lineHashes } from '../../core/trunks/hashedNumber.ts';
import type { NumberFilter, TextFilter } from '../../store/calls/attemptFilter.ts';
import { callIdsOf } from '../../store/calls/callIds.ts';
import type { Store } from '../../store/store.ts';

/** As people write numbers: digits with what separates them. */
const NUMBER = /^\+?[\d\s()./-]+$/;
const FEWEST_DIGITS = 3;

/** What a person searches for: the calls that it names, and the number that it may be. */
export async function textFilter(store: Store, text: string, hashKey: string | undefined): Promise<TextFilter> {
  const trimmed = storedText(text.trim());
  const user = withoutEscapes(trimmed);
  const isNumber = NUMBER.test(user) && user.replaceAll(/\D/g, '').length >= FEWEST_DIGITS;
  return {
    callIds: trimmed === '' ? [] : await callIdsOf(store.database, trimmed),
    number: isNumber ? numberFilter(user, hashKey) : undefined,
  };
}

export function numberFilter(text: string, hashKey: string | undefined): NumberFilter;
export function numberFilter(text: string | undefined, hashKey: string | undefined): NumberFilter | undefined;
export function numberFilter(text: string | undefined, hashKey: string | undefined): NumberFilter | undefined {
  if (text === undefined) return undefined;
  // Numbers are copied from logs and URLs, where they may be escaped.
  const digits = withoutEscapes(text).replaceAll(/\D/g, '');
  return { digits, hashes: hashKey === undefined ? [] : lineHashes(hashKey, digits.replace(/^00/, '')) };
}
