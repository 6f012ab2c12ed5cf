import type { Progress } from './ending.ts';

/** A refused or reset connection fails within this time; a SIP answer from LiveKit's backend takes longer. */
const REFUSED_AT_ONCE_MS = 100;
/** The SIP stack gives up on a silent address after 64 × T1 (RFC 3261, timer B), and then tries the host's next one. */
export const TIMER_B_MS = 32_000;
/** How much sooner or later than that, in milliseconds, the webhook may come. */
export const SLACK_MS = 2_000;

/** Whether a response came as soon as a refused connection does, and nothing rang before it. */
export function isAtOnce({ precise, elapsedMs, ringings }: Progress): boolean {
  return ringings === 0 && precise && elapsedMs !== undefined && elapsedMs <= REFUSED_AT_ONCE_MS;
}

/** Whether a response came so late, and without ringing, that an address before the one that gave it was silent. */
export function isAfterSilence({ elapsedMs, ringings }: Progress): boolean {
  return ringings === 0 && elapsedMs !== undefined && elapsedMs >= TIMER_B_MS - SLACK_MS;
}
