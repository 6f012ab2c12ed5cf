import { causeOf } from '../diagnose/causeOf.ts';
import type { CauseId } from '../diagnose/causes.ts';
import type { AttemptRecord } from '../diagnose/record.ts';
import { whenReopened } from './foldByHand.ts';
import {
  type AttemptRef,
  type CallAt,
  close,
  type FailedQuestion,
  type Folded,
  type Incident,
  isSameAttempt,
  isTrunkId,
  type Rate,
} from './incident.ts';
import { fixForAll, fixOf } from './incidentFix.ts';

/** How long after an incident closed, in milliseconds, a failure of the same kind reopens it. */
export const REOPENS_WITHIN_MS = 60 * 60_000;
const EXAMPLES_KEPT = 5;
/** How many pairs of caller and called number are counted separately. */
export const QUESTIONS_KEPT = 100;

/** A settled attempt. */
export interface SettledCall extends AttemptRef {
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly record: AttemptRecord;
}

type FailedRecord = AttemptRecord & { readonly [K in 'cause' | 'party']: NonNullable<AttemptRecord[K]> };
type FailedCall = SettledCall & { readonly record: FailedRecord };

/** When a call failed, in epoch milliseconds: at its start, or at its end if it was answered. */
export function failedAt({ startedAt, record }: Pick<SettledCall, 'startedAt' | 'record'>): number {
  return startedAt + Math.round((record.end?.seconds ?? 0) * 1000);
}

/** Whether an attempt belongs to an incident. A failure that is nobody's fault does not. */
export function isFailure(call: SettledCall): call is FailedCall {
  const { outcome, cause, party } = call.record;
  const isFault = outcome === 'failed' || isBlamedEnd(call.record);
  return isFault && cause !== undefined && party !== undefined;
}

/**
 * Whether an answered call was dropped, or went on with a fault, for a cause that is more than possible. A hang-up that
 * may as well have been a transfer is told on the call, but wakes nobody: agents that transfer most of their calls are
 * usual.
 */
export function isBlamedEnd({ outcome, party, confidence }: Pick<AttemptRecord, 'outcome' | 'party' | 'confidence'>) {
  const wentOn = outcome === 'connected' && party !== undefined && party !== 'nobody';
  return (outcome === 'dropped' || wentOn) && confidence !== 'possible';
}

/**
 * Adds a failed call to the incident of its cause and trunk: `latest` is the open one, or else the one that closed
 * last. A call that began before the incident closed joins it; a later one reopens it, or opens a new one with `newId`.
 * `now` in epoch milliseconds.
 */
export function foldFailure(latest: Incident | undefined, call: FailedCall, now: number, newId: string): Folded {
  if (!latest || !takes(latest, call, now)) return { incident: open(call, now, newId), event: 'opened' };
  const incident = countCall(latest, call, now);
  if (!latest.closed) {
    if (!worsens(latest, incident)) return { incident };
    return { incident: { ...incident, worsenedAt: now, rate: { ...incident.rate, isTold: true } }, event: 'worsened' };
  }
  // The call was already in progress when the cause disappeared.
  if (failedAt(call) <= latest.closed.at) return { incident };
  const { closed: _, ...opened } = whenReopened(incident);
  const change = changeOf(call.record) ?? incident.change;
  return { incident: { ...opened, ...(change && { change }) }, event: 'reopened' };
}

function takes({ closed }: Incident, call: SettledCall, now: number): boolean {
  if (!closed) return true;
  if (closed.because === 'corrected' || closed.because === 'put_away') return false;
  return failedAt(call) <= closed.at || now - closed.at <= REOPENS_WITHIN_MS;
}

/**
 * Shows an attempt of an incident with the leg that it is now; the incident itself where it does so already. More may
 * be known of who called whom.
 */
export function showLeg(incident: Incident, call: SettledCall): Incident {
  const isOther = (known: AttemptRef) => isSameAttempt(known, call) && known.callSid !== call.callSid;
  const { first, last, examples, questions, afterFix } = incident;
  const refs = [first, last, ...examples, ...questions, ...(afterFix && 'callSid' in afterFix ? [afterFix] : [])];
  if (!refs.some(isOther)) return incident;
  const at = callAt(call);
  const others = questions.filter((question) => !isOther(question));
  return {
    ...incident,
    first: isOther(first) ? at : first,
    last: isOther(last) ? at : last,
    examples: examples.map((example) => (isOther(example) ? refOf(call) : example)),
    questions: others.length < questions.length ? addQuestion(others, questionOf(call)) : questions,
    ...(afterFix && { afterFix: 'callSid' in afterFix && isOther(afterFix) ? { ...afterFix, ...at } : afterFix }),
  };
}

/** The calls of an incident without one of them. */
export type Remaining = Pick<Incident, 'calls' | 'first' | 'last' | 'status'>;

/**
 * Removes a call: by default because later webhooks showed another cause for it. `remaining` are the other calls;
 * `undefined` if there is none, and then the incident closes.
 */
export function removeCall(
  incident: Incident,
  attempt: AttemptRef,
  remaining: Remaining | undefined,
  now: number,
  because: 'corrected' | 'put_away' = 'corrected',
): Folded {
  const { status: _, ...rest } = incident;
  const changed: Incident = {
    ...rest,
    ...(remaining ?? { calls: 0 }),
    examples: incident.examples.filter((example) => !isSameAttempt(example, attempt)),
    questions: incident.questions.filter((question) => !isSameAttempt(question, attempt)),
  };
  if (remaining) return { incident: changed };
  if (!incident.closed) return close(changed, because, now);
  return { incident: { ...changed, closed: { at: incident.closed.at, because } } };
}

