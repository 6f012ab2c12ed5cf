import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LiveKitSide } from './core/correlate/liveKitSide.ts';
import type { OpenCall } from './core/correlate/openCall.ts';
import type { AttemptDiagnoser } from './core/diagnose/diagnoseAttempt.ts';
import { judgeCall, type Verdict } from './core/diagnose/judgeCall.ts';
import { recordOf } from './core/diagnose/record.ts';
import { pause } from './loop/slices.ts';
import type { DueCall, Judged } from './store/calls/dueCalls.ts';
import type { SavedAttempts, StoredAttempt } from './store/store.ts';

// The path of a webhook through two threads:
//
//   the door     verify -> read -> journal -> 204           src/http, src/journal
//   the engine   feed -> claim -> judge -> save -> count    src/engine, below
//
// The journal is on disk: a webhook is answered once its group is written, and the engine stores it from there. The path
// is the same for both databases and any number of replicas.

/** How long, in milliseconds, until a call that could not be judged is tried again. */
const TRY_AGAIN_MS = 60_000;

/** How long, in milliseconds, a run may last. What is still due then waits for the next run. */
const RUN_MS = 1_000;
/** How long, in milliseconds, calls are judged before their verdicts are saved. */
const JUDGING_MS = 20;
/** How many calls are claimed first and at most. Fewer are if judging takes long, so that no claim expires meanwhile. */
const FIRST_CLAIM = 8;
const LARGEST_CLAIM = 100;
/** How long, in milliseconds, judging the claimed calls should take. */
const CLAIM_MS = 500;

/** A claimed call, with the LiveKit webhooks that may belong to it. */
export interface ClaimedCall {
  readonly due: DueCall;
  readonly call: OpenCall;
  readonly liveKit: LiveKitSide;
}

/** The stages of the engine's part. Times in epoch milliseconds. */
interface Stages {
  /** Stores the webhooks of the journal. Resolves to whether the store has enough to judge calls. */
  feed(): Promise<boolean>;
  /** Reads the verdicts of other replicas, and of the time before a restart. */
  catchUp(now: number): Promise<void>;
  /** Closes calls that are over because no late webhook came. */
  closeSettled(now: number): Promise<void>;
  /** Claims up to `limit` due calls and loads all that is known about them. No other process judges them meanwhile. */
  claim(now: number, limit: number): Promise<readonly ClaimedCall[]>;
  readonly diagnoser: AttemptDiagnoser;
  /** Saves the verdicts and hands the calls back, all or none. */
  save(judged: readonly Judged[]): Promise<SavedAttempts>;
  /** Gives claimed calls back without a verdict. They stay due. */
  giveBack(claimed: readonly ClaimedCall[]): Promise<void>;
  /** Finds which new attempts, or which of their ends, were saved, if the answer to saving them was lost. */
  findSaved(
    judged: readonly Judged[],
    attempts: readonly StoredAttempt[],
    saved: 'attempt' | 'end',
  ): Promise<readonly StoredAttempt[]>;
  /** Re-evaluates calls whose verdicts are affected by verdicts on other calls. */
  reconsiderAffected(now: number): Promise<void>;
  /** Counts each attempt once, with its first verdict. */
  count(attempt: StoredAttempt, verdict: Verdict): void;
  /** Counts the end of each answered attempt once, with the first verdict on it. */
  countEnd(attempt: StoredAttempt): void;
  /** Processes the results of saving verdicts. */
  saved(saved: SavedAttempts): void;
  /** Reports a call that could not be judged. */
  failed(error: unknown): void;
}

/** The calls of one turn, with their verdicts. */
interface Turn {
  readonly judged: readonly Judged[];
  readonly verdicts: ReadonlyMap<StoredAttempt, Verdict>;
  /** The attempts that had no verdict before. */
  readonly fresh: readonly StoredAttempt[];
}

/** The engine's part of the path. */
export class Pipeline {
  readonly #stages: Stages;
  /** Turns that may or may not have been saved, because the connection broke. */
  #unconfirmed: Turn[] = [];
  /** How many calls to claim next. */
  #claim = FIRST_CLAIM;

  constructor(stages: Stages) {
    this.#stages = stages;
  }

