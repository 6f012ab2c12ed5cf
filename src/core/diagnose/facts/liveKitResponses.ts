import type { Judgement } from '../../trunks/judge/judge.ts';
import type { Ending, Progress } from './ending.ts';
import { isResponse } from './ending.ts';

/** LiveKit's own phrase for a trunk or rule conflict, and for a backend that it can't reach. */
export function isTryAgainLater(ending: Ending): boolean {
  return isResponse(ending, 503, 'Try again later');
}

/** A refusal with a phrase that only LiveKit has: newer builds, and LiveKit Cloud, where no trunk or rule takes the call. */
export function isLiveKitRefusal(ending: Ending): boolean {
  return isResponse(ending, 404, ...REFUSALS);
}

const REFUSALS = ['Does not match any SIP Trunks', 'No trunk found', 'Does not match Trunks or Dispatch Rules'];

/** A 503 that only the dial hook reported. That hook has no phrase, so anybody may have sent the 503 for any reason. */
export function isPhraseless503(ending: Ending): boolean {
  return ending.kind === 'response' && ending.status === 503 && ending.reason === undefined;
}

/**
 * A 503 that anybody may have sent: it has the standard phrase, which an SBC older than September 2025 puts on
 * LiveKit's 503, or no phrase, because only the dial hook reported it.
 */
export function isAnonymous503(ending: Ending): boolean {
  return isPhraseless503(ending) || isResponse(ending, 503, 'Service Unavailable');
}

/** LiveKit Cloud's own phrase for a used-up quota. */
export const QUOTA_PHRASE = 'Service temporarily unavailable';

/** Phrases that the Jambonz SBC and its SIP stack put on their own 503s. */
export const JAMBONZ_503 = {
  systemLimit: 'Maximum Calls In Progress',
  accountLimit: 'Max Account Calls In Progress',
  serviceProviderLimit: 'Max Service Provider Calls In Progress',
  noSubscription: 'No Active Subscription',
  dnsError: 'DNS Error',
  noTransport: 'No transport',
  noVia: 'Cannot insert Via',
} as const;

/** What a network between says of a call that it takes for spam. Source: ATIS-1000099. */
export const NETWORK_BLOCKED = 'Network Blocked';

/** Whether a 603 has the phrase with which the Jambonz SBC refuses a number without a carrier, or none. */
export function mayBeJambonz603(ending: Ending): boolean {
  if (!isResponse(ending, 603) || ending.kind !== 'response') return false;
  return ending.reason === undefined || ending.reason === 'Decline';
}

const NO_CONFLICT: ReadonlySet<string> = new Set([QUOTA_PHRASE, ...Object.values(JAMBONZ_503)]);

/** A 503 that may come from a trunk or rule conflict: its phrase has no other known meaning. */
export function isConflictAnswer(ending: Ending): boolean {
  if (!isResponse(ending, 503) || ending.kind !== 'response') return false;
  return ending.reason === undefined || !NO_CONFLICT.has(ending.reason);
}

/** LiveKit reports a conflict without delay, but a frozen backend only when it stops waiting. */
const LATE_MS = 2_000;

/** Whether a response came later than LiveKit needs to detect a conflict. An unknown time counts as not late. */
export function isLate({ elapsedMs }: Progress): boolean {
  return elapsedMs !== undefined && elapsedMs >= LATE_MS;
}

/** Whether LiveKit's configuration alone makes LiveKit answer this call with a 503. */
export function isConflictExpected(match: Judgement | undefined): boolean {
  if (!match) return false;
  if (match.choice.kind === 'conflict') return true;
  return match.choice.kind === 'matched' && match.dispatch?.kind === 'conflict';
}

/** Whether LiveKit's configuration makes, or may make in an unknown field, LiveKit answer this call with a 503. */
export function mayConflict(match: Judgement | undefined): boolean {
  if (!match) return false;
  const mayTrunksClash = match.choice.kind === 'unknown' && match.choice.between !== undefined;
  return isConflictExpected(match) || mayTrunksClash || (mayReachRules(match) && match.dispatch?.kind === 'conflict');
}

/** Whether LiveKit evaluates its rules: it has found one trunk, or only an unknown field could still fail. */
export function mayReachRules({ choice, likelyTrunk }: Judgement): boolean {
  if (choice.kind !== 'unknown') return choice.kind === 'matched';
  return (
    likelyTrunk?.called === 'pass' && likelyTrunk.source !== 'fail' && likelyTrunk.caller !== 'fail' && !choice.between
  );
}
