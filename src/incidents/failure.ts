import type { Explanation } from '../explain/json.ts';
import type { CallAt, FailedQuestion, Folded, Incident, IncidentFix } from './incident.ts';
import { close, isOpen, isTrunkId } from './incident.ts';
import { beginRate, countIn, worsens } from './worsening.ts';

/** How long after its closing, in milliseconds, a failure of the same kind opens an incident again. */
export const REOPENS_WITHIN_MS = 60 * 60_000;
const EXAMPLES_KEPT = 5;
/** Pairs of caller and called number that are told apart. */
export const QUESTIONS_KEPT = 100;

/** A settled attempt. */
export interface SettledCall {
  readonly callSid: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly explanation: Explanation;
}

type FailedExplanation = Explanation & Record<'cause' | 'party', NonNullable<Explanation['cause' | 'party']>>;

/** Whether an attempt belongs to an incident. What failed by nobody's fault does not. */
export function isFailure(call: SettledCall): call is SettledCall & { readonly explanation: FailedExplanation } {
  const { outcome, cause, party } = call.explanation;
  return outcome === 'failed' && cause !== null && party !== null;
}

/**
 * Takes a failed call into the incident of its cause and trunk: `latest` is the open one, or else the one that was
 * closed last. A call from before the closing joins a closed one; a later one opens it again, or opens a new one with
 * `newId`. `now` in epoch milliseconds.
 */
export function foldFailure(
  latest: Incident | undefined,
  call: SettledCall & { readonly explanation: FailedExplanation },
  now: number,
  newId: string,
): Folded {
  if (!latest || !takes(latest, call, now)) return { incident: open(call, now, newId), event: 'opened' };
  const incident = countCall(latest, call, now);
  if (!latest.closed) {
    if (!worsens(latest, incident)) return { incident };
    return { incident: { ...incident, worsenedAt: now, rate: { ...incident.rate, isTold: true } }, event: 'worsened' };
  }
  // It was on its way while the cause went away.
  if (call.startedAt <= latest.closed.at) return { incident };
  const { closed: _, ...opened } = incident;
  const change = changeOf(call.explanation) ?? incident.change;
  return { incident: { ...opened, ...(change && { change }) }, event: 'reopened' };
}

function takes({ closed }: Incident, { startedAt }: SettledCall, now: number): boolean {
  if (!closed) return true;
  if (closed.because === 'corrected') return false;
  return startedAt <= closed.at || now - closed.at <= REOPENS_WITHIN_MS;
}

/** Has another call_sid stand in the place of a call's. */
export function renameCall(incident: Incident, callSid: string, by: string): Incident {
  const sid = (known: string) => (known === callSid ? by : known);
  const renamed = <T extends { readonly callSid: string }>(call: T): T => ({ ...call, callSid: sid(call.callSid) });
  const { first, last, examples, questions, afterFix } = incident;
  return {
    ...incident,
    first: renamed(first),
    last: renamed(last),
    examples: examples.map(sid),
    questions: questions.map(renamed),
    ...(afterFix && { afterFix: 'callSid' in afterFix ? renamed(afterFix) : afterFix }),
  };
}

/** Takes a call out again of which later webhooks showed another cause. `remaining` are the calls that stay. */
export function removeCall(
  incident: Incident,
  callSid: string,
  remaining: { readonly calls: number; readonly first: CallAt; readonly last: CallAt } | undefined,
  now: number,
): Folded {
  const changed: Incident = {
    ...incident,
    ...(remaining ?? { calls: 0 }),
    examples: incident.examples.filter((example) => example !== callSid),
    questions: incident.questions.filter((question) => question.callSid !== callSid),
  };
  if (remaining) return { incident: changed };
  if (isOpen(incident)) return close(changed, 'corrected', now);
  return { incident: { ...changed, closed: { at: incident.closed?.at ?? now, because: 'corrected' } } };
}

function open(call: SettledCall & { explanation: FailedExplanation }, now: number, id: string): Incident {
  const { callSid, startedAt, explanation } = call;
  const { cause, party, trunk } = explanation;
  const change = changeOf(explanation);
  const at = { callSid, at: startedAt };
  const fix = fixOf(explanation);
  return {
    id,
    cause,
    party,
    trunk,
    openedAt: now,
    first: at,
    last: at,
    calls: 1,
    rate: beginRate(now),
    examples: [callSid],
    questions: [questionOf(call)],
    connected: 0,
    ...(change && { change }),
    ...(fix && { fix }),
  };
}

function countCall(incident: Incident, call: SettledCall & { explanation: FailedExplanation }, now: number): Incident {
  const { callSid, startedAt, explanation } = call;
  const { change: _, ...rest } = incident;
  const { first, last, examples, afterFix, probe } = incident;
  const at = { callSid, at: startedAt };
  const fix = incident.fix?.proof === undefined ? (fixOf(explanation) ?? incident.fix) : incident.fix;
  const change = startedAt < first.at ? changeBefore(incident, startedAt, explanation) : incident.change;
  const [oldest = callSid, ...newer] = examples;
  return {
    ...rest,
    first: startedAt < first.at ? at : first,
    last: startedAt > last.at ? at : last,
    calls: incident.calls + 1,
    rate: countIn(incident.rate, now),
    examples: [oldest, ...newer.slice(-(EXAMPLES_KEPT - 2)), callSid],
    questions: addQuestion(incident.questions, questionOf(call)),
    connected: 0,
    ...(probe && { probe: { ...probe, successes: 0 } }),
    ...(change && { change }),
    ...(fix && { fix }),
    ...(afterFix && startedAt > afterFix.at && { afterFix: { state: 'next_call_failed', at: startedAt, callSid } }),
  };
}

/** The change that the calls followed, once one is known that began before those that were. */
function changeBefore({ change }: Incident, startedAt: number, explanation: FailedExplanation): Incident['change'] {
  const own = changeOf(explanation);
  if (own || !change) return own;
  // Such a call failed before the change.
  return startedAt < Date.parse(change.at) ? undefined : change;
}

/** The change that a failure followed, where the headline rests on it; another cause of the call is another incident's. */
function changeOf({ cause, trunk, change }: FailedExplanation): Incident['change'] {
  if (change?.cause !== cause) return undefined;
  const isOfOtherTrunk = change.trunk !== undefined && isTrunkId(trunk) && change.trunk !== trunk;
  // Taking another trunk away, for instance, may have brought the call to this one.
  return isOfOtherTrunk && !change.broke_the_call ? undefined : change;
}

function addQuestion(known: readonly FailedQuestion[], asked: FailedQuestion): readonly FailedQuestion[] {
  if (known.some(({ from, to }) => from === asked.from && to === asked.to)) return known;
  return known.length < QUESTIONS_KEPT ? [...known, asked] : known;
}

function questionOf({ callSid, explanation }: SettledCall): FailedQuestion {
  const { from, to, cause, evidence } = explanation;
  // That the configuration changed is no sign that it is at fault.
  const isShown = evidence.some(
    (piece) => piece.cause === cause && piece.source === 'match' && piece.name !== 'change',
  );
  return { callSid, from, to, isShown };
}

/** The fix of the headline: a proven one where there is one. */
function fixOf({ cause, fixes }: Explanation): IncidentFix | undefined {
  const own = fixes.filter((fix) => fix.cause === cause);
  const fix = own.find(({ proof }) => proof === 'connects') ?? own.find(({ proof }) => proof !== undefined) ?? own[0];
  return fix && { action: fix.action, pastes: fix.pastes, ...(fix.proof && { proof: fix.proof }) };
}
