import { type CallEvent, callIdOf } from './call/event.ts';
import type { NewEvent, Store } from './journal/store.ts';
import type { Pipeline } from './pipeline.ts';

/** Brings a webhook's event to disk, and then to its call, which is taken up again from the store where need be. */
export class Intake {
  readonly #store: Store;
  readonly #pipeline: Pipeline;
  readonly #onEvent: (event: CallEvent) => void;
  /** Calls that are being taken up; the number is the last event that the store gave. */
  readonly #restoring = new Map<string, Promise<number>>();

  /** `onEvent` is told of each event that is not a repeat. */
  constructor(store: Store, pipeline: Pipeline, onEvent: (event: CallEvent) => void) {
    this.#store = store;
    this.#pipeline = pipeline;
    this.#onEvent = onEvent;
  }

  /** Resolves once the event is on disk; what follows from it does not keep the sender waiting. */
  async take(incoming: NewEvent): Promise<'accepted' | 'repeated'> {
    const appended = await this.#store.append(incoming);
    if (appended.result === 'repeated') return 'repeated';
    const { event } = incoming;
    const callId = callIdOf(event);
    if (appended.isNewCall || this.#pipeline.has(callId)) this.#pipeline.accept(event);
    else void this.#restoreThenAccept(callId, event, appended.seq);
    this.#onEvent(event);
    return 'accepted';
  }

  /** Takes up every call that was not finished when the service last stopped. */
  async resume(): Promise<void> {
    for (const callId of await this.#store.unfinishedCalls()) await this.#restore(callId);
  }

  async #restoreThenAccept(callId: string, event: CallEvent, seq: number): Promise<void> {
    // What the store gives holds every event up to some number, this one among them unless it came in between.
    const upTo = await this.#restore(callId);
    if (seq > upTo) this.#pipeline.accept(event);
    else this.#pipeline.reconsider(callId);
  }

  #restore(callId: string): Promise<number> {
    let restoring = this.#restoring.get(callId);
    if (!restoring) {
      restoring = this.#read(callId).finally(() => this.#restoring.delete(callId));
      this.#restoring.set(callId, restoring);
    }
    return restoring;
  }

  async #read(callId: string): Promise<number> {
    const record = await this.#store.findCall(callId);
    if (!record || this.#pipeline.has(callId)) return Number.NEGATIVE_INFINITY;
    // A verdict from before the latest webhook has yet to be looked at again.
    const latest = Math.max(...record.events.map((event) => event.receivedAt));
    const settled = record.attempts.filter(({ settledAt }) => settledAt >= latest).map(({ callSid }) => callSid);
    this.#pipeline.restore(callId, record.events, settled);
    return record.events.at(-1)?.seq ?? Number.NEGATIVE_INFINITY;
  }
}
