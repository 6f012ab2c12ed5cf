import type { Judgement } from '../trunks/judge.ts';
import type { Ending } from './ending.ts';
import { isResponse } from './ending.ts';

/** LiveKit's own phrase for a trunk or rule conflict, and for a backend that it cannot reach. */
export function isTryAgainLater(ending: Ending): boolean {
  return isResponse(ending, 503, 'Try again later');
}

/**
 * A 503 that may be anybody's: with the standard phrase, which an SBC older than September 2025 puts on LiveKit's, or
 * without any, where only the dial hook told.
 */
export function isAnonymous503(ending: Ending): boolean {
  return (
    ending.kind === 'response' &&
    ending.status === 503 &&
    (ending.reason === undefined || ending.reason === 'Service Unavailable')
  );
}

/** Whether LiveKit's configuration by itself makes LiveKit answer this call with a 503. */
export function isConflictExpected(match: Judgement | undefined): boolean {
  if (!match) return false;
  if (match.choice.kind === 'conflict') return true;
  return match.choice.kind === 'matched' && match.dispatch?.kind === 'conflict';
}
