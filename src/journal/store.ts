import type { CallEvent } from '../call/event.ts';
import type { LiveKitEvent } from '../call/livekitEvent.ts';
import type { Explanation } from '../explain/json.ts';
import type { Folded, Incident, IncidentEvent } from '../incidents/incident.ts';
import type { ConfigurationVersion, KeptVersion } from '../trunks/version.ts';
import type { ArchiveRecord } from './archiveRecord.ts';

/** A webhook as it is written down: the original bytes, and what was read from them. */
export interface NewEvent {
  readonly event: CallEvent | LiveKitEvent;
  /** Fingerprint by which a repeated delivery is known. */
  readonly digest: string;
  readonly repeatWithinMs: number;
  readonly body: Uint8Array;
  /** How the webhook came, where it is to be passed on. */
  readonly passOn?: ForwardedAs;
}

/** What of a webhook is to be passed on besides its body. */
export interface ForwardedAs {
  readonly method: 'GET' | 'POST';
  readonly query: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
}

/** A webhook that is still to be passed on. */
export interface ForwardEvent extends ForwardedAs {
  readonly seq: number;
  readonly receivedAt: number;
  readonly body: Uint8Array;
}

/** What became of a call's turn: its events up to a number are done with; the rest is due at a time. */
export interface ForwardTurn {
  readonly callId: string;
  readonly upTo: number;
  /** In a row, until now. */
  readonly failures: number;
  /** Epoch milliseconds. */
  readonly dueAt: number;
}

/** Webhooks that are still to be passed on, in order per call. */
export interface ForwardStore {
  /** Calls of which something is due, the longest waiting first. `now` in epoch milliseconds. */
  due(now: number, limit: number): Promise<readonly { readonly callId: string; readonly failures: number }[]>;
  /** What is to be passed on of a call, oldest first, up to a bounded number. */
  ofCall(callId: string): Promise<ForwardEvent[]>;
  /** Notes what became of calls' turns, all or none. */
  finish(turns: readonly ForwardTurn[]): Promise<void>;
  count(): Promise<number>;
}

export type Appended =
  /** The journal cannot keep up, and has not taken the event. */
  | { readonly result: 'busy' }
  /** `isNew`: no event of this call, or of this room of LiveKit's, was stored before. `seq` grows with each event. */
  | { readonly result: 'stored'; readonly seq: number; readonly isNew: boolean }
  | { readonly result: 'repeated' };

/** What is kept of a settled attempt. */
export interface StoredAttempt {
  readonly callSid: string;
  readonly callId: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly settledAt: number;
  readonly explanation: Explanation;
  /** The room of LiveKit's that was joined by numbers and time; one joined by Call-ID is found again by that. */
  readonly roomByNumbers?: string;
}

export interface CallRecord {
  readonly callId: string;
  readonly events: readonly (CallEvent & { readonly seq: number; readonly id?: string | undefined })[];
  readonly attempts: readonly StoredAttempt[];
  /** LiveKit's webhooks of the rooms that the call was in, other callers' in the same room included. */
  readonly liveKitEvents: readonly LiveKitEvent[];
}

/** LiveKit's webhooks, as far as they are looked for by themselves. */
export interface LiveKitEventStore {
  /** The latest webhooks of a room, oldest first, up to a bounded number. */
  ofRoom(room: string): Promise<LiveKitEvent[]>;
  /** Webhooks received since a time in epoch milliseconds, oldest first, up to a bounded number. */
  since(receivedAt: number): Promise<LiveKitEvent[]>;
  /** Calls that were in a room. */
  callsOfRoom(room: string): Promise<string[]>;
}

/** Which attempts are looked for. Every part that is given must hold; of a list, any. Times in epoch milliseconds. */
export interface AttemptFilter {
  readonly cause?: readonly string[] | undefined;
  readonly party?: readonly string[] | undefined;
  readonly trunk?: readonly string[] | undefined;
  readonly outcome?: readonly string[] | undefined;
  /** Of the final response. */
  readonly status?: readonly number[] | undefined;
  /** Digits in a row in the caller, in the called number, or in either. */
  readonly fromDigits?: string | undefined;
  readonly toDigits?: string | undefined;
  readonly digits?: string | undefined;
  /** When it was settled: from `since`, and before `until`. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Id of the incident that it is counted in. */
  readonly incident?: string | undefined;
}