  /**
   * Judges the calls that are due, in turns that end by time: a costly configuration makes more turns, not longer ones.
   * `now` gives epoch milliseconds. The signal ends the run after the turn under way. Resolves to whether calls may still
   * be due. Rejects if the verdicts cannot be saved.
   */
  async run(now: () => number, signal: AbortSignal): Promise<boolean> {
    const stages = this.#stages;
    const endAt = performance.now() + RUN_MS;
    if (!(await stages.feed())) return false;
    await this.#confirm();
    await stages.catchUp(now());
    while (!signal.aborted && performance.now() < endAt) {
      await stages.closeSettled(now());
      const began = performance.now();
      const claimed = await stages.claim(now(), this.#claim);
      if (claimed.length === 0) return false;
      await this.#judgeClaimed(claimed, now, signal);
      const perCall = (performance.now() - began) / claimed.length;
      this.#claim = Math.max(1, Math.min(LARGEST_CLAIM, 2 * this.#claim, Math.floor(CLAIM_MS / perCall)));
    }
    return true;
  }

  async #judgeClaimed(claimed: readonly ClaimedCall[], now: () => number, signal: AbortSignal): Promise<void> {
    for (let left = claimed; left.length > 0; ) {
      if (signal.aborted) return this.#stages.giveBack(left);
      const turn = await this.#judge(left, now());
      await this.#save(turn);
      await this.#stages.reconsiderAffected(now());
      left = left.slice(turn.judged.length);
      // Requests of the door are answered between turns.
      await nextTurn();
    }
  }

  /** Judges calls until the turn has taken its time: at least one. */
  async #judge(claimed: readonly ClaimedCall[], now: number): Promise<Turn> {
    const endAt = performance.now() + JUDGING_MS;
    const turn = { judged: [] as Judged[], verdicts: new Map<StoredAttempt, Verdict>(), fresh: [] as StoredAttempt[] };
    for (const one of claimed) {
      turn.judged.push(await this.#judgeCall(one, now, turn));
      if (performance.now() >= endAt) break;
    }
    return turn;
  }

  /** Judges one call. Requests are also answered between its attempts, because a call may have hundreds. */
  async #judgeCall(
    { due, call, liveKit }: ClaimedCall,
    now: number,
    { verdicts, fresh }: { readonly verdicts: Map<StoredAttempt, Verdict>; readonly fresh: StoredAttempt[] },
  ): Promise<Judged> {
    const own: (readonly [StoredAttempt, Verdict])[] = [];
    try {
      await pause();
      for (const verdict of judgeCall(call, liveKit, this.#stages.diagnoser, now)) {
        own.push([toStored(verdict), verdict]);
        await pause();
      }
      for (const [attempt, verdict] of own) {
        verdicts.set(attempt, verdict);
        if (!call.hasVerdict(verdict.attempt.id)) fresh.push(attempt);
      }
      call.addVerdicts(own.map(([, verdict]) => verdict.attempt.id));
      const joinOf = liveKit.joinsOf(call.id);
      const [isSettled, nextAt] = [call.isSettled(joinOf), call.nextAt(joinOf)];
      const dueAt = isSettled && nextAt <= now ? undefined : nextAt;
      return { call: due, attempts: own.map(([attempt]) => attempt), dueAt, isSettled };
    } catch (error) {
      // The other calls still get their verdicts.
      this.#stages.failed(error);
      return { call: due, attempts: [], dueAt: now + TRY_AGAIN_MS, hasFailed: true };
    }
  }

  async #save(turn: Turn): Promise<void> {
    try {
      const saved = await this.#stages.save(turn.judged);
      this.#count(turn, saved);
      this.#stages.saved(saved);
    } catch (error) {
      this.#unconfirmed.push(turn);
      throw error;
    }
  }

  /** Counts what was saved before the connection broke. The rest is judged again in another turn. */
  async #confirm(): Promise<void> {
    for (const turn of this.#unconfirmed) {
      const firsts = await this.#stages.findSaved(turn.judged, turn.fresh, 'attempt');
      const ending = [...turn.verdicts.keys()].filter(({ endedAt }) => endedAt !== undefined);
      const ends = await this.#stages.findSaved(turn.judged, ending, 'end');
      this.#unconfirmed = this.#unconfirmed.filter((other) => other !== turn);
      this.#count(turn, { firsts, ends });
    }
  }

  #count({ verdicts }: Turn, { firsts, ends }: Pick<SavedAttempts, 'firsts' | 'ends'>): void {
    for (const first of firsts) {
      const verdict = verdicts.get(first);
      if (verdict) this.#stages.count(first, verdict);
    }
    for (const ended of ends) this.#stages.countEnd(ended);
  }
}

/** A verdict as it is stored. */
function toStored(verdict: Verdict): StoredAttempt {
  const { attempt, callId, settledAt, isFirstEnd, join, seen } = verdict;
  return {
    id: attempt.id,
    callSid: attempt.callSid,
    callId,
    startedAt: attempt.leg?.first.at ?? attempt.dialResult?.at ?? settledAt,
    settledAt,
    ...(isFirstEnd && { endedAt: settledAt }),
    record: recordOf(verdict),
    ...(seen && { seen }),
    ...(join.kind === 'joined' && join.by === 'numbers' && { roomByNumbers: join.sip.room.key }),
  };
}