function open(call: FailedCall, now: number, id: string): Incident {
  const { cause, party, trunk } = call.record;
  const change = changeOf(call.record);
  const at = callAt(call);
  const fix = fixOf(call.record);
  return {
    version: 1,
    id,
    cause,
    party,
    trunk,
    openedAt: now,
    first: at,
    last: at,
    calls: 1,
    rate: beginRate(now),
    examples: [refOf(call)],
    questions: [questionOf(call)],
    connected: 0,
    ...(change && { change }),
    ...(fix && { fix }),
    ...statusOf(call.record),
  };
}

function countCall(incident: Incident, call: FailedCall, now: number): Incident {
  const { record } = call;
  const failed = failedAt(call);
  const { change: _, status, ...rest } = incident;
  const { first, last, examples, afterFix, probe } = incident;
  const isLatest = failed > last.at;
  const at = callAt(call);
  const ref = refOf(call);
  const fix = fixForAll(incident.fix, fixOf(record));
  const change = failed < first.at ? changeBefore(incident, failed, record) : incident.change;
  const [oldest = ref, ...newer] = examples;
  return {
    ...rest,
    // The owner of one cause may differ from call to call.
    ...(isLatest && { party: record.party }),
    first: failed < first.at ? at : first,
    last: isLatest ? at : last,
    calls: incident.calls + 1,
    rate: countIn(incident.rate, now),
    examples: [oldest, ...newer.slice(-(EXAMPLES_KEPT - 2)), ref],
    questions: addQuestion(incident.questions, questionOf(call)),
    connected: 0,
    ...(probe && { probe: { ...probe, successes: 0 } }),
    ...(change && { change }),
    ...(fix && { fix }),
    ...(afterFix && failed > afterFix.at && { afterFix: { state: 'next_call_failed', ...at } }),
    ...(isLatest ? statusOf(record) : status !== undefined && { status }),
  };
}

/** Status of the final SIP response of a failed call; nothing if there was none. */
export function statusOf({ response }: AttemptRecord): Pick<Incident, 'status'> {
  return response ? { status: response.status } : {};
}

/** The incident's change, after a call is added that began before its first one. */
function changeBefore({ change }: Incident, startedAt: number, record: FailedRecord): Incident['change'] {
  const own = changeOf(record);
  if (own || !change) return own;
  // A call of this incident failed before the change.
  return startedAt < change.at ? undefined : change;
}

/** The change before a failure, if the headline depends on it. Other causes of the call belong to other incidents. */
function changeOf({ cause, trunk, change }: FailedRecord): Incident['change'] {
  if (change?.cause !== cause) return undefined;
  const concernsOtherTrunk = change.trunk !== undefined && isTrunkId(trunk) && change.trunk !== trunk;
  // The removal of another trunk, for instance, may have led the call to this one.
  return concernsOtherTrunk && !change.wasBetter ? undefined : change;
}

function addQuestion(known: readonly FailedQuestion[], asked: FailedQuestion): readonly FailedQuestion[] {
  if (known.some(({ from, to }) => from === asked.from && to === asked.to)) return known;
  return known.length < QUESTIONS_KEPT ? [...known, asked] : known;
}

function questionOf(call: SettledCall): FailedQuestion {
  const { from, to, cause, evidence } = call.record;
  const isShown = isShownByMatch(cause, evidence);
  return { ...refOf(call), ...(from !== undefined && { from }), ...(to !== undefined && { to }), isShown };
}

/**
 * Whether LiveKit's configuration showed the cause, so that matching the call again can show that it is gone. What
 * happens in the room doesn't depend on it.
 */
export function isShownByMatch(
  cause: CauseId | undefined,
  evidence: readonly { readonly cause: CauseId; readonly source: string }[],
): boolean {
  const stage = causeOf(cause)?.stage;
  return (
    stage !== 'room' &&
    stage !== 'agent' &&
    stage !== 'after_answer' &&
    evidence.some((e) => e.cause === cause && e.source === 'match')
  );
}

function refOf({ id, callSid }: SettledCall): AttemptRef {
  return { id, callSid };
}

function callAt(call: SettledCall): CallAt {
  return { ...refOf(call), at: failedAt(call) };
}

/** The window, in milliseconds, in which failures are counted to see whether their rate rises. */
const WINDOW_MS = 10 * 60_000;
/**
 * A window is worse if it has at least LEAST_CALLS calls, and TIMES_THE_PEAK times as many as the worst window before.
 */
const LEAST_CALLS = 10;
const TIMES_THE_PEAK = 3;

/** `now` in epoch milliseconds. */
export function beginRate(now: number): Rate {
  return { windowAt: windowOf(now), calls: 1, peak: 0, isTold: false };
}

export function countIn(rate: Rate, now: number): Rate {
  const windowAt = windowOf(now);
  if (windowAt <= rate.windowAt) return { ...rate, calls: rate.calls + 1 };
  return { windowAt, calls: 1, peak: Math.max(rate.peak, rate.calls), isTold: false };
}

/**
 * Whether an incident's latest call made it worse: it is the 10th, the 100th, the 1,000th and so on, or with it ten
 * minutes have at least 10 calls and three times as many as any earlier ten minutes.
 */
export function worsens(before: Incident, { calls, rate }: Incident): boolean {
  if (calls > before.calls && /^10+$/.test(String(calls))) return true;
  return rate.peak > 0 && !rate.isTold && rate.calls >= Math.max(LEAST_CALLS, TIMES_THE_PEAK * rate.peak);
}

function windowOf(now: number): number {
  return Math.floor(now / WINDOW_MS) * WINDOW_MS;
}