/** A place in a list of attempts by time (epoch milliseconds) and call_sid. New attempts do not shift it. */
export interface Position {
  readonly at: number;
  readonly callSid: string;
}

/** An attempt of which something was written, and when: its first verdict, or one that differs from the one before. */
export type Changed = Position;

/** Looking for attempts. */
export interface SearchStore {
  /** The attempts that fit, the latest settled first; those after a position where one is given. */
  find(filter: AttemptFilter, limit: number, after?: Position): Promise<StoredAttempt[]>;
  /** What was written after a position, in that order. With several replicas rows may become visible out of order. */
  changedAfter(after: Position, limit: number): Promise<Changed[]>;
  /** Attempts by their call_sids, in no order; those that are not kept are left out. */
  read(callSids: readonly string[]): Promise<StoredAttempt[]>;
  /** Whether any webhook of either sender was ever stored. */
  anyWebhook(): Promise<{ readonly jambonz: boolean; readonly livekit: boolean }>;
  /**
   * Takes up some attempts of an older store, which cannot be found yet, beginning after a call_sid. Resolves to the
   * call_sid to go on from, or `undefined` when all are taken up.
   */
  fill(after: string): Promise<string | undefined>;
}

/** A version of LiveKit's configuration without the configuration. */
export type ListedVersion = Omit<KeptVersion, 'snapshot'>;

/** The versions of LiveKit's configuration, up to a bounded number and age. */
export interface ConfigurationStore {
  /** The latest versions, oldest first. */
  latest(limit: number): Promise<KeptVersion[]>;
  /** Keeps a version, and resolves to its number, which is greater than every one before. */
  add(version: ConfigurationVersion): Promise<number>;
  /** Notes when, in epoch milliseconds, a version was last read. */
  seen(version: number, at: number): Promise<void>;
  /** The latest versions, newest first. */
  list(limit: number): Promise<ListedVersion[]>;
  /** The version in force at a time in epoch milliseconds, and the one that came after it; one or both may not be kept. */
  around(time: number): Promise<KeptVersion[]>;
  /** `undefined` for a version that is not kept, or not any more. */
  find(version: number): Promise<KeptVersion | undefined>;
}

/** Something that happened to an incident, as it was then. */
export interface IncidentTransition {
  readonly event: IncidentEvent;
  readonly incident: Incident;
}

export interface IncidentFilter {
  readonly state: 'open' | 'closed' | 'all';
  /** Absent: any. */
  readonly cause?: readonly string[];
  readonly trunk?: readonly string[];
  readonly limit: number;
  /** The last incident of the page before. */
  readonly after?: { readonly isOpen: boolean; readonly openedAt: number; readonly id: string };
}

/** Incidents. `saveAttempts` counts the calls; what else shows that a cause is gone is folded in here. */
export interface IncidentStore {
  readonly notices: NoticeStore;
  find(id: string): Promise<Incident | undefined>;
  /** Open ones first, then the newest. */
  list(filter: IncidentFilter): Promise<Incident[]>;
  /** All that are open and those closed since a time in epoch milliseconds, up to a bounded number, the latest first. */
  watched(closedSince: number): Promise<Incident[]>;
  /** Those that changed after one that was given before, in the order of their changes. Times in epoch milliseconds. */
  changedSince(
    at: number,
    id: string,
    limit: number,
  ): Promise<{ readonly changedAt: number; readonly incident: Incident }[]>;
  /** How many are open, by cause. */
  countOpen(): Promise<ReadonlyMap<string, number>>;
  /**
   * Folds something into an incident as it is now, which may be another than was read before; resolves to what it
   * became, or `undefined` where the fold has nothing to say. `now` in epoch milliseconds.
   */
  change(id: string, now: number, fold: (incident: Incident) => Folded | undefined): Promise<Folded | undefined>;
}

/** What is to be told to one endpoint. */
export interface Notice {
  /** The same for each try. */
  readonly id: string;
  readonly endpoint: string;
  readonly event: IncidentEvent;
  readonly incident: Incident;
  /** Epoch milliseconds. */
  readonly madeAt: number;
  /** How often it was tried, this time included. */
  readonly tries: number;
}

