import { type Attempt, isAnswer, isAnswered } from '../call/call.ts';
import { type CallEvent, isSettingUp } from '../call/callEvent.ts';
import { wasAnswered } from '../call/leg.ts';
import { type Participant, staysOf } from '../call/room.ts';
import type { Join } from './join.ts';
import type { SipParticipant } from './rooms.ts';

// How long to wait, in milliseconds, for a webhook that may still come after the one named here.

/** Everything has arrived. Wait only for a webhook that another one overtook. */
const STRAGGLER_MS = 250;
/** The dial ended on a provisional response, or another leg answered. No final status of this leg ever comes. */
const NO_FINAL_COMING_MS = 1_000;
/** The dial hook reported a final response. The leg's own webhook, with the reason phrase, should follow. */
const FINAL_DUE_MS = 2_000;
/** The leg has its final response. Its dial hook should follow, unless the application has none. */
const DIAL_RESULT_DUE_MS = 5_000;
/** The A leg ended, so everything dialled from it is over. Late webhooks may still come. */
const PARENT_GONE_MS = 3_000;
/** No webhook came for an unanswered leg. The longest transaction seen ends 217 s after a ringing. */
const UNANSWERED_MS = 240_000;
/** No webhook came for an answered leg that dialled nothing. */
const ANSWERED_MS = 6 * 3_600_000;

/**
 * When the attempt counts as over if no more webhooks arrive, in epoch milliseconds. It uses arrival times, because
 * only they show what can still be on its way.
 *
 * Jambonz removes a B leg's listeners on a ring timeout and on a caller's hang-up, so the last webhook of that leg is
 * `ringing`. It promises no order between two webhooks, and webhooks may be lost.
 */
export function settlesAt(attempt: Attempt): number {
  const { leg, dialResult, dialEnd, parent, isDialled, lostToSibling } = attempt;
  const deadlines = [idleDeadline(attempt)];
  const final = leg?.final;

  if (!isDialled) {
    // Until an A leg ends it may still dial.
    if (final) deadlines.push(final.receivedAt + (leg.direction === 'outbound' ? NO_FINAL_COMING_MS : PARENT_GONE_MS));
    return Math.min(...deadlines);
  }

  if (leg?.answered) deadlines.push(leg.answered.receivedAt + STRAGGLER_MS);
  if (final && dialResult) deadlines.push(Math.max(final.receivedAt, dialResult.receivedAt) + STRAGGLER_MS);
  if (final) deadlines.push(final.receivedAt + (wasAnswered(leg) ? STRAGGLER_MS : DIAL_RESULT_DUE_MS));
  if (dialEnd) {
    const isFinal = isAnswer(dialEnd) || (dialEnd.status !== undefined && dialEnd.status >= 300);
    deadlines.push(dialEnd.receivedAt + (isFinal ? FINAL_DUE_MS : NO_FINAL_COMING_MS));
  }
  if (lostToSibling) deadlines.push(lostToSibling.receivedAt + NO_FINAL_COMING_MS);
  if (parent?.final) deadlines.push(Math.max(parent.final.receivedAt, leg?.last.receivedAt ?? 0) + PARENT_GONE_MS);
  return Math.min(...deadlines);
}

/** The caller's leg should end too, unless the application goes on with it. */
const CALLER_END_DUE_MS = 5_000;
/** LiveKit reports a crashed participant some 10 to 20 s after the crash. */
const LEFT_DUE_MS = 25_000;

/**
 * When the end of an answered attempt counts as settled if no more webhooks arrive, in epoch milliseconds; `undefined`
 * while no webhook reported an end. Until then a webhook is due that may show another cause for the end.
 */
export function endSettlesAt(attempt: Attempt, join: Join): number | undefined {
  if (!isAnswered(attempt)) return undefined;
  const { leg, parent, dialResult, isDialled } = attempt;
  const participant = join.kind === 'joined' ? stayOf(join.sip) : undefined;
  const reports = [leg?.final, dialResult, parent?.final, participant?.left].filter((report) => report !== undefined);
  if (reports.length === 0) return undefined;
  const last = Math.max(...reports.map(({ receivedAt }) => receivedAt));
  if (participant && !participant.left) return last + LEFT_DUE_MS;
  if (isDialled && !(leg?.final && parent?.final)) return last + CALLER_END_DUE_MS;
  return last + STRAGGLER_MS;
}

/** A participant that is there has not come back from anywhere, so the room, which may be large, is not searched. */
function stayOf({ room, participant }: SipParticipant): Participant {
  const isThere = !participant.left && !participant.moved;
  return isThere ? participant : (staysOf(room).get(participant) ?? participant);
}

function idleDeadline({ leg, dialResult, isDialled }: Attempt): number {
  const last = Math.max(leg?.last.receivedAt ?? 0, dialResult?.receivedAt ?? 0);
  const mayLast = !isDialled && leg?.answered !== undefined;
  return last + (mayLast ? ANSWERED_MS : UNANSWERED_MS);
}

/**
 * How long after a webhook, in milliseconds, to check its call: the earliest time that `settlesAt` may give. A
 * provisional response ends nothing, and each 180 is a webhook, so after those the check waits for a long silence.
 * `undefined` stands for any webhook of a call that already has a verdict.
 */
export function checkAfterMs(event: CallEvent | undefined): number {
  const isProvisional = event?.kind === 'status' && isSettingUp(event.callStatus);
  return isProvisional ? UNANSWERED_MS : STRAGGLER_MS;
}
