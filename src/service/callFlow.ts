import type { CallEvent } from '../call/event.ts';
import type { ParticipantResult } from '../correlate/liveKitSide.ts';
import { WINDOW_SECONDS } from '../diagnose/neighbours.ts';
import type { NewEvent, SavedAttempts, StoredAttempt } from '../journal/store.ts';
import type { Verdict } from '../pipeline.ts';

/** What became of a webhook; `store_busy`: the journal cannot keep up, and has not taken it. */
export type Taken = 'accepted' | 'repeated' | 'store_busy';

/** How far back, in milliseconds, it is read what was said elsewhere or before a restart: neighbours begin within the window. */
export const LEARNT_MS = 2 * WINDOW_SECONDS * 1_000;

/** How webhooks come to their calls and calls to their verdicts: on one server, or on one of several replicas. */
export interface CallFlow {
  /** Calls that are not over, or only just, as far as is known. */
  readonly openCalls: number;
  /** Takes up what was not finished when the service last stopped. `now` in epoch milliseconds, here as below. */
  resume(now: number): Promise<void>;
  /** Resolves once the event is on disk; what follows from it does not keep the sender waiting. */
  take(incoming: NewEvent): Promise<Taken>;
  /** Settles and saves what is due, one turn after the other. Rejects where it cannot be saved; it is then tried again. */
  settle(now: number): Promise<void>;
  /** Has every open call judged again of which a webhook came after a time: more is known of the configuration now. */
  reconsiderSince(at: number, now: number): void;
}

export interface CallFlowEvents {
  /** Each event of a call that is not a repeat. */
  onEvent(event: CallEvent): void;
  /** The first verdict of each attempt, across restarts and replicas, and no other. */
  onFirst(attempt: StoredAttempt, verdict: Verdict): void;
  /** All that came of saving some verdicts. */
  onSaved(saved: SavedAttempts): void;
  onParticipant(result: ParticipantResult): void;
  /** A call could not be read from the store, or not be judged. */
  onCallError(error: unknown): void;
}
