import { OpenCall } from '../core/correlate/openCall.ts';
import type { LoadedCall } from '../store/calls/callLoader.ts';
import type { TouchedCall } from '../store/calls/delivery.ts';
import type { DueCall } from '../store/calls/dueCalls.ts';

/** How many open calls are kept in memory: some 40 MB. Beyond that the one that was quiet the longest is evicted. */
const CALLS_IN_MEMORY = 20_000;

/** How long, in milliseconds, a call is kept in memory that isn't due soon. Most late webhooks come within that. */
const RESTING_IN_MEMORY_MS = 3_000;

interface Cached {
  readonly call: OpenCall;
  /** The store's `arrivals` that this copy contains. The store has more if another process stored webhooks. */
  arrivals: number;
}

/** The open calls of this process, cached in memory. Every call can be loaded from the store again. */
export class CallCache {
  /** In order of their latest webhooks. */
  readonly #calls = new Map<string, Cached>();
  /** Since when calls rest of which nothing came since, by the clock of `performance`, in that order. */
  readonly #resting = new Map<string, number>();
  readonly #limit: number;
  readonly #restingMs: number;

  /** `restingMs` is how long resting calls stay in memory. */
  constructor(limit = CALLS_IN_MEMORY, restingMs = RESTING_IN_MEMORY_MS) {
    this.#limit = limit;
    this.#restingMs = restingMs;
  }

  get size(): number {
    return this.#calls.size;
  }

  /**
   * Adds stored webhooks to their calls. A call is dropped if the store has more of it, and loaded when it is due. Returns
   * how many webhooks were left out because their calls have too many.
   */
  touch(touched: readonly TouchedCall[]): number {
    let leftOut = 0;
    for (const { callId, arrivals, events, isNew, isReconsidered } of touched) {
      const known = this.#calls.get(callId);
      this.#calls.delete(callId);
      this.#resting.delete(callId);
      // Jambonz's webhooks of one batch count as one arrival, and those of a LiveKit room as another.
      const isWhole = known ? known.arrivals + arrivalsOf(events.length > 0, isReconsidered) === arrivals : isNew;
      if (!isWhole) continue;
      const cached = known ?? { call: new OpenCall(callId), arrivals };
      for (const event of events) if (!cached.call.add(event)) leftOut += 1;
      if (isReconsidered) cached.call.reconsider();
      cached.arrivals = arrivals;
      this.#put(callId, cached);
    }
    return leftOut;
  }

  /** The call as it was claimed; `undefined` if it must be loaded. */
  get({ callId, arrivals }: DueCall): OpenCall | undefined {
    const cached = this.#calls.get(callId);
    return cached?.arrivals === arrivals ? cached.call : undefined;
  }

  /** Keeps a call that was loaded from the store. */
  add({ callId, arrivals }: DueCall, { events }: Pick<LoadedCall, 'events'>): OpenCall {
    const call = new OpenCall(callId, events);
    this.#put(callId, { call, arrivals });
    return call;
  }

  /** Notes that these calls aren't due soon, and evicts those for which that was noted long ago. */
  rest(callIds: Iterable<string>): void {
    const now = performance.now();
    for (const callId of callIds) {
      // Deleted first, so that it is the last in the order.
      this.#resting.delete(callId);
      if (this.#calls.has(callId)) this.#resting.set(callId, now);
    }
    for (const [callId, since] of this.#resting) {
      if (since + this.#restingMs > now) break;
      this.evict([callId]);
    }
  }

  /** Evicts all calls. */
  clear(): void {
    this.#calls.clear();
    this.#resting.clear();
  }

  /** Evicts calls that are over, or whose verdicts may not have been saved. */
  evict(callIds: Iterable<string>): void {
    for (const callId of callIds) {
      this.#calls.delete(callId);
      this.#resting.delete(callId);
    }
  }

  #put(callId: string, cached: Cached): void {
    this.#calls.delete(callId);
    this.#calls.set(callId, cached);
    // Not looked for unless it is needed: V8 passes the places of all deleted entries to find the oldest one.
    if (this.#calls.size <= this.#limit) return;
    const [oldest] = this.#calls.keys();
    if (oldest !== undefined) this.#calls.delete(oldest);
  }
}

function arrivalsOf(hasEvents: boolean, isReconsidered: boolean): number {
  return Number(hasEvents) + Number(isReconsidered);
}