/** What is to be told to others, until they took it. */
export interface NoticeStore {
  /** Names of the endpoints that are to be told of each transition from now on; none at first. */
  endpoints: readonly string[];
  /**
   * Takes the notice of one of the endpoints that is due first; nobody else gets it for the length of the lease.
   * `undefined` where none is due, or others are just taking it. Times in milliseconds.
   */
  claim(now: number, leaseMs: number): Promise<Notice | undefined>;
  /** It was taken, or given up. */
  remove(id: string): Promise<void>;
  /** It is to be tried again at a time in epoch milliseconds. */
  postpone(id: string, dueAt: number): Promise<void>;
  /** Keeps the latest ones only, and none made before a time; resolves to how many were dropped. */
  dropBeyond(kept: number, madeBefore: number): Promise<number>;
}

/** Calls that settled before these times, in epoch milliseconds, are old. */
export interface Cutoffs {
  /** Of calls of which an attempt failed. */
  readonly failuresBefore: number;
  readonly othersBefore: number;
}

/** How many calls were deleted, by how they ended: failed where any attempt did. */
export type DeletedCalls = Record<'connected' | 'failed' | 'not_counted', number>;

/** Deleting what is old, in small steps. */
export interface RetentionStore {
  /** What is kept takes up so many bytes; the room of what was deleted is not counted. */
  usedBytes(): Promise<number>;
  /**
   * Looks at some attempts after a position, and deletes the old calls among theirs with all that is kept of them; never
   * open ones. `next` is where to go on, `undefined` at the end.
   */
  deleteCalls(
    cutoffs: Cutoffs,
    after?: Position,
  ): Promise<{ readonly deleted: DeletedCalls; readonly next: Position | undefined }>;
  /**
   * Deletes some of LiveKit's webhooks from before a time that no call is left of. Resolves to where to go on (epoch
   * milliseconds), `undefined` at the end.
   */
  deleteLiveKitEvents(before: number, after?: number): Promise<number | undefined>;
  /** Deletes some incidents that were closed before a time; whether there may be more. */
  deleteIncidents(closedBefore: number): Promise<boolean>;
}

/** What became of records: written, there already, or left out since the store has something else in their place. */
export interface Written {
  readonly added: number;
  readonly known: number;
  readonly conflicting: number;
}

/** Everything lasting as records, for back-ups and for moving to another store. */
export interface ArchiveStore {
  /** A little at a time, whatever the size of the store. */
  read(): AsyncIterable<ArchiveRecord>;
  /** All of these or none. What is there already stays as it is; attempts are not counted, in incidents neither. */
  write(records: readonly ArchiveRecord[]): Promise<Written>;
}

/** What came of saving attempts. */
export interface SavedAttempts {
  /** Those that are the first of their attempt: these, and only these, are counted. */
  readonly firsts: readonly StoredAttempt[];
  /** Each incident that they changed, as it is now. */
  readonly incidents: readonly Incident[];
  /** What happened to incidents, in this order. */
  readonly transitions: readonly IncidentTransition[];
}

/**
 * Where everything lasting is kept. Rejections are failures of the environment (a full disk, say), and leave the store
 * as it was.
 */
export interface Store {
  readonly configurations: ConfigurationStore;
  readonly liveKit: LiveKitEventStore;
  /** On this machine, whatever the store: who acknowledged an event passes it on. */
  readonly forwards: ForwardStore;
  readonly incidents: IncidentStore;
  readonly search: SearchStore;
  readonly retention: RetentionStore;
  readonly archive: ArchiveStore;
  /** Resolves once the event is on disk. */
  append(event: NewEvent): Promise<Appended>;
  /** The call that a leg belongs to, with all that is known of it; `undefined` for an unknown call_sid. */
  findCall(callSid: string): Promise<CallRecord | undefined>;
  /** Calls that are not finished, in the order of their ids, those after an id. */
  unfinishedCalls(after: string, limit: number): Promise<string[]>;
  /**
   * Keeps the attempts' explanations, replacing earlier ones, and counts each in the incident of its cause and trunk, or
   * moves it there where it was counted in another.
   */
  saveAttempts(attempts: readonly StoredAttempt[]): Promise<SavedAttempts>;
  /** Notes that nothing more is expected of these calls. */
  finishCalls(callIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}
