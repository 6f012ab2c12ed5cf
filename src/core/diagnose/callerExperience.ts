import { type Attempt, isAnswer, type Parent } from '../call/call.ts';
import type { Moment } from '../call/callEvent.ts';
import { endOf, progressOf } from './facts/ending.ts';

/**
 * `silence_or_ring_back`: the caller's leg was answered, but nobody was reached yet; whether the application played
 * something meanwhile is unknown. `ringing`: ringing or early media was signalled on the caller's leg. `waiting`:
 * no webhook reported ringing on it.
 */
export const WAITS = ['silence_or_ring_back', 'ringing', 'waiting'] as const;
export type Wait = (typeof WAITS)[number];

/** The ringing of the far end of a dialled leg; empty if unknown. */
export interface FarEndRinging {
  /** How many 18x it sent. */
  readonly ringings?: number;
  readonly firstAfterSeconds?: number;
}

/** `seconds`: how long it stayed unanswered until it ended; `undefined` while it has not ended. */
interface Afterwards {
  readonly seconds?: number;
}

/** The caller experience during an attempt, as far as Jambonz's webhooks show it. */
export type CallerExperience =
  /** Jambonz placed the call itself. */
  | { readonly kind: 'none' }
  /** `missing` is what no webhook reported. `not_recorded`: an older version did not record it. */
  | { readonly kind: 'unknown'; readonly missing: 'caller_leg' | 'beginning_or_end' | 'not_recorded' }
  | {
      readonly kind: Wait;
      /** Until an answer, or until the end of the attempt. */
      readonly seconds: number;
      /** Whether the times are good to a few milliseconds. */
      readonly precise: boolean;
      readonly isAnswered: boolean;
      /** Absent where the attempt is no dialled leg. */
      readonly farEnd?: FarEndRinging;
      /** The caller's leg stayed unanswered after a dial that failed. */
      readonly afterwards?: Afterwards;
    };

/** The caller experience from the beginning of an attempt until its answer or end. */
export function callerExperienceOf(attempt: Attempt): CallerExperience {
  const { leg, isDialled } = attempt;
  if (!isDialled && leg?.direction === 'outbound') return { kind: 'none' };
  const caller = isDialled ? attempt.parent : leg;
  const end = earliest(leg?.answered ?? dialWithoutLeg(attempt) ?? endOf(attempt), caller?.final);
  if (!leg || !caller || !end) return { kind: 'unknown', missing: caller ? 'beginning_or_end' : 'caller_leg' };
  const { kind, from } = waitOf(isDialled, caller, leg.first, end);
  return {
    kind,
    seconds: secondsBetween(from, end),
    precise: from.precise && end.precise,
    isAnswered: leg.answered !== undefined,
    ...(isDialled && { farEnd: farEndRinging(attempt, end) }),
    ...afterwardsOf(attempt, caller, end),
  };
}

/** The end of a dial that failed before it made a leg: the attempt is then the caller's own leg, which outlives it. */
function dialWithoutLeg({ isDialled, dialEnd }: Attempt): Moment | undefined {
  return isDialled || !dialEnd || isAnswer(dialEnd) ? undefined : dialEnd;
}

/** A leg that ends with the dial needs no word. In milliseconds. */
const AT_ONCE_MS = 2_000;

/** What became of an unanswered caller after a dial that failed: a hangup verb does not end such a leg. */
function afterwardsOf({ leg, dialEnd }: Attempt, caller: Parent, end: Moment) {
  if (caller.answered || leg?.answered || !dialEnd || end !== earliest(end, caller.final)) return {};
  if (!caller.final) return { afterwards: {} };
  const isLong = caller.final.at - end.at > AT_ONCE_MS;
  return isLong ? { afterwards: { seconds: secondsBetween(end, caller.final) } } : {};
}

/** How far apart, in milliseconds, the answers of both legs may be reported if one caused the other. */
const SAME_MOMENT_MS = 1_500;

function waitOf(isDialled: boolean, { answered, firstRinging }: Parent, began: Moment, end: Moment) {
  if (isDialled && answered && answered.at < Math.max(began.at, end.at - SAME_MOMENT_MS)) {
    return { kind: 'silence_or_ring_back', from: later(began, answered) } as const;
  }
  if (firstRinging && firstRinging.at <= end.at) return { kind: 'ringing', from: later(began, firstRinging) } as const;
  return { kind: 'waiting', from: began } as const;
}

function farEndRinging(attempt: Attempt, end: Moment): FarEndRinging {
  const { leg } = attempt;
  // The leg's own ringing webhooks are lost; only other webhooks show that it rang.
  if (!leg || !progressOf(attempt, end.at).ringingsReported) return {};
  const first = leg.firstRinging;
  return { ringings: leg.ringings, ...(first && { firstAfterSeconds: secondsBetween(leg.first, first) }) };
}

function secondsBetween(from: Moment, to: Moment): number {
  return Math.max(0, to.at - from.at) / 1000;
}

function earliest(a: Moment | undefined, b: Moment | undefined): Moment | undefined {
  if (!a || !b) return a ?? b;
  return a.at <= b.at ? a : b;
}

function later(a: Moment, b: Moment): Moment {
  return a.at >= b.at ? a : b;
}
