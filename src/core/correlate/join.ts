import type { KnownLeg, Legs } from './legs.ts';
import { numberKey } from './lookup.ts';
import type { Rooms, SipParticipant } from './rooms.ts';

/** Which participant of LiveKit is the far end of an attempt. */
export type Join =
  | { readonly kind: 'none' }
  /** Several participants or several legs fit, and nothing shows which belong together. */
  | { readonly kind: 'ambiguous'; readonly participants: readonly SipParticipant[] }
  | { readonly kind: 'joined'; readonly by: 'call_id' | 'numbers'; readonly sip: SipParticipant };

/**
 * How long, in milliseconds, before and after the leg's first report its participant may join. LiveKit admits a call at
 * once.
 */
const BEFORE_MS = 3_000;
const AFTER_MS = 10_000;

/**
 * Joins a leg to its LiveKit participant by the SIP Call-ID. If one side does not know the Call-ID, joins by caller,
 * called number and time, if exactly one participant and one leg fit. The order of the webhooks does not matter.
 */
export function join(leg: KnownLeg, rooms: Rooms, legs: Legs): Join {
  const [same] = byTime(rooms.withCallId(leg.farEndCallId));
  if (same) return { kind: 'joined', by: 'call_id', sip: same };
  const participants = byTime(rooms.withNumbers(leg.numbers)).filter((sip) => couldBe(leg, sip, legs));
  const [only, ...more] = participants;
  if (!only) return { kind: 'none' };
  const rivals = candidateLegs(only, legs, rooms);
  if (more.length > 0 || rivals.length > 1) return { kind: 'ambiguous', participants };
  return { kind: 'joined', by: 'numbers', sip: only };
}

/** The known legs whose far end a participant could be. */
export function candidateLegs(sip: SipParticipant, legs: Legs, rooms: Rooms): readonly KnownLeg[] {
  const { callIdFull, phoneNumber, trunkPhoneNumber } = sip.participant.sip ?? {};
  const same = legs.withCallId(callIdFull);
  if (same.length > 0) return same;
  return legs
    .withNumbers(numberKey(phoneNumber, trunkPhoneNumber))
    .filter((leg) => rooms.withCallId(leg.farEndCallId).length === 0 && couldBe(leg, sip, legs));
}

function couldBe(leg: KnownLeg, { participant }: SipParticipant, legs: Legs): boolean {
  const callId = participant.sip?.callIdFull;
  // Different Call-IDs are different calls, and a participant with another leg's Call-ID belongs to that leg.
  if (callId !== undefined && (leg.farEndCallId !== undefined || legs.withCallId(callId).length > 0)) return false;
  if (leg.beganAt === undefined) return false;
  const at = (participant.joined ?? participant.firstReported).at;
  return at >= leg.beganAt - BEFORE_MS && at <= leg.beganAt + AFTER_MS;
}

function byTime(found: readonly SipParticipant[]): SipParticipant[] {
  return found.toSorted(
    (a, b) =>
      a.participant.firstReported.at - b.participant.firstReported.at ||
      (a.participant.key < b.participant.key ? -1 : 1),
  );
}
