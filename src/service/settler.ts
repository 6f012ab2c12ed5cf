import { recordOf } from '../diagnose/record.ts';
import type { SavedAttempts, Store, StoredAttempt } from '../journal/store.ts';
import type { Pipeline, Verdict } from '../pipeline.ts';

/** Brings verdicts that are due into the store, and tells of each attempt once. */
export class Settler {
  readonly #pipeline: Pipeline;
  readonly #store: Store;
  readonly #onFirst: (attempt: StoredAttempt, verdict: Verdict) => void;
  readonly #onSaved: (saved: SavedAttempts) => void;
  /** Verdicts and finished calls that are not in the store yet: where writing fails they are tried again. */
  #verdicts: Verdict[] = [];
  #finished: string[] = [];
  #turn: Promise<void> = Promise.resolve();

  /**
   * `onFirst` is told of the first verdict of each attempt, across restarts, and of no other; `onSaved` of all that came
   * of saving some.
   */
  constructor(
    pipeline: Pipeline,
    store: Store,
    onFirst: (attempt: StoredAttempt, verdict: Verdict) => void,
    onSaved: (saved: SavedAttempts) => void = () => {},
  ) {
    this.#pipeline = pipeline;
    this.#store = store;
    this.#onFirst = onFirst;
    this.#onSaved = onSaved;
  }

  /** Settles and saves what is due at `now` (epoch milliseconds), one turn after the other. Rejects where it cannot be saved. */
  settle(now: number): Promise<void> {
    const turn = this.#turn.then(() => this.#settle(now));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #settle(now: number): Promise<void> {
    this.#verdicts.push(...this.#pipeline.settle(now));
    this.#finished.push(...this.#pipeline.takeFinished());
    if (this.#verdicts.length > 0) {
      const byAttempt = new Map(this.#verdicts.map((verdict) => [toStored(verdict), verdict]));
      const saved = await this.#store.saveAttempts([...byAttempt.keys()]);
      this.#verdicts = [];
      for (const first of saved.firsts) {
        const verdict = byAttempt.get(first);
        if (verdict) this.#onFirst(first, verdict);
      }
      this.#onSaved(saved);
    }
    // A call that was taken up again meanwhile goes on.
    this.#finished = this.#finished.filter((callId) => !this.#pipeline.has(callId));
    if (this.#finished.length > 0) {
      await this.#store.finishCalls(this.#finished);
      this.#finished = [];
    }
  }
}

/** What is kept of a verdict. */
export function toStored(verdict: Verdict): StoredAttempt {
  const { attempt, callId, settledAt, join, seen } = verdict;
  const startedAt = attempt.leg?.first.at ?? attempt.dialResult?.at ?? settledAt;
  return {
    id: attempt.id,
    callSid: attempt.callSid,
    callId,
    startedAt,
    settledAt,
    record: recordOf(verdict),
    ...(seen && { seen }),
    ...(join.kind === 'joined' && join.by === 'numbers' && { roomByNumbers: join.sip.room.key }),
  };
}
