import type { CallEvent } from '../call/event.ts';
import type { Explanation } from '../explain/json.ts';

/** A webhook as it is written down: the original bytes, and what was read from them. */
export interface NewEvent {
  readonly event: CallEvent;
  /** Fingerprint by which a repeated delivery is known. */
  readonly digest: string;
  readonly repeatWithinMs: number;
  readonly body: Uint8Array;
}

export type Appended =
  /** `isNewCall`: no event of this call was stored before. `seq` grows with each event. */
  { readonly result: 'stored'; readonly seq: number; readonly isNewCall: boolean } | { readonly result: 'repeated' };

/** What is kept of a settled attempt. */
export interface StoredAttempt {
  readonly callSid: string;
  readonly callId: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly settledAt: number;
  readonly explanation: Explanation;
}

export interface CallRecord {
  readonly callId: string;
  readonly events: readonly (CallEvent & { readonly seq: number })[];
  readonly attempts: readonly StoredAttempt[];
}

/**
 * Where everything lasting is kept. Rejections are failures of the environment (a full disk, say), and leave the store
 * as it was.
 */
export interface Store {
  /** Resolves once the event is on disk. */
  append(event: NewEvent): Promise<Appended>;
  /** The call that a leg belongs to, with all that is known of it; `undefined` for an unknown call_sid. */
  findCall(callSid: string): Promise<CallRecord | undefined>;
  /** Calls that were not finished, for taking them up again after a restart. */
  unfinishedCalls(): Promise<string[]>;
  /**
   * Keeps the attempts' explanations, replacing earlier ones. Resolves to those of them that are the first of their
   * attempt: these, and only these, are counted.
   */
  saveAttempts(attempts: readonly StoredAttempt[]): Promise<StoredAttempt[]>;
  /** Notes that nothing more is expected of these calls. */
  finishCalls(callIds: readonly string[]): Promise<void>;
  /** The latest attempts, newest first. */
  latestAttempts(limit: number): Promise<StoredAttempt[]>;
  close(): Promise<void>;
}
