import type { Position } from './search.ts';

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
