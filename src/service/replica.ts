import { addEvent, attemptsOf, type Call, newCall } from '../call/call.ts';
import type { CallEvent } from '../call/event.ts';
import type { DueCall, Judged } from '../journal/dueCalls.ts';
import type { PostgresStore } from '../journal/postgres.ts';
import { StoreAway } from '../journal/postgresDatabase.ts';
import type { NewEvent, StoredAttempt } from '../journal/store.ts';
import type { Pipeline, Verdict } from '../pipeline.ts';
import { type CallFlow, type CallFlowEvents, LEARNT_MS, type Taken } from './callFlow.ts';
import { toStored } from './settler.ts';

/** As many calls as are claimed and judged at once. */
const AT_ONCE = 50;
/** When, in milliseconds, a call that could not be judged is tried again. */
const TRY_AGAIN_MS = 60_000;
/** How often, in milliseconds, open calls are counted. */
const COUNT_EVERY_MS = 5_000;

/** How often, in milliseconds, it is read what other replicas said. */
const LEARN_EVERY_MS = 1_000;

/** Calls that were judged, with what is to be counted of them once they are known to be kept. */
interface Turn {
  readonly judged: Judged[];
  readonly verdicts: Map<StoredAttempt, Verdict>;
  /** Calls of which something else may be said now. */
  readonly stirred: Set<string>;
}

/**
 * The flow of calls on one of several replicas that share a PostgreSQL. Nothing of a call stays in memory: when its turn
 * comes, one replica claims it, reads it, judges it as a single server does, and hands it back.
 */
export class Replica implements CallFlow {
  readonly #store: PostgresStore;
  readonly #makePipeline: () => Pipeline;
  readonly #events: CallFlowEvents;
  /** Turns of which it is not known whether they were kept, since the connection broke. */
  #doubtful: Turn[] = [];
  #turn: Promise<void> = Promise.resolve();
  #open = { count: 0, at: Number.NEGATIVE_INFINITY };
  #learntAt = Number.NEGATIVE_INFINITY;
  /** What was read of others last, each with when it was judged: what is forgotten of them is no news. */
  #known: ReadonlyMap<string, number> = new Map();

  constructor(store: PostgresStore, makePipeline: () => Pipeline, events: CallFlowEvents) {
    this.#store = store;
    this.#makePipeline = makePipeline;
    this.#events = events;
  }

  get openCalls(): number {
    return this.#open.count;
  }

  async resume(): Promise<void> {
    this.#store.start();
  }

  async take(incoming: NewEvent): Promise<Taken> {
    const { result } = await this.#store.append(incoming);
    if (result === 'busy') return 'store_busy';
    if (result === 'repeated') return 'repeated';
    if (incoming.event.kind !== 'livekit') this.#events.onEvent(incoming.event);
    return 'accepted';
  }

  settle(now: number): Promise<void> {
    const turn = this.#turn.then(() => this.#whileThere(() => this.#settle(now)));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  reconsiderSince(at: number, now: number): void {
    void this.#whileThere(() => this.#store.due.reconsiderSince(at, now)).catch(this.#events.onCallError);
  }

