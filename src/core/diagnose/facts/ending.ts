import { type Attempt, isAnswer, isAnswered } from '../../call/call.ts';
import type { Moment } from '../../call/callEvent.ts';
import type { Leg } from '../../call/leg.ts';
import { isStalePhrase } from '../../call/reasonPhrase.ts';

/** How an attempt ended. */
export type Ending =
  | { readonly kind: 'answered' }
  | {
      readonly kind: 'response';
      readonly status: number;
      /** `undefined` if only the dial hook reported the response: that hook has no phrase. */
      readonly reason: string | undefined;
      /** The phrase belongs to another status: not a SIP response but a failure inside Jambonz. */
      readonly isStale: boolean;
    }
  /** No final response: the caller hung up, or the dial gave up. */
  | { readonly kind: 'unanswered'; readonly endedBy: 'caller' | 'other_leg' | 'dial' | 'dial_without_leg' | 'unknown' }
  /** The call was not placed: the question is whether it would connect. */
  | { readonly kind: 'not_made' };

/** Whether the ending is this status with one of these phrases; letter case counts. */
export function isResponse(ending: Ending, status: number, ...reasons: readonly string[]): boolean {
  if (ending.kind !== 'response' || ending.status !== status) return false;
  return reasons.length === 0 || (ending.reason !== undefined && reasons.includes(ending.reason));
}

export interface Progress {
  /** How many 18x were reported. */
  readonly ringings: number;
  /** Whether ringing webhooks arrived; false if only other webhooks show that the leg rang. */
  readonly ringingsReported: boolean;
  /** From the first 18x to the end; `undefined` without ringing. */
  readonly ringSeconds: number | undefined;
  /** From the last 18x to the end; `undefined` without ringing. */
  readonly quietSeconds: number | undefined;
  /** From the first report to the end; `undefined` if one of the two is unknown. */
  readonly elapsedMs: number | undefined;
  /** Whether the times are accurate to a few milliseconds. */
  readonly precise: boolean;
  /** Whether a webhook reported the end; otherwise the attempt settled by a timer. */
  readonly endReported: boolean;
}

/** The ending of an attempt that has settled. */
export function endingOf(attempt: Attempt): Ending {
  const { leg, dialResult, dialEnd, isDialled } = attempt;
  // The caller's leg was answered, but the dial failed before any webhook reported a dialled leg.
  if (!isDialled && dialEnd && !isAnswer(dialEnd)) return { kind: 'unanswered', endedBy: 'dial_without_leg' };
  if (isAnswered(attempt)) return { kind: 'answered' };
  const status = leg?.final?.status ?? impliedStatus(leg) ?? dialResult?.status;
  // 487 is the response to Jambonz's own CANCEL; it says nothing about the far end.
  if (status === undefined || status < 300 || status === 487) return { kind: 'unanswered', endedBy: endedBy(attempt) };
  const reason = leg?.final?.reason?.trim() || undefined;
  return { kind: 'response', status, reason, isStale: reason !== undefined && isStalePhrase(status, reason) };
}

/** What was seen on the way to the ending. `settledAt` (epoch ms) stands in for an end that was never reported. */
export function progressOf(attempt: Attempt, settledAt: number): Progress {
  const { leg, dialResult } = attempt;
  const end = endOf(attempt);
  const endAt = end?.at ?? settledAt;
  const rangUnseen =
    leg !== undefined && leg.ringings === 0 && (isRinging(dialResult?.status) || hasFarEndCallId(attempt));
  const ringingSince = leg?.firstRinging ?? (rangUnseen ? leg.first : undefined);
  const ringingUntil = leg?.lastRinging ?? ringingSince;
  const secondsFrom = ({ at }: Moment) => Math.max(0, endAt - at) / 1000;
  // The beginning is unknown if only the end was reported, or if the end overtook earlier webhooks. A refused
  // connection may end a leg in the millisecond in which it began.
  const isOnlyEnd = leg === undefined || (leg.first.at === endAt && (leg.reports === 1 || leg.last.at > endAt));
  return {
    ringings: rangUnseen ? 1 : (leg?.ringings ?? 0),
    ringingsReported: !rangUnseen,
    ringSeconds: ringingSince && secondsFrom(ringingSince),
    quietSeconds: ringingUntil && secondsFrom(ringingUntil),
    elapsedMs: isOnlyEnd ? undefined : Math.max(0, endAt - leg.first.at),
    precise: Boolean(leg?.first.precise && end?.precise),
    endReported: end !== undefined,
  };
}

/** When an attempt ended; `undefined` if no webhook reported it. */
export function endOf({ leg, dialEnd, parent, lostToSibling }: Attempt): Moment | undefined {
  if (leg?.final) return leg.final;
  // The dial hook reports another leg's answer only after that conversation, long after this leg was cancelled.
  if (lostToSibling) return lostToSibling === dialEnd ? undefined : lostToSibling;
  return dialEnd ?? parent?.final;
}

// The feature server knows the Call-ID of a dialled leg only once an 18x or a 200 came.
function hasFarEndCallId({ leg, dialResult, isDialled }: Attempt): boolean {
  return isDialled && (leg?.sbcCallId ?? dialResult?.sbcCallId) !== undefined;
}

// Jambonz's call status alone, where a webhook has no SIP status: 486 and 600 become busy, 487 no-answer.
function impliedStatus(leg: Leg | undefined): number | undefined {
  if (leg?.final?.callStatus === 'busy') return 486;
  return leg?.final?.callStatus === 'no-answer' ? 487 : undefined;
}

function isRinging(status: number | undefined): boolean {
  return status !== undefined && status >= 180 && status < 190;
}

/** How far apart, in milliseconds, the hang-up's two webhooks may be: they are sent at the same time, in no order. */
const SAME_MOMENT_MS = 1_500;

function endedBy({ leg, parent, dialEnd, lostToSibling }: Attempt): 'caller' | 'other_leg' | 'dial' | 'unknown' {
  if (lostToSibling) return 'other_leg';
  const hungUp = parent?.final ?? leg?.final;
  const who = (parent ?? leg)?.terminatedBy;
  if (!hungUp) return dialEnd ? 'dial' : 'unknown';
  if (who !== undefined && who !== 'caller') return 'dial';
  if (!dialEnd) return who === 'caller' ? 'caller' : 'unknown';
  if (hungUp.at < dialEnd.at) return 'caller';
  return who === 'caller' && hungUp.at - dialEnd.at <= SAME_MOMENT_MS ? 'caller' : 'dial';
}
