import type { Random } from '../../oracle/random.ts';
import type { Answer } from '../generatedJambonz.ts';

/** When a LiveKit on one's own machine sends its first 180, in milliseconds from the INVITE. */
export const RINGS_FROM_MS = 90;

/** 180s every so many seconds until the call is over. */
export function ringing(until: number, seconds = 1, from = RINGS_FROM_MS): Answer[] {
  const count = Math.max(0, Math.ceil((until - from) / (seconds * 1_000)));
  return Array.from({ length: count }, (_, i) => ({
    after: from + i * seconds * 1_000,
    status: 180,
    reason: 'Ringing',
  }));
}

/** The same, and then LiveKit gives up on the room. */
export function rejectedAt(at: number, seconds = 1, from = RINGS_FROM_MS): Answer[] {
  return [...ringing(at, seconds, from), { after: at, status: 486, reason: 'Rejected' }];
}

export function answeredAt(at: number, seconds = 1, from = RINGS_FROM_MS): Answer[] {
  return [...ringing(at, seconds, from), { after: at, status: 200, reason: 'OK' }];
}

/** A whole number, both ends included. */
export function between(random: Random, from: number, to: number): number {
  return from + random.below(to - from + 1);
}
