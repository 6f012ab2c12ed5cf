import { type CallEvent, callIdOf } from '../call/event.ts';
import { type LiveKitEvent, roomKeyOf } from '../call/livekitEvent.ts';
import type { NewEvent, Store } from '../journal/store.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Taken } from './callFlow.ts';

/** How far back, in milliseconds, LiveKit's webhooks are taken up: those of calls of which Jambonz tells only now. */
const RECENT_MS = 15 * 60_000;
/** As many calls are looked up in the store at once. */
const PAGE = 500;

/** Brings a webhook's event to disk, and then to its call, which is taken up again from the store where need be. */
export class Intake {
  readonly #store: Store;
  readonly #pipeline: Pipeline;
  readonly #onEvent: (event: CallEvent) => void;
  readonly #onError: (error: unknown) => void;
  /** Calls that are being taken up; the number is the last event that the store gave. */
  readonly #restoring = new Map<string, Promise<number>>();

  /**
   * `onEvent` is told of each event of a call that is not a repeat; `onError` where the store cannot be read for a
   * webhook that is already on disk: it is then taken up with the next one of its call, or after a restart.
   */
  constructor(
    store: Store,
    pipeline: Pipeline,
    onEvent: (event: CallEvent) => void,
    onError: (error: unknown) => void = () => {},
  ) {
    this.#store = store;
    this.#pipeline = pipeline;
    this.#onEvent = onEvent;
    this.#onError = onError;
  }

  /** Resolves once the event is on disk; what follows from it does not keep the sender waiting. */
  async take(incoming: NewEvent): Promise<Taken> {
    const appended = await this.#store.append(incoming);
    if (appended.result === 'busy') return 'store_busy';
    if (appended.result === 'repeated') return 'repeated';
    const { event } = incoming;
    if (event.kind === 'livekit') {
      void this.#acceptLiveKit(event, appended.isNew).catch(this.#onError);
      return 'accepted';
    }
    const callId = callIdOf(event);
    if (appended.isNew || this.#pipeline.has(callId)) this.#pipeline.accept(event);
    else void this.#restoreThenAccept(callId, event, appended.seq).catch(this.#onError);
    this.#onEvent(event);
    return 'accepted';
  }

  /**
   * Takes up the calls that were not finished when the service last stopped, as many as are kept at hand; whether there
   * may be more. `now` in epoch milliseconds.
   */
  async resume(now: number): Promise<boolean> {
    for (const event of await this.#store.liveKit.since(now - RECENT_MS)) this.#pipeline.liveKit.add(event);
    for (let after = ''; ; ) {
      const callIds = await this.#store.unfinishedCalls(after, PAGE);
      for (const callId of callIds) await this.#restore(callId);
      if (this.#pipeline.takeHasParked()) return true;
      if (callIds.length < PAGE) return false;
      after = callIds.at(-1) ?? after;
    }
  }

  /** Takes up a call from the store, unless it is at hand. */
  async takeUp(callId: string): Promise<void> {
    if (!this.#pipeline.has(callId)) await this.#restore(callId);
  }

  async #acceptLiveKit(event: LiveKitEvent, isNewRoom: boolean): Promise<void> {
    const room = roomKeyOf(event);
    if (room !== undefined && !isNewRoom && !this.#pipeline.liveKit.hasRoom(room)) {
      for (const earlier of await this.#store.liveKit.ofRoom(room)) this.#pipeline.liveKit.add(earlier);
    }
    this.#pipeline.acceptLiveKit(event);
    if (room === undefined || !this.#pipeline.liveKit.mayConcernOthers(event)) return;
    for (const callId of await this.#store.liveKit.callsOfRoom(room)) {
      if (!this.#pipeline.has(callId)) await this.#restore(callId);
      this.#pipeline.reconsider(callId);
    }
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
    const latest = Math.max(...[...record.events, ...record.liveKitEvents].map((event) => event.receivedAt));
    const settled = record.attempts.filter(({ settledAt }) => settledAt >= latest).map(({ callSid }) => callSid);
    this.#pipeline.restore(callId, record.events, settled, record.liveKitEvents);
    return record.events.at(-1)?.seq ?? Number.NEGATIVE_INFINITY;
  }
}
