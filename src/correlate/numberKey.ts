import { userPartOf } from '../call/sipUri.ts';
import { normaliseNumber } from '../trunks/number.ts';

/** Caller and called number in one text, for looking up; `undefined` where one of them is not known. */
export function numberKey(caller: string | undefined, called: string | undefined): string | undefined {
  if (caller === undefined || called === undefined) return undefined;
  return `${normaliseNumber(userPartOf(caller))}>${normaliseNumber(userPartOf(called))}`;
}
