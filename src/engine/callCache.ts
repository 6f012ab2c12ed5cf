import { OpenCall } from '../core/correlate/openCall.ts';
import type { LoadedCall } from '../store/calls/callLoader.ts';
import type { TouchedCall } from '../store/calls/delivery.ts';
import type { DueCall } from '../store/calls/dueCalls.ts';

/** As many open calls are kept in memory: some 100 MB. Past that the one that was quiet the longest is loaded again. */
const CALLS_IN_MEMORY = 50_000;

interface Cached {
  readonly call: OpenCall;
  /** As of which thing that called for judging it. In the store, another process may have brought more. */
  arrivals: number;
}

/** The open calls of this process, in memory in front of the store. The store can always do without. */
export class CallCache {
  /** In the order of their latest webhooks. */
  readonly #calls = new Map<string, Cached>();
  readonly #limit: number;

  constructor(limit = CALLS_IN_MEMORY) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** Notes webhooks that were stored. A call of which the store has more than this process is loaded when it is due. */
  touch(touched: readonly TouchedCall[]): void {
    for (const { callId, arrivals, events, isNew, isReconsidered } of touched) {
      const known = this.#calls.get(callId);
      this.#calls.delete(callId);
      // Each of the two is one arrival: Jambonz's webhooks of a batch, and those of a room.
      const isWhole = known ? known.arrivals + arrivalsOf(events.length > 0, isReconsidered) === arrivals : isNew;
      if (!isWhole) continue;
      const cached = known ?? { call: new OpenCall(callId), arrivals };
      for (const event of events) cached.call.add(event);
      if (isReconsidered) cached.call.reconsider();
      cached.arrivals = arrivals;
      this.#put(callId, cached);
    }
  }

  /** The call as of its claim; `undefined` where it is to be loaded. */
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

  /** Forgets calls: they are over, or it is not known whether their verdicts were kept. */
  evict(callIds: Iterable<string>): void {
    for (const callId of callIds) this.#calls.delete(callId);
  }

  #put(callId: string, cached: Cached): void {
    this.#calls.delete(callId);
    this.#calls.set(callId, cached);
    for (const oldest of this.#calls.keys()) {
      if (this.#calls.size <= this.#limit) return;
      this.#calls.delete(oldest);
    }
  }
}

function arrivalsOf(hasEvents: boolean, isReconsidered: boolean): number {
  return Number(hasEvents) + Number(isReconsidered);
}
