import { join } from 'node:path';
import type { Logger } from 'pino';
import { isBefore, type LogPosition, readRecord } from '../core/receive/webhook.ts';
import { Application } from '../forward/application.ts';
import { CALLS_AT_ONCE, StatusQueue, type StatusQueueEvents } from '../forward/statusQueue.ts';
import { LogReader } from '../journal/journalReader.ts';
import { Condition } from '../loop/condition.ts';
import { every, type Loop } from '../loop/every.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Settings } from '../settings/settings.ts';
import { ForwardQueue } from '../store/sqlite/forwardQueue.ts';
import { watchCircuit } from './dialForwarding.ts';

/** How long, in milliseconds, the status hook may take; nobody waits for it. */
const TIMEOUT_MS = 10_000;
/** As many webhooks are read of the log at once. */
const BATCH = 500;
const LOOK_EVERY_MS = 1_000;
const BACK_OFF = { firstMs: 200, longestMs: 3_000 };

/** Passes statuses on to the operator's own status hook: from the log, whether or not the store has them yet. */
export class StatusForwarding {
  readonly #reader: LogReader;
  readonly #file: ForwardQueue;
  readonly #queue: StatusQueue;
  readonly #feeding: Loop;
  #end: LogPosition;

  private constructor(
    log: { readonly directory: string; readonly end: LogPosition },
    file: ForwardQueue,
    queue: StatusQueue,
    metrics: Pick<Metrics, 'store'>,
    logger: Logger,
  ) {
    this.#reader = new LogReader(log.directory);
    this.#end = log.end;
    this.#file = file;
    this.#queue = queue;
    this.#feeding = every(() => this.#feed(), {
      everyMs: LOOK_EVERY_MS,
      backOff: BACK_OFF,
      onError: () => metrics.store.failed('forward'),
      condition: new Condition(
        logger,
        'cannot queue call statuses for CALL_STATUS_FORWARD_URL: they wait in the journal',
        'call statuses are queued for CALL_STATUS_FORWARD_URL again',
      ),
    });
  }

  /** `undefined` where statuses are not passed on. `instance` names this process in the Via header. */
  static async start(
    { forward: { callStatus } }: Settings,
    log: { readonly directory: string; readonly end: LogPosition },
    instance: string,
    metrics: Pick<Metrics, 'forward' | 'store'>,
    logger: Logger,
    now: () => number,
  ): Promise<StatusForwarding | undefined> {
    if (!callStatus) return undefined;
    const file = await ForwardQueue.open(forwardsPath(log.directory));
    const onCircuit = watchCircuit('call_status', metrics.forward, logger);
    const options = { timeoutMs: TIMEOUT_MS, connections: CALLS_AT_ONCE, instance, onCircuit };
    const application = new Application(callStatus.url, options);
    const queue = new StatusQueue(file, application, statusQueueEvents(metrics, logger), now);
    await queue.start();
    return new StatusForwarding(log, file, queue, metrics, logger);
  }

  /** Statuses that are still to be passed on. */
  get backlog(): number {
    return this.#queue.backlog;
  }

  /** Up to where the log is not needed any more. */
  get position(): LogPosition {
    return this.#file.position;
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  /** Resolves once what is on disk up to `end` is in the queue. */
  async feed(end: LogPosition = this.#end): Promise<void> {
    if (isBefore(this.#end, end)) this.#end = end;
    if (!this.#feeding.isFailing) await this.#feeding.wake();
  }

  async close(): Promise<void> {
    await this.#feeding.stop();
    await this.#queue.close();
    await this.#file.close();
  }

  async #feed(): Promise<number | undefined> {
    const from = this.#reader.start(this.#file.position, this.#end);
    const { records, end } = this.#reader.read(from, this.#end, BATCH);
    if (!isBefore(from, end)) return undefined;
    const webhooks = records.flatMap(({ payload }) => readRecord(payload) ?? []);
    const added = await this.#file.add(webhooks, end);
    for (let i = 0; i < added; i += 1) this.#queue.added();
    return 0;
  }
}

/** Where the queue is kept, beside the log. */
export function forwardsPath(directory: string): string {
  return join(directory, 'forwards.db');
}

/** Counts what becomes of statuses, and logs what keeps them from being passed on. */
export function statusQueueEvents(metrics: Pick<Metrics, 'forward' | 'store'>, logger: Logger): StatusQueueEvents {
  let isGivingUp = false;
  const conditions = {
    read: new Condition(
      logger,
      'cannot read the queue of call statuses to forward; retrying',
      'the queue of call statuses to forward can be read again',
    ),
    write: new Condition(
      logger,
      'cannot record which call statuses were forwarded; retrying. After a restart some may be forwarded twice',
      'forwarded call statuses are recorded again',
    ),
  };
  return {
    onSent: (result, seconds) => {
      metrics.forward.request('call_status', result, seconds);
      if (result === 'ok') isGivingUp = false;
    },
    onGivenUp: (reason, status) => {
      metrics.forward.givenUp(reason);
      if (!isGivingUp) {
        logger.warn(
          { reason, status },
          'CALL_STATUS_FORWARD_URL will not receive some call statuses: see docs/forwarding.md',
        );
      }
      isGivingUp = true;
    },
    onStore: (work, error) => {
      if (error === undefined) return conditions[work].over();
      metrics.store.failed('forward');
      conditions[work].met(error);
    },
  };
}