  /** That PostgreSQL is away is said once, by whoever notices it first, and not for each thing that has to wait. */
  async #whileThere(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof StoreAway)) throw error;
      this.#store.doubt(error);
    }
  }

  async #settle(now: number): Promise<void> {
    if (!this.#store.isCaughtUp) return;
    await this.#clearDoubts();
    if (now - this.#learntAt >= LEARN_EVERY_MS) await this.#learn(now);
    for (let claimed = AT_ONCE; claimed === AT_ONCE; ) {
      const due = await this.#store.due.claim(now, AT_ONCE);
      claimed = due.length;
      if (claimed === 0) break;
      const turn = await this.#judge(due, now);
      await this.#handBack(turn);
      if (turn.stirred.size > 0) await this.#store.due.reconsider([...turn.stirred], now);
    }
    if (now - this.#open.at >= COUNT_EVERY_MS) this.#open = { count: await this.#store.due.count(), at: now };
  }

  /** Takes note of what was said by other replicas, and has calls judged again of which that says something else. */
  async #learn(now: number): Promise<void> {
    const judged = await this.#store.judgedSince(now - LEARNT_MS);
    const news = judged.filter(({ id, judgedAt }) => this.#known.get(id) !== judgedAt);
    this.#known = new Map(judged.map(({ id, judgedAt }) => [id, judgedAt]));
    this.#learntAt = now;
    const stirred = this.#makePipeline().learn(news);
    if (stirred.size > 0) await this.#store.due.reconsider([...stirred], now);
  }

  async #judge(due: readonly DueCall[], now: number): Promise<Turn> {
    const heardAt = await this.#store.due.heardAt();
    const turn: Turn = { judged: [], verdicts: new Map(), stirred: new Set() };
    for (const call of due) {
      const pipeline = this.#makePipeline();
      if (heardAt !== undefined) pipeline.liveKit.hear(heardAt);
      try {
        const settled = call.isJudged ? call.judged.map(({ callSid }) => callSid) : [];
        pipeline.restore(call.callId, call.events, settled, call.liveKitEvents);
        await this.#addRivals(pipeline, call);
        const verdicts = new Map(pipeline.settle(now).map((verdict) => [toStored(verdict), verdict]));
        for (const callId of pipeline.stirred) turn.stirred.add(callId);
        const isFinished = pipeline.takeFinished().length > 0;
        const dueAt = isFinished ? undefined : pipeline.nextDeadline();
        turn.judged.push({ call, attempts: [...verdicts.keys()], dueAt });
        for (const [attempt, verdict] of verdicts) turn.verdicts.set(attempt, verdict);
      } catch (error) {
        if (error instanceof StoreAway) throw error;
        // It does not keep the others from their verdicts.
        this.#events.onCallError(error);
        turn.judged.push({ call, attempts: [], dueAt: now + TRY_AGAIN_MS, hasFailed: true });
      }
    }
    return turn;
  }

  /** Where numbers and time have to tell which participant is a leg's, the legs of other calls count too. */
  async #addRivals(pipeline: Pipeline, { callId, events, liveKitEvents }: DueCall): Promise<void> {
    const joins = attemptsOf(callOf(callId, events)).map((attempt) => pipeline.liveKit.joinOf(callId, attempt));
    if (!joins.some((join) => join.kind === 'ambiguous' || (join.kind === 'joined' && join.by === 'numbers'))) return;
    const sipCallIds = new Set(liveKitEvents.map(({ participant }) => participant?.sip?.callIdFull));
    const rivals = await this.#store.due.rivalsOf(
      callId,
      [...sipCallIds].filter((sipCallId) => sipCallId !== undefined),
    );
    for (const [rival, itsEvents] of rivals) pipeline.liveKit.setLegs(rival, attemptsOf(callOf(rival, itsEvents)));
  }

  async #handBack(turn: Turn): Promise<void> {
    try {
      const saved = await this.#store.due.handBack(turn.judged);
      this.#count(turn, saved.firsts);
      this.#events.onSaved(saved);
    } catch (error) {
      this.#doubtful.push(turn);
      throw error;
    }
  }

  /** What was kept before the connection broke is counted; all else is another turn's. */
  async #clearDoubts(): Promise<void> {
    for (const turn of this.#doubtful) {
      const kept = await this.#store.due.keptOf(turn.judged);
      const before = new Set(turn.judged.flatMap(({ call }) => call.judged.map(({ id }) => id)));
      const firsts = [...turn.verdicts.keys()].filter(({ id }) => kept.has(id) && !before.has(id));
      this.#doubtful = this.#doubtful.filter((other) => other !== turn);
      this.#count(turn, firsts);
    }
  }

  #count({ verdicts }: Turn, firsts: readonly StoredAttempt[]): void {
    for (const first of firsts) {
      const verdict = verdicts.get(first);
      if (!verdict) continue;
      this.#events.onFirst(first, verdict);
      if (verdict.join.kind !== 'none') this.#events.onParticipant(verdict.join.kind);
    }
  }
}

function callOf(callId: string, events: readonly CallEvent[]): Call {
  const call = newCall(callId);
  for (const event of events) addEvent(call, event);
  return call;
}
