import type { CallFlow, CallFlowEvents } from './callFlow.ts';
import { Intake } from './intake.ts';
import type { NewEvent, Store } from './journal/store.ts';
import type { Pipeline } from './pipeline.ts';
import { Settler } from './settler.ts';

/** The flow of calls on one server, which keeps the open ones in memory. */
export class SingleServer implements CallFlow {
  readonly #pipeline: Pipeline;
  readonly #intake: Intake;
  readonly #settler: Settler;
  readonly #events: CallFlowEvents;

  constructor(store: Store, pipeline: Pipeline, events: CallFlowEvents) {
    this.#pipeline = pipeline;
    this.#events = events;
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

  resume(now: number): Promise<void> {
    return this.#intake.resume(now);
  }

  take(incoming: NewEvent): Promise<'accepted' | 'repeated'> {
    return this.#intake.take(incoming);
  }

  async settle(now: number): Promise<void> {
    await this.#settler.settle(now);
    for (const result of this.#pipeline.liveKit.takeResults()) this.#events.onParticipant(result);
  }

  reconsiderSince(at: number): void {
    this.#pipeline.reconsiderSince(at);
  }
}
