import { backOffMs, every, type Loop } from '../loop/every.ts';
import type { Application, ForwardedRequest } from './application.ts';

/** An event that is still to be passed on. `seq` grows with each. */
interface QueuedEvent extends ForwardedRequest {
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** What became of a call's turn: its events up to a number are done with; the rest is due at a time. */
export interface Turn {
  readonly callId: string;
  readonly upTo: number;
  readonly failures: number;
  /** Epoch milliseconds. */
  readonly dueAt: number;
}

/** Where the events wait that are to be passed on, in order per call. Outlives the process. */
export interface Queue {
  due(now: number, limit: number): Promise<readonly { readonly callId: string; readonly failures: number }[]>;
  ofCall(callId: string): Promise<readonly QueuedEvent[]>;
  finish(turns: readonly Turn[]): Promise<void>;
  count(): Promise<number>;
}

export interface StatusQueueEvents {
  onSent(result: 'ok' | 'timeout' | 'refused' | 'error_status', seconds: number): void;
  /** `status` is the application's, where it rejected the event. */
  onGivenUp(reason: 'rejected' | 'expired', status?: number): void;
  /**
   * Told of what the queue itself could not do, which is tried again; without an error, that it can. Each by itself: what
   * is on a full disk can be read.
   */
  onStore(work: 'read' | 'write', error?: unknown): void;
}

/** Calls whose events are being passed on at once. */
export const CALLS_AT_ONCE = 16;
/** How long, in milliseconds, an event is tried for. */
const KEPT_MS = 24 * 3_600_000;
/** The waits of a call after failures. */
const BACK_OFF = { firstMs: 1_000, longestMs: 60_000 };
/** How often, in milliseconds, it is looked for calls whose waiting is over, and a failed write is tried again. */
const LOOK_EVERY_MS = 250;
/** How long, in milliseconds, what became of events is gathered before it is written down together. */
const GATHER_MS = 20;
/** How long, in milliseconds, what is under way may take when the service stops. */
const CLOSING_MS = 2_000;

/** Passes events on to the operator's status hook: in order per call, many calls at once, again until it takes them. */
export class StatusQueue {
  readonly #queue: Queue;
  readonly #application: Application;
  readonly #events: StatusQueueEvents;
  readonly #now: () => number;
  /** Calls that are being passed on, or whose turn is yet to be written down. */
  readonly #busy = new Set<string>();
  readonly #underWay = new Set<Promise<void>>();
  #turns: Turn[] = [];
  #backlog = 0;
  /** Set while the application is left alone: until the next look that nobody asked for. */
  #isPaused = false;
  #isClosed = false;
  #gathering: NodeJS.Timeout | undefined;
  #looking: Loop | undefined;
  #writing: Loop | undefined;

  constructor(queue: Queue, application: Application, events: StatusQueueEvents, now: () => number) {
    this.#queue = queue;
    this.#application = application;
    this.#events = events;
    this.#now = now;
  }

  /** Events that are still to be passed on. */
  get backlog(): number {
    return this.#backlog;
  }

  /** Takes up what was left of before a restart, and begins. */
  async start(): Promise<void> {
    this.#backlog = await this.#queue.count();
    this.#looking = every(() => this.#look(), {
      everyMs: LOOK_EVERY_MS,
      onError: (error) => this.#events.onStore('read', error),
    });
    this.#writing = every(() => this.#write(), {
      everyMs: LOOK_EVERY_MS,
      onError: (error) => this.#events.onStore('write', error),
    });
  }

  /** To be told of each event that was put into the queue. */
  added(): void {
    this.#backlog += 1;
    this.#lookSoon();
  }

  /** Waits a little for what is under way; the rest is passed on after the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#looking?.stop();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSING_MS);
    });
    await Promise.race([Promise.all(this.#underWay), late]);
    clearTimeout(timer);
    await this.#application.close();
    await Promise.all(this.#underWay);
    clearTimeout(this.#gathering);
    await this.#writing?.wake();
    await this.#writing?.stop();
  }

  #lookSoon(): void {
    if (!this.#isPaused && this.#underWay.size < CALLS_AT_ONCE) void this.#looking?.wake();
  }

  /** Begins calls that are due. Events of one group commit, which come in one turn, are looked for together. */
  async #look(): Promise<void> {
    this.#isPaused = false;
    if (this.#backlog === 0 || this.#underWay.size >= CALLS_AT_ONCE) return;
    const due = await this.#queue.due(this.#now(), this.#busy.size + CALLS_AT_ONCE - this.#underWay.size);
    for (const { callId, failures } of due) {
      if (this.#underWay.size >= CALLS_AT_ONCE || this.#isClosed) break;
      if (!this.#busy.has(callId)) this.#begin(callId, failures);
    }
    // Where something is due, that is to be read too.
    if (due.length === 0) this.#events.onStore('read');
  }

  #begin(callId: string, failures: number): void {
    this.#busy.add(callId);
    const underWay = this.#passOn(callId, failures)
      .catch((error: unknown) => {
        this.#busy.delete(callId);
        this.#events.onStore('read', error);
      })
      .finally(() => {
        this.#underWay.delete(underWay);
        this.#lookSoon();
      });
    this.#underWay.add(underWay);
  }

  async #passOn(callId: string, failures: number): Promise<void> {
    let turn: Turn = { callId, upTo: 0, failures, dueAt: this.#now() };
    const events = await this.#queue.ofCall(callId);
    this.#events.onStore('read');
    for (const event of events) {
      if (this.#isClosed) break;
      const outcome = await this.#send(event);
      if (outcome === 'not_sent') break;
      if (outcome === 'failed') {
        const failures = turn.failures + 1;
        turn = { ...turn, failures, dueAt: this.#now() + backOffMs(failures, BACK_OFF) };
        break;
      }
      turn = { ...turn, upTo: event.seq, failures: 0 };
      this.#backlog -= 1;
    }
    this.#turns.push(turn);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      // After a failure the wait is kept to.
      if (!this.#writing?.isFailing) void this.#writing?.wake();
    }, GATHER_MS);
  }

  async #send(event: QueuedEvent): Promise<'done' | 'failed' | 'not_sent'> {
    if (this.#now() - event.receivedAt > KEPT_MS) {
      this.#events.onGivenUp('expired');
      return 'done';
    }
    const began = performance.now();
    const asked = await this.#application.ask(event);
    const seconds = (performance.now() - began) / 1000;
    if (!asked.ok) {
      if (asked.reason === 'circuit_open') {
        this.#isPaused = true;
        return 'not_sent';
      }
      // What was cut off because the service stops says nothing of the application.
      if (this.#isClosed) return 'not_sent';
      this.#events.onSent(asked.reason, seconds);
      return 'failed';
    }
    const { status } = asked.answer;
    const isTaken = status >= 200 && status < 300;
    this.#events.onSent(isTaken ? 'ok' : 'error_status', seconds);
    if (isTaken) return 'done';
    if (!isFinal(status)) return 'failed';
    this.#events.onGivenUp('rejected', status);
    return 'done';
  }

  /** Writes down what became of calls' turns; keeps it where that fails, so that nothing is passed on again meanwhile. */
  async #write(): Promise<void> {
    const turns = [...this.#turns];
    if (turns.length === 0) return;
    await this.#queue.finish(turns);
    this.#events.onStore('write');
    this.#turns = this.#turns.slice(turns.length);
    for (const { callId } of turns) this.#busy.delete(callId);
    this.#lookSoon();
  }
}

/** Whether the same request would be answered the same again: "not now" is no such answer. */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}
