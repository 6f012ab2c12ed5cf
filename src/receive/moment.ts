import type { Moment } from '../call/event.ts';
import { parseSignature } from './verify.ts';

/** How much later than it was signed, in milliseconds, a webhook may arrive and still be dated by its arrival. */
const PROMPT_MS = 3_000;

/**
 * When a webhook's event happened. The arrival says it to the millisecond, unless the delivery was late, as a retry is:
 * then the signature's time, which is that of the first try, says it to the second.
 */
export function momentOf(receivedAt: number, signature: string | undefined): Moment {
  const signedAt = signature === undefined ? undefined : parseSignature(signature)?.timeSeconds;
  if (signedAt === undefined || Math.abs(receivedAt - signedAt * 1000) <= PROMPT_MS) {
    return { at: receivedAt, receivedAt, precise: true };
  }
  return { at: signedAt * 1000, receivedAt, precise: false };
}
