import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LiveKitSide } from './core/correlate/liveKitSide.ts';
import type { OpenCall } from './core/correlate/openCall.ts';
import type { AttemptDiagnoser } from './core/diagnose/diagnoseAttempt.ts';
import { judgeCall, type Verdict } from './core/diagnose/judgeCall.ts';
import { recordOf } from './core/diagnose/record.ts';
import type { DueCall, Judged } from './store/calls/dueCalls.ts';
import type { SavedAttempts, StoredAttempt } from './store/store.ts';

// The way of a webhook, in two threads:
//
//   the door     verify -> read -> log -> 204               src/http, src/journal
//   the engine   feed -> claim -> judge -> save -> count    src/engine, below
//
// The log is a file: a webhook is answered once its group is on disk, and the engine brings it to the store from there.
// Whatever database the store is in, and however many replicas share it, a call takes this way.

/** When, in milliseconds, a call that could not be judged is tried again. */
const TRY_AGAIN_MS = 60_000;

/** A call whose turn has come, and LiveKit's webhooks that may be of it. */
export interface ClaimedCall {
  readonly due: DueCall;
  readonly call: OpenCall;
  readonly liveKit: LiveKitSide;
}

/** What the engine's part of the way is made of. Times in epoch milliseconds. */
interface Stages {
  /** Brings the log to the store; whether calls can be judged by what it has. */
  feed(): Promise<boolean>;
  /** Takes note of what was said by other replicas or before a restart. */
  catchUp(now: number): Promise<void>;
  /** Open calls whose turn has come, with all that is known of them; no other process judges them meanwhile. */
  claim(now: number): Promise<readonly ClaimedCall[]>;
  readonly diagnoser: AttemptDiagnoser;
  /** Keeps the verdicts and hands the calls back: all or none. */
  save(judged: readonly Judged[]): Promise<SavedAttempts>;
  /** Which of some new attempts were kept, where the answer to saving them was lost. */
  findSaved(judged: readonly Judged[], attempts: readonly StoredAttempt[]): Promise<readonly StoredAttempt[]>;
  /** Has calls judged again of which others, judged since, say something else. */
  reconsiderAffected(now: number): Promise<void>;
  /** Counts each attempt once, with its first verdict. */
  count(attempt: StoredAttempt, verdict: Verdict): void;
  /** Takes note of all that came of saving verdicts. */
  saved(saved: SavedAttempts): void;
  /** A call could not be judged. */
  failed(error: unknown): void;
}

/** The calls of one turn with their verdicts. */
interface Turn {
  readonly judged: readonly Judged[];
  readonly verdicts: ReadonlyMap<StoredAttempt, Verdict>;
  /** The attempts that had none before. */
  readonly fresh: readonly StoredAttempt[];
}

/** The engine's part of the way. */
export class Pipeline {
  readonly #stages: Stages;
  /** Turns of which it is not known whether they were saved: the connection broke. */
  #unconfirmed: Turn[] = [];

  constructor(stages: Stages) {
    this.#stages = stages;
  }

  /** Judges what is due by `now`, in epoch milliseconds. Rejects where that cannot be saved; it is then tried again. */
  async run(now: number): Promise<void> {
    const stages = this.#stages;
    if (!(await stages.feed())) return;
    await this.#confirm();
    await stages.catchUp(now);
    for (;;) {
      const claimed = await stages.claim(now);
      if (claimed.length === 0) return;
      const turn = this.#judge(claimed, now);
      await this.#save(turn);
      await stages.reconsiderAffected(now);
      // What the door asks comes in between.
      await nextTurn();
    }
  }

  #judge(claimed: readonly ClaimedCall[], now: number): Turn {
    const verdicts = new Map<StoredAttempt, Verdict>();
    const fresh: StoredAttempt[] = [];
    const judged = claimed.map(({ due, call, liveKit }): Judged => {
      try {
        const own = judgeCall(call, liveKit, this.#stages.diagnoser, now).map(
          (verdict) => [toStored(verdict), verdict] as const,
        );
        for (const [attempt, verdict] of own) {
          verdicts.set(attempt, verdict);
          if (!call.hasVerdict(verdict.attempt.id)) fresh.push(attempt);
        }
        call.addVerdicts(own.map(([, verdict]) => verdict.attempt.id));
        const joinOf = liveKit.joinsOf(call.id);
        const dueAt = call.isOver(now, joinOf) ? undefined : call.nextAt(joinOf);
        return { call: due, attempts: own.map(([attempt]) => attempt), dueAt };
      } catch (error) {
        // It does not keep the others from their verdicts.
        this.#stages.failed(error);
        return { call: due, attempts: [], dueAt: now + TRY_AGAIN_MS, hasFailed: true };
      }
    });
    return { judged, verdicts, fresh };
  }

  async #save(turn: Turn): Promise<void> {
    try {
      const saved = await this.#stages.save(turn.judged);
      this.#count(turn, saved.firsts);
      this.#stages.saved(saved);
    } catch (error) {
      this.#unconfirmed.push(turn);
      throw error;
    }
  }

  /** What was saved before the connection broke is counted; all else is another turn's. */
  async #confirm(): Promise<void> {
    for (const turn of this.#unconfirmed) {
      const firsts = await this.#stages.findSaved(turn.judged, turn.fresh);
      this.#unconfirmed = this.#unconfirmed.filter((other) => other !== turn);
      this.#count(turn, firsts);
    }
  }

  #count({ verdicts }: Turn, firsts: readonly StoredAttempt[]): void {
    for (const first of firsts) {
      const verdict = verdicts.get(first);
      if (verdict) this.#stages.count(first, verdict);
    }
  }
}

/** What is kept of a verdict. */
function toStored(verdict: Verdict): StoredAttempt {
  const { attempt, callId, settledAt, join, seen } = verdict;
  return {
    id: attempt.id,
    callSid: attempt.callSid,
    callId,
    startedAt: attempt.leg?.first.at ?? attempt.dialResult?.at ?? settledAt,
    settledAt,
    record: recordOf(verdict),
    ...(seen && { seen }),
    ...(join.kind === 'joined' && join.by === 'numbers' && { roomByNumbers: join.sip.room.key }),
  };
}
