import type { Party } from '../diagnose/cause.ts';
import type { CauseId } from '../diagnose/causes.ts';
import type { RecordedChange } from '../diagnose/record.ts';
import type { Fix } from '../fixes/fix.ts';
import type { ProvenFix } from '../fixes/prove.ts';
import type { Handling } from './handling.ts';

/** The events of an incident: label values of `sipwhy_incidents_total`, and the types of notifications. */
export const INCIDENT_EVENTS = ['opened', 'reopened', 'worsened', 'closed'] as const;
export type IncidentEvent = (typeof INCIDENT_EVENTS)[number];

/**
 * Why an incident closed. `no_calls`: no call failed for so long that it closed, although nothing was proven.
 * `corrected`: later webhooks showed another cause for each of its calls. `resolved_by_hand`: a person closed it.
 * `put_away`: a person took its last call out.
 */
export type ClosedBecause =
  | 'recheck_passes'
  | 'next_call_connected'
  | 'calls_connected'
  | 'probe_ok'
  | 'no_calls'
  | 'corrected'
  | 'resolved_by_hand'
  | 'put_away';

/** An incident's reference to an attempt; `callSid` is its leg's, and the leg may change. */
export interface AttemptRef {
  readonly id: string;
  readonly callSid: string;
}

/** The same, with its start in epoch milliseconds. */
export interface CallAt extends AttemptRef {
  readonly at: number;
}

/** Whether both are one attempt. Incidents of older versions name the leg alone, with its call_sid for an id. */
export function isSameAttempt(a: AttemptRef, b: AttemptRef): boolean {
  return a.id === b.id || a.callSid === b.callSid;
}

/** Who called whom, and the first call that did: enough to check again whether the call would connect. */
export interface FailedQuestion extends AttemptRef {
  /** Absent where Jambonz did not report it. */
  readonly from?: string;
  readonly to?: string;
  /** Whether LiveKit's configuration at that time showed the cause. Only then can a re-check show that it is gone. */
  readonly isShown: boolean;
}

/** The result after someone tried to fix the cause; `at` in epoch milliseconds. */
export type AfterFix = { readonly at: number } & (
  | { readonly state: 'configuration_changed' }
  /** `asked` calls were checked again; `next` are the causes that would stop them now. */
  | { readonly state: 'recheck_passes'; readonly asked: number; readonly next: readonly CauseId[] }
  | { readonly state: 'recheck_fails'; readonly asked: number; readonly failing: number }
  | { readonly state: 'probe_ok'; readonly target: string }
  | ({ readonly state: 'next_call_connected' | 'next_call_failed' } & AttemptRef)
);

/** How many calls failed in ten minutes, and in the worst ten minutes before. */
export interface Rate {
  readonly windowAt: number;
  readonly calls: number;
  readonly peak: number;
  /** Whether a notification already said that this window is worse than those before. */
  readonly isTold: boolean;
}

/** `change` only where it may grow with further calls. */
export type IncidentFix = Pick<ProvenFix<Fix>, 'action' | 'pastes' | 'proof' | 'change'>;

/** Failed calls with one cause on one trunk, from the first until the cause is shown to be gone. */
export interface Incident {
  /** Of this form. Older forms are converted when they are read from the store. */
  readonly version: 1;
  readonly id: string;
  readonly cause: CauseId;
  readonly party: Party;
  /** An id, `none` or `unknown`, as in the metrics. */
  readonly trunk: string;
  /** Epoch milliseconds, like every time here. */
  readonly openedAt: number;
  /** Absent while it is open. */
  readonly closed?: { readonly at: number; readonly because: ClosedBecause };
  readonly worsenedAt?: number;
  readonly first: CallAt;
  readonly last: CallAt;
  readonly calls: number;
  readonly rate: Rate;
  /** The first call and the latest ones. */
  readonly examples: readonly AttemptRef[];
  /** Each pair of caller and called number once, up to a bounded number. */
  readonly questions: readonly FailedQuestion[];
  /** The change to LiveKit's configuration before the first of its calls. */
  readonly change?: RecordedChange;
  readonly fix?: IncidentFix;
  readonly afterFix?: AfterFix;
  /** How many calls connected since the last failure, counting only calls that say something about the cause. */
  readonly connected: number;
  /** When the probe last failed too, and how often it has succeeded since. */
  readonly probe?: { readonly failedAt: number; readonly successes: number };
  /** Status of the final SIP response of its latest call; absent if there was none. */
  readonly status?: number;
  /** Absent if nobody did anything about it by hand. */
  readonly handling?: Handling;
}

/** The changed incident, and its event if it has one. */
export interface Folded {
  readonly incident: Incident;
  readonly event?: IncidentEvent;
}

export function isOpen(incident: Incident): boolean {
  return incident.closed === undefined;
}

/** Whether the trunk of an incident is known; otherwise there is none, or it is unknown. */
export function isTrunkId(trunk: string): boolean {
  return trunk !== 'none' && trunk !== 'unknown';
}

export function close(incident: Incident, because: ClosedBecause, at: number, afterFix?: AfterFix): Folded {
  return { incident: { ...incident, closed: { at, because }, ...(afterFix && { afterFix }) }, event: 'closed' };
}

/** An open incident without a failure for this long is shown as quiet. */
export const QUIET_AFTER_MS = 60 * 60_000;
/** An incident without a failure for this long closes, although nothing shows that its cause is gone. */
export const CLOSES_QUIET_AFTER_MS = 7 * 86_400_000;

/** Time of an open incident's last failure, in epoch milliseconds; `undefined` if that is not long ago. */
export function quietSince(incident: Incident, now: number): number | undefined {
  return isOpen(incident) && now - incident.last.at >= QUIET_AFTER_MS ? incident.last.at : undefined;
}

/** Closes an incident that has been quiet for long; `undefined` for any other. */
export function closeIfQuiet(incident: Incident, now: number): Folded | undefined {
  // A last failure in the future is from a clock that was wrong. Otherwise the incident would stay open until then.
  if (!isOpen(incident) || Math.abs(now - incident.last.at) < CLOSES_QUIET_AFTER_MS) return undefined;
  return close(incident, 'no_calls', now);
}
