import type { Attempt, Parent } from '../call/call.ts';
import type { Moment } from '../call/event.ts';
import { endOf, progressOf } from '../diagnose/ending.ts';

/**
 * What the caller had while an attempt lasted, as far as Jambonz's webhooks show.
 * `silence_or_ring_back`: the caller's leg was answered, and nobody was reached yet; whether the application played
 * something meanwhile is not told. `ringing`: ringing or early media was signalled on the caller's leg. `waiting`:
 * nothing was reported on it. `none`: Jambonz made the call by itself. `unknown`: nothing was heard of the caller's leg,
 * or of when the attempt began or ended.
 */
export type SeenKind = 'silence_or_ring_back' | 'ringing' | 'waiting' | 'none' | 'unknown';

/** Keys are public. */
export interface SeenByCaller {
  readonly kind: SeenKind;
  /** How long it lasted, until an answer or the end of the attempt. */
  readonly seconds: number | null;
  /** How many 18x the far end of a dialled leg sent, and how soon the first; `null` where that is not known. */
  readonly far_end_ringings: number | null;
  readonly first_ringing_after_seconds: number | null;
  readonly text: string;
}

const NOT_KNOWN = { seconds: null, far_end_ringings: null, first_ringing_after_seconds: null };

/** What the caller had from the beginning of an attempt until its answer or its end. */
export function seenByCaller(attempt: Attempt): SeenByCaller {
  const { leg, isDialled } = attempt;
  if (!isDialled && leg?.direction === 'outbound') {
    return { kind: 'none', ...NOT_KNOWN, text: 'There was no caller: Jambonz made this call by itself.' };
  }
  const caller = isDialled ? attempt.parent : leg;
  const end = earliest(leg?.answered ?? endOf(attempt), caller?.final);
  if (!leg || !caller || !end) {
    const what = caller ? 'when this attempt began or ended' : 'of the caller’s leg';
    return { kind: 'unknown', ...NOT_KNOWN, text: `What the caller had is not known: no webhook told ${what}.` };
  }
  const { kind, from } = stateOf(isDialled, caller, leg.first, end);
  const seconds = secondsBetween(from, end);
  const about = from.precise && end.precise ? '' : 'about ';
  const text = `For ${about}${seconds.toFixed(1)} s, until the ${leg.answered ? 'answer' : 'end'} of this attempt, ${WORDS[kind]}.`;
  if (!isDialled) return { ...NOT_KNOWN, kind, seconds, text };
  const farEnd = farEndRinging(attempt, end);
  return { kind, seconds, ...farEnd, text: `${text} ${farEndWords(farEnd)}` };
}

const WORDS = {
  silence_or_ring_back:
    'the caller, whose leg was already answered, had silence or what the application plays: the webhooks do not say which',
  ringing: 'the caller had the ringing or early media that was signalled on their leg',
  waiting: 'the caller waited, and no ringing was reported on their leg',
};

/** How far apart, in milliseconds, the answers of both legs may be reported where the one brought about the other. */
const SAME_MOMENT_MS = 1_500;

function stateOf(isDialled: boolean, { answered, firstRinging }: Parent, began: Moment, end: Moment) {
  if (isDialled && answered && answered.at < Math.max(began.at, end.at - SAME_MOMENT_MS)) {
    return { kind: 'silence_or_ring_back', from: later(began, answered) } as const;
  }
  if (firstRinging && firstRinging.at <= end.at) return { kind: 'ringing', from: later(began, firstRinging) } as const;
  return { kind: 'waiting', from: began } as const;
}

type FarEnd = Pick<SeenByCaller, 'far_end_ringings' | 'first_ringing_after_seconds'>;

function farEndRinging(attempt: Attempt, end: Moment): FarEnd {
  const { leg } = attempt;
  // Only other webhooks show that it rang: its own are lost.
  if (!leg || !progressOf(attempt, end.at).ringingsReported) return NOT_KNOWN;
  const first = leg.firstRinging;
  return {
    far_end_ringings: leg.ringings,
    first_ringing_after_seconds: first ? secondsBetween(leg.first, first) : null,
  };
}

function farEndWords({ far_end_ringings: ringings, first_ringing_after_seconds: after }: FarEnd): string {
  if (ringings === null) return 'How often the far end signalled ringing is not known.';
  if (ringings === 0) return 'The far end signalled no ringing.';
  return `The far end signalled ringing ${ringings === 1 ? 'once' : `${ringings} times`}, first after ${(after ?? 0).toFixed(1)} s.`;
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
