import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { Condition } from '../condition.ts';
import { Application, type Passed } from '../forward/application.ts';
import { hasPassed } from '../forward/headers.ts';
import { CALLS_AT_ONCE, StatusQueue } from '../forward/statusQueue.ts';
import { askForVerbs, type Verbs } from '../forward/verbs.ts';
import type { ForwardStore } from '../journal/forwardStore.ts';
import type { ForwardTarget } from '../record/forwardMetrics.ts';
import type { Metrics } from '../record/metrics.ts';
import type { Settings } from '../settings/settings.ts';

/** Dial hooks at once; a further one waits its turn, within the timeout. */
const DIAL_CONNECTIONS = 128;
/** How long, in milliseconds, the status hook may take; nobody waits for it. */
const STATUS_TIMEOUT_MS = 10_000;

/** Passes webhooks on to the operator's own application, as far as that is configured. */
export class Forwarding {
  /** Names this process in the Via header, by which it knows a request that comes back. */
  readonly #instance = `sipwhy-${randomUUID()}`;
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  readonly #dial: { readonly application: Application; readonly fallback: readonly object[] } | undefined;
  readonly #statuses: StatusQueue | undefined;

  constructor({ forward }: Settings, store: ForwardStore, metrics: Metrics, logger: Logger, now: () => number) {
    this.#metrics = metrics;
    this.#logger = logger;
    const { dialAction, callStatus } = forward;
    this.#dial = dialAction && {
      application: this.#application('dial_action', dialAction.url, dialAction.timeoutMs, DIAL_CONNECTIONS),
      fallback: dialAction.fallback,
    };
    const hook = callStatus && this.#application('call_status', callStatus.url, STATUS_TIMEOUT_MS, CALLS_AT_ONCE);
    this.#statuses = hook && new StatusQueue(store, hook, this.#statusEvents(), now);
  }

  hasPassedHere(via: string | undefined): boolean {
    return hasPassed(this.#instance, via);
  }

  /** The application's verbs, or the fallback's; `undefined` where dial hooks are not passed on. */
  get askForVerbs(): ((request: Passed) => Promise<Verbs['answer']>) | undefined {
    if (!this.#dial) return undefined;
    const { application, fallback } = this.#dial;
    return async (request) => {
      const began = performance.now();
      const { result, answer } = await askForVerbs(application, request, fallback);
      this.#metrics.forward.request('dial_action', result, (performance.now() - began) / 1000);
      return answer;
    };
  }

  /** Whether statuses are to be put into the queue as they are written down. */
  get takesStatuses(): boolean {
    return this.#statuses !== undefined;
  }

  /** Events that are still to be passed on; `undefined` where none are. */
  get backlog(): number | undefined {
    return this.#statuses?.backlog;
  }

  /** Passes on what was left of before a restart, and begins. */
  async start(): Promise<void> {
    await this.#statuses?.start();
  }

  /** To be told of each status that is in the queue. */
  queued(): void {
    this.#statuses?.added();
  }

  async close(): Promise<void> {
    await Promise.all([this.#dial?.application.close(), this.#statuses?.close()]);
  }

  #application(target: ForwardTarget, url: string, timeoutMs: number, connections: number): Application {
    const variable = target === 'dial_action' ? 'DIAL_ACTION_FORWARD_URL' : 'CALL_STATUS_FORWARD_URL';
    const condition = new Condition(
      this.#logger,
      `${variable} does not answer; it is left alone for a while, and tried again`,
      `${variable} answers again`,
      'warn',
    );
    const onCircuit = (isOpen: boolean) => {
      this.#metrics.forward.circuit(target, isOpen);
      if (isOpen) condition.met();
      else condition.over();
    };
    return new Application(url, { timeoutMs, connections, instance: this.#instance, onCircuit });
  }

  #statusEvents(): ConstructorParameters<typeof StatusQueue>[2] {
    let isGivingUp = false;
    const conditions = {
      read: new Condition(
        this.#logger,
        'the queue of events to pass on cannot be read: it is tried again',
        'the queue of events to pass on is read again',
      ),
      write: new Condition(
        this.#logger,
        'what was passed on cannot be written down: it is tried again, and may be passed on twice after a restart',
        'what was passed on is written down again',
      ),
    };
    return {
      onSent: (result, seconds) => {
        this.#metrics.forward.request('call_status', result, seconds);
        if (result === 'ok') isGivingUp = false;
      },
      onGivenUp: (reason, status) => {
        this.#metrics.forward.givenUp(reason);
        if (!isGivingUp) {
          this.#logger.warn(
            { reason, status },
            'CALL_STATUS_FORWARD_URL will not get some events: see docs/forwarding.md',
          );
        }
        isGivingUp = true;
      },
      onStore: (work, error) => {
        if (error === undefined) return conditions[work].over();
        this.#metrics.store.failed('forward');
        conditions[work].met(error);
      },
    };
  }
}
