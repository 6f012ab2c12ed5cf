import type { Clock } from '../loop/clockWatch.ts';
import { backOffMs, every, type Loop } from '../loop/every.ts';
import type { Application, ForwardedRequest } from './application.ts';

/** An event that waits to be forwarded. `seq` grows with each event. */
interface QueuedEvent extends ForwardedRequest {
  readonly seq: number;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** The result of a call's turn: its events up to `upTo` are done, and the rest is due at `dueAt`. */
export interface Turn {
  readonly callId: string;
  readonly upTo: number;
  readonly failures: number;
  /** Epoch milliseconds. */
  readonly dueAt: number;
}

/** The stored events that wait to be forwarded, in order per call. */
export interface Queue {
  due(now: number, limit: number): Promise<readonly { readonly callId: string; readonly failures: number }[]>;
  ofCall(callId: string): Promise<readonly QueuedEvent[]>;
  finish(turns: readonly Turn[]): Promise<void>;
  count(): Promise<number>;
}

export interface StatusQueueEvents {
  onSent(result: 'ok' | 'timeout' | 'refused' | 'error_status', seconds: number): void;
  /** `status` is the application's answer, if it rejected the event. */
  onGivenUp(reason: 'rejected' | 'expired', status?: number): void;
  /**
   * When the queue itself could not be read or written, which is tried again; without an error, when it could. Reading
   * and writing are reported separately, because a full disk can still be read.
   */
  onStore(work: 'read' | 'write', error?: unknown): void;
}

/** How many calls are forwarded at once. */
export const CALLS_AT_ONCE = 16;
/** How long, in milliseconds, an event is tried before it expires. */
const KEPT_MS = 24 * 3_600_000;
/** The waits of a call after failures. */
const BACK_OFF = { firstMs: 1_000, longestMs: 60_000 };
/** How often, in milliseconds, due calls are looked for, and a failed write is tried again. */
const LOOK_EVERY_MS = 250;
/** How long, in milliseconds, results are gathered before they are written together. */
const GATHER_MS = 20;
/** How long, in milliseconds, stopping waits for requests under way. */
const CLOSING_MS = 2_000;

/** Forwards events to the operator's status hook: in order per call, many calls at once, retried until accepted. */
export class StatusQueue {
  readonly #queue: Queue;
  readonly #application: Application;
  readonly #events: StatusQueueEvents;
  readonly #clock: Clock;
  /** Calls that are being forwarded, or whose result is not written yet. */
  readonly #busy = new Set<string>();
  readonly #underWay = new Set<Promise<void>>();
  #turns: Turn[] = [];
  #backlog = 0;
  /** Whether the circuit was open at the last try. Cleared by the next periodic look. */
  #isPaused = false;
  #isClosed = false;
  #gathering: NodeJS.Timeout | undefined;
  #looking: Loop | undefined;
  #writing: Loop | undefined;

  constructor(queue: Queue, application: Application, events: StatusQueueEvents, clock: Clock) {
    this.#queue = queue;
    this.#application = application;
    this.#events = events;
    this.#clock = clock;
  }

  /** How many events wait to be forwarded. */
  get backlog(): number {
    return this.#backlog;
  }

  /** Loads what a restart left in the queue, and begins to forward. */
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

  /** Call it for each event that was added to the queue. */
  added(): void {
    this.#backlog += 1;
    this.#lookSoon();
  }

  /** Waits up to 2 s for requests under way. The rest is forwarded after the next start. */
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

  /** Begins due calls. Events that are added in one turn of the event loop cause one look. */
  async #look(): Promise<void> {
    this.#isPaused = false;
    if (this.#backlog === 0 || this.#underWay.size >= CALLS_AT_ONCE) return;
    const due = await this.#queue.due(this.#clock.now(), this.#busy.size + CALLS_AT_ONCE - this.#underWay.size);
    for (const { callId, failures } of due) {
      if (this.#underWay.size >= CALLS_AT_ONCE || this.#isClosed) break;
      if (!this.#busy.has(callId)) this.#begin(callId, failures);
    }
    // If something is due, reading its events reports success instead.
    if (due.length > 0) return;
    this.#events.onStore('read');
    await this.#recount();
  }

  /** `sipwhy forget` may have deleted events. */
  async #recount(): Promise<void> {
    const { size } = this.#busy;
    const before = this.#backlog;
    const count = await this.#queue.count();
    // Otherwise events were added or sent meanwhile, or those that were sent are not deleted yet.
    if (size === 0 && this.#busy.size === 0 && this.#backlog === before) this.#backlog = count;
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
    let turn: Turn = { callId, upTo: 0, failures, dueAt: this.#clock.now() };
    const events = await this.#queue.ofCall(callId);
    this.#events.onStore('read');
    for (const event of events) {
      if (this.#isClosed) break;
      const outcome = await this.#send(event);
      if (outcome === 'not_sent') break;
      if (outcome === 'failed') {
        const failures = turn.failures + 1;
        turn = { ...turn, failures, dueAt: this.#clock.now() + backOffMs(failures, BACK_OFF) };
        break;
      }
      turn = { ...turn, upTo: event.seq, failures: 0 };
      this.#backlog -= 1;
    }
    this.#turns.push(turn);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      // After a failure the loop decides when to retry.
      if (!this.#writing?.isFailing) void this.#writing?.wake();
    }, GATHER_MS);
  }

  async #send(event: QueuedEvent): Promise<'done' | 'failed' | 'not_sent'> {
    if (this.#clock.now() - event.receivedAt > KEPT_MS && this.#clock.isSteady) {
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
      // An abort because the service stops says nothing about the application.
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

  /** Writes the results of turns. If that fails they are kept, so that nothing is forwarded again meanwhile. */
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

/** Whether the same request would get the same answer again. 408, 425 and 429 ask to try again later. */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}
