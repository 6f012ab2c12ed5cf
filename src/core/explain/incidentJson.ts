import { userPartOf } from '../call/sipUri.ts';
import { causeOf } from '../diagnose/causeOf.ts';
import { PARTY_WORDS } from '../diagnose/diagnosis.ts';
import { isComplete } from '../fixes/fix.ts';
import { QUESTIONS_KEPT } from '../incidents/failure.ts';
import {
  type AfterFix,
  type ClosedBecause,
  type Incident,
  type IncidentEvent,
  isOpen,
  quietSince,
} from '../incidents/incident.ts';
import { changeOfIncident } from './changeJson.ts';
import { closedBy, handlingJson, handlingLines, maskHandling } from './handlingJson.ts';
import { incidentLinks, type LinkTargets } from './links.ts';
import { maskNumbers } from './mask.ts';

/** An incident as JSON, for the API and for notifications. Keys are public. */
export type IncidentJson = ReturnType<typeof incidentJson>;

/**
 * `trunkName`: LiveKit's name of the trunk, where it is known. `now` in epoch milliseconds. `targets`: where its links lead.
 */
export function incidentJson(
  incident: Incident,
  trunkName: string | undefined,
  now: number,
  targets: LinkTargets = {},
) {
  const { id, cause, party, trunk, closed, first, last, fix, afterFix } = incident;
  const quiet = quietSince(incident, now);
  return {
    id,
    cause,
    title: titleOf(cause),
    party,
    trunk,
    trunk_name: trunkName === undefined || trunkName === '' ? null : trunkName,
    state: isOpen(incident) ? ('open' as const) : ('closed' as const),
    opened_at: iso(incident.openedAt),
    closed_at: closed ? iso(closed.at) : null,
    closed_because: closed?.because ?? null,
    closed_text: closedText(incident) ?? null,
    /** Time of the last failure, if calls stopped failing but nothing shows that the cause is gone. */
    quiet_since: quiet === undefined ? null : iso(quiet),
    first_call: { call_sid: first.callSid, at: iso(first.at) },
    last_call: { call_sid: last.callSid, at: iso(last.at) },
    calls: incident.calls,
    /** Status of the final SIP response of its latest call. */
    status: incident.status ?? null,
    /** `null` if there are more than are counted separately. */
    callers: callersOf(incident),
    worsened_at: incident.worsenedAt === undefined ? null : iso(incident.worsenedAt),
    examples: incident.examples.map(({ callSid }) => callSid),
    change: incident.change ? changeOfIncident(incident.change) : null,
    fix: fix ? { action: fix.action, pastes: fix.pastes, proof: fix.proof ?? null } : null,
    command: fix?.pastes.find(({ format, text }) => format === 'shell' && isComplete(text))?.text ?? null,
    after_fix: afterFix ? { state: afterFix.state, text: afterFixText(afterFix, cause), at: iso(afterFix.at) } : null,
    summary: summarise(incident, trunkName, quiet),
    ...handlingJson(incident, now),
    links: incidentLinks(incident, targets),
  };
}

const EVENT_WORDS: Record<IncidentEvent, string> = {
  opened: 'Calls are failing',
  reopened: 'Calls are failing again',
  worsened: 'More calls are failing',
  closed: 'Incident closed',
};

/** An incident in a few lines of plain text, for a terminal, a ticket or a chat. */
export function incidentText(incident: IncidentJson, event?: IncidentEvent): string {
  const { change, fix, after_fix } = incident;
  const proof = fix?.proof === 'connects' ? ' (proven)' : fix?.proof ? ' (proven as far as known)' : '';
  return [
    ...(event ? [`${EVENT_WORDS[event]}: ${incident.summary}`] : [incident.summary]),
    ...(incident.state === 'open' ? [`Owner: ${PARTY_WORDS[incident.party]}.`] : []),
    ...(change ? [change.text] : []),
    ...(fix && incident.state === 'open' ? [`Fix${proof}: ${fix.action}`] : []),
    ...(after_fix ? [`Since then: ${after_fix.text}`] : []),
    ...(incident.examples.length > 0 ? [`Example: call_sid ${incident.examples.at(-1)}`] : []),
    ...(event ? [] : handlingLines(incident)),
  ].join('\n');
}

