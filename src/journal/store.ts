import type { CallEvent } from '../call/event.ts';
import type { LiveKitEvent } from '../call/livekitEvent.ts';
import type { JudgedAttempt, SeenAttempt } from '../diagnose/recentAttempts.ts';
import type { AttemptRecord } from '../diagnose/record.ts';
import type { Incident } from '../incidents/incident.ts';
import type { ArchiveStore } from './archiveStore.ts';
import type { ConfigurationStore } from './configurationStore.ts';
import type { ForwardedAs, ForwardStore } from './forwardStore.ts';
import type { Incidents } from './incidents.ts';
import type { IncidentTransition } from './notices.ts';
import type { RetentionStore } from './retentionStore.ts';
import type { Search } from './search.ts';

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

export type Appended =
  /** The journal cannot keep up, and has not taken the event. */
  | { readonly result: 'busy' }
  /** `isNew`: no event of this call, or of this room of LiveKit's, was stored before. `seq` grows with each event. */
  | { readonly result: 'stored'; readonly seq: number; readonly isNew: boolean }
  | { readonly result: 'repeated' };

/** What is kept of a settled attempt. */
export interface StoredAttempt {
  /** Stays the same while more is heard of the call; see `Attempt`. */
  readonly id: string;
  /** Of the leg that it is, as far as is known. */
  readonly callSid: string;
  readonly callId: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly settledAt: number;
  readonly record: AttemptRecord;
  /** What the diagnoses of other calls are told of it, where it was to LiveKit. */
  readonly seen?: SeenAttempt;
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

/** What came of saving attempts. */
export interface SavedAttempts {
  /** Those that are kept for the first time: these, and only these, are counted. */
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
  readonly incidents: Incidents;
  readonly search: Search;
  readonly retention: RetentionStore;
  readonly archive: ArchiveStore;
  /** Resolves once the event is on disk. */
  append(event: NewEvent): Promise<Appended>;
  /** The call that a leg belongs to, with all that is known of it; `undefined` for an unknown call_sid. */
  findCall(callSid: string): Promise<CallRecord | undefined>;
  /** Calls that are not finished, in the order of their ids, those after an id. */
  unfinishedCalls(after: string, limit: number): Promise<string[]>;
  /**
   * Keeps the attempts' records, replacing earlier ones, and counts each in the incident of its cause and trunk, or moves
   * it there where it was counted in another.
   */
  saveAttempts(attempts: readonly StoredAttempt[]): Promise<SavedAttempts>;
  /** Attempts to LiveKit of which something was said since a time, in epoch milliseconds: the latest, oldest first. */
  judgedSince(time: number): Promise<JudgedAttempt[]>;
  /** Notes that nothing more is expected of these calls. */
  finishCalls(callIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}
