import type { StoredAttempt } from './store.ts';

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
