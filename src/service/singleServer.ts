import type { NewEvent, Store } from '../journal/store.ts';
import type { Pipeline } from '../pipeline.ts';
import { type CallFlow, type CallFlowEvents, LEARNT_MS, type Taken } from './callFlow.ts';
import { Intake } from './intake.ts';
import { ParkedCalls } from './parkedCalls.ts';
import { Settler } from './settler.ts';

/** The flow of calls on one server, which keeps the open ones in memory, or the latest of very many. */
export class SingleServer implements CallFlow {
  readonly #store: Store;
  readonly #pipeline: Pipeline;
  readonly #intake: Intake;
  readonly #settler: Settler;
  readonly #parked: ParkedCalls;
  readonly #events: CallFlowEvents;

  constructor(store: Store, pipeline: Pipeline, events: CallFlowEvents) {
    this.#store = store;
    this.#pipeline = pipeline;
    this.#events = events;
    this.#parked = new ParkedCalls(store, pipeline.callsAtHand);
    this.#intake = new Intake(
      store,
      pipeline,
      (event) => events.onEvent(event),
      (error) => events.onCallError(error),
    );
    this.#settler = new Settler(
      pipeline,
      store,
      (attempt, verdict) => events.onFirst(attempt, verdict),
      (saved) => events.onSaved(saved),
    );
  }

  get openCalls(): number {
    return this.#pipeline.openCalls;
  }

  async resume(now: number): Promise<void> {
    this.#pipeline.learn(await this.#store.judgedSince(now - LEARNT_MS));
    if (await this.#intake.resume(now)) this.#parked.added();
  }

  take(incoming: NewEvent): Promise<Taken> {
    return this.#intake.take(incoming);
  }

  async settle(now: number): Promise<void> {
    await this.#settler.settle(now);
    if (this.#pipeline.takeHasParked()) this.#parked.added();
    for (const callId of await this.#parked.next(now)) await this.#intake.takeUp(callId);
    for (const result of this.#pipeline.liveKit.takeResults()) this.#events.onParticipant(result);
  }

  reconsiderSince(at: number): void {
    this.#pipeline.reconsiderSince(at);
  }
}
