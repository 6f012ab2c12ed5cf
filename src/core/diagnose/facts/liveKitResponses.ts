import type { Judgement } from '../../trunks/judge/judge.ts';
import type { Ending, Progress } from './ending.ts';
import { isResponse } from './ending.ts';

/** LiveKit's own phrase for a trunk or rule conflict, and for a backend that it cannot reach. */
export function isTryAgainLater(ending: Ending): boolean {
  return isResponse(ending, 503, 'Try again later');
}

/** A 503 of which only the dial hook told, which has no phrase: it may be anybody's, and mean anything that a 503 can. */
export function isPhraseless503(ending: Ending): boolean {
  return ending.kind === 'response' && ending.status === 503 && ending.reason === undefined;
}

/**
 * A 503 that may be anybody's: with the standard phrase, which an SBC older than September 2025 puts on LiveKit's, or
 * without any, where only the dial hook told.
 */
export function isAnonymous503(ending: Ending): boolean {
  return isPhraseless503(ending) || isResponse(ending, 503, 'Service Unavailable');
}

/** LiveKit Cloud's own phrase for a quota that is used up. */
export const QUOTA_PHRASE = 'Service temporarily unavailable';

/** Phrases of a 503 that Jambonz's SBC and its SIP stack say by themselves. */
export const JAMBONZ_503 = {
  systemLimit: 'Maximum Calls In Progress',
  accountLimit: 'Max Account Calls In Progress',
  serviceProviderLimit: 'Max Service Provider Calls In Progress',
  noSubscription: 'No Active Subscription',
  dnsError: 'DNS Error',
  noTransport: 'No transport',
  noVia: 'Cannot insert Via',
} as const;

const NO_CONFLICT: ReadonlySet<string> = new Set([QUOTA_PHRASE, ...Object.values(JAMBONZ_503)]);

/** A 503 that a conflict of trunks or rules can have led to: one whose phrase is not known to mean something else. */
export function isConflictAnswer(ending: Ending): boolean {
  if (!isResponse(ending, 503) || ending.kind !== 'response') return false;
  return ending.reason === undefined || !NO_CONFLICT.has(ending.reason);
}

/** A conflict is answered without delay; a backend that is frozen is answered for only when LiveKit stops waiting. */
const LATE_MS = 2_000;

/** Whether an answer came later than LiveKit takes to find a conflict. Not known counts as in time. */
export function isLate({ elapsedMs }: Progress): boolean {
  return elapsedMs !== undefined && elapsedMs >= LATE_MS;
}

/** Whether LiveKit's configuration by itself makes LiveKit answer this call with a 503. */
export function isConflictExpected(match: Judgement | undefined): boolean {
  if (!match) return false;
  if (match.choice.kind === 'conflict') return true;
  return match.choice.kind === 'matched' && match.dispatch?.kind === 'conflict';
}

/** The same, or it would in a field that is not known. */
export function mayConflict(match: Judgement | undefined): boolean {
  if (!match) return false;
  const mayTrunksClash = match.choice.kind === 'unknown' && match.choice.between !== undefined;
  return isConflictExpected(match) || mayTrunksClash || (mayReachRules(match) && match.dispatch?.kind === 'conflict');
}

/** Whether LiveKit comes to its rules: where it has found one trunk, or where only a field that is not known may fail. */
export function mayReachRules({ choice, likelyTrunk }: Judgement): boolean {
  if (choice.kind !== 'unknown') return choice.kind === 'matched';
  return (
    likelyTrunk?.called === 'pass' && likelyTrunk.source !== 'fail' && likelyTrunk.caller !== 'fail' && !choice.between
  );
}
