import { type Attempt, isAnswer } from '../call/call.ts';
import type { CallEvent } from '../call/callEvent.ts';
import { wasAnswered } from '../call/leg.ts';

// How long to wait, in milliseconds after the latest webhook that matters, for one that may still come.

/** Everything is there; only a webhook overtaken on the way is waited for. */
const STRAGGLER_MS = 250;
/** The dial ended on a provisional response, or another leg answered it: no final status of the leg ever comes. */
const NO_FINAL_COMING_MS = 1_000;
/** The dial hook named a final response; the leg's own webhook, with the reason phrase, should follow. */
const FINAL_DUE_MS = 2_000;
/** The leg has its final response; its dial hook should follow, unless the application has none. */
const DIAL_RESULT_DUE_MS = 5_000;
/** The A leg is gone. Whatever was dialled from it is over, and webhooks that are late may still come. */
const PARENT_GONE_MS = 3_000;
/** Nothing more was heard of a leg that was never answered: past the longest transaction seen, 217 s after a ringing. */
const UNANSWERED_MS = 240_000;
/** Nothing more was heard of an answered leg with nothing dialled. */
const ANSWERED_MS = 6 * 3_600_000;

/**
 * Epoch milliseconds at which the attempt counts as over if nothing more is heard. Runs on arrival times, since only
 * they say what can still be on its way.
 *
 * Source of the cases: Jambonz removes a B leg's listeners on a ring timeout and on a caller's hang-up, so that its
 * last webhook is `ringing`; no order is promised between two webhooks; hooks may be lost.
 */
export function settlesAt(attempt: Attempt): number {
  const { leg, dialResult, dialEnd, parent, isDialled, lostToSibling } = attempt;
  const deadlines = [idleDeadline(attempt)];
  const final = leg?.final;

  if (!isDialled) {
    // Whether something was dialled from an A leg is known only once the leg is over.
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

function idleDeadline({ leg, dialResult, isDialled }: Attempt): number {
  const last = Math.max(leg?.last.receivedAt ?? 0, dialResult?.receivedAt ?? 0);
  const mayLast = !isDialled && leg?.answered !== undefined;
  return last + (mayLast ? ANSWERED_MS : UNANSWERED_MS);
}

/**
 * How long after a webhook, in milliseconds, its call is looked at: at the earliest time that `settlesAt` may give. A
 * provisional response ends nothing, and each 180 is a webhook, so that those alone wait for the end of a long silence.
 * `undefined` of a webhook of any kind, where an attempt of the call has its verdict already.
 */
export function checkAfterMs(event: CallEvent | undefined): number {
  return event && isProvisional(event) ? UNANSWERED_MS : STRAGGLER_MS;
}

function isProvisional(event: CallEvent): boolean {
  if (event.kind === 'dial_result') return false;
  return ['trying', 'queued', 'ringing', 'early-media', 'other'].includes(event.callStatus);
}