function summarise(incident: Incident, trunkName: string | undefined, quiet: number | undefined): string {
  const { cause, trunk, calls, first, last } = incident;
  const where =
    trunk === 'none' || trunk === 'unknown' ? '' : ` on trunk ${trunk}${trunkName ? ` "${trunkName}"` : ''}`;
  const callers = callersOf(incident);
  const who =
    callers === null ? ` from more than ${QUESTIONS_KEPT} callers` : callers > 1 ? ` from ${callers} callers` : '';
  const count =
    calls === 1 ? `1 call, at ${iso(first.at)}` : `${calls} calls${who}, ${iso(first.at)} to ${iso(last.at)}`;
  const closed = closedText(incident);
  const end = closed
    ? ` ${closed}`
    : quiet === undefined
      ? ''
      : ` No failures since ${iso(quiet)}, but nothing shows that the cause is gone.`;
  return `${cause}${where}: ${titleOf(cause)}. ${count}.${end}`;
}

/** Distinct callers; `null` if there may be more than are counted separately. */
function callersOf({ questions }: Incident): number | null {
  if (questions.length >= QUESTIONS_KEPT) return null;
  return new Set(questions.flatMap(({ from }) => (from === undefined ? [] : [userPartOf(from)]))).size;
}

/** The title of a cause; the id itself for one of another version. */
export function titleOf(id: string): string {
  return causeOf(id)?.title ?? id;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** Why an incident is closed, as a sentence. */
export const CLOSED_WORDS: Record<ClosedBecause, string> = {
  recheck_passes: 'Closed: under the current configuration, none of these calls has this cause any more.',
  next_call_connected: 'Closed: the next call of the same kind connected.',
  calls_connected: 'Closed: calls connect again.',
  probe_ok: 'Closed: the probe, which had also failed, gets an answer again.',
  no_calls: 'Closed after a week without failures, although nothing shows that the cause is gone.',
  corrected: 'Closed: later webhooks showed another cause for each of its calls.',
  resolved_by_hand: 'Closed by hand.',
  put_away: 'Closed: its last call was put away.',
};

function closedText(incident: Incident): string | undefined {
  const words = incident.closed && CLOSED_WORDS[incident.closed.because];
  const by = closedBy(incident);
  return by === undefined ? words : `${words?.slice(0, -1)}, by ${by}.`;
}

/** Whether the latest fix worked, as far as known, as a sentence. */
export function afterFixText(afterFix: AfterFix, cause: string): string {
  switch (afterFix.state) {
    case 'configuration_changed':
      return 'LiveKit’s configuration for this trunk changed. Only the next call can show whether that helps.';
    case 'recheck_passes': {
      const { asked, next } = afterFix;
      const calls = asked === 1 ? 'The failed call was' : `${asked} of the failed calls were`;
      const checked = `${calls} checked again under LiveKit’s new configuration: ${cause} is gone`;
      return next.length === 0 ? `${checked}.` : `${checked}, but ${next.join(', ')} would now stop the call.`;
    }
    case 'recheck_fails': {
      const { asked, failing } = afterFix;
      return `LiveKit’s configuration changed, but ${failing} of ${asked} re-checked calls would still fail with ${cause}.`;
    }
    case 'probe_ok':
      return `The probe gets an answer from ${afterFix.target}.`;
    case 'next_call_connected':
      return `The next call, ${afterFix.callSid}, connected.`;
    case 'next_call_failed':
      return `The next call, ${afterFix.callSid}, failed with the same cause.`;
  }
}

/** `slack`: only what a Slack incoming webhook accepts. */
export type NoticeFormat = 'standard' | 'slack';

/**
 * The body of a notification. Numbers are masked, so `pastes` is empty and there is no `command`: a change with masked
 * numbers is of no use. `at` in epoch milliseconds.
 */
export function incidentNotice(incident: IncidentJson, event: IncidentEvent, at: number, format: NoticeFormat): string {
  const text = maskNumbers(incidentText(incident, event));
  if (format === 'slack') return JSON.stringify({ text: escapeForSlack(text) });
  const { fix, change, after_fix, closed_text, summary, trunk_name } = incident;
  const data = {
    ...incident,
    ...maskHandling(incident, maskNumbers),
    trunk_name: trunk_name && maskNumbers(trunk_name),
    closed_text: closed_text && maskNumbers(closed_text),
    summary: maskNumbers(summary),
    change: change && { ...change, changes: change.changes.map(maskNumbers), text: maskNumbers(change.text) },
    fix: fix && { ...fix, action: maskNumbers(fix.action), pastes: [] },
    command: null,
    after_fix: after_fix && { ...after_fix, text: maskNumbers(after_fix.text) },
  };
  return JSON.stringify({ type: `incident.${event}`, timestamp: new Date(at).toISOString(), data, text });
}

/** In Slack's text, these start links and mentions. */
function escapeForSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
