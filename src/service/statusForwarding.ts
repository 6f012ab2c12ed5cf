import { join } from 'node:path';
import type { Logger } from 'pino';
import { isBefore, type JournalPosition, readRecord } from '../core/receive/webhook.ts';
import { sealingIn } from '../forward/sealing.ts';
import { CALLS_AT_ONCE, StatusQueue, type StatusQueueEvents } from '../forward/statusQueue.ts';
import { JournalReader } from '../journal/journalReader.ts';
import type { Clock } from '../loop/clockWatch.ts';
import { Condition } from '../loop/condition.ts';
import { every, type Loop } from '../loop/every.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Settings } from '../settings/settings.ts';
import { ForwardQueue } from '../store/sqlite/forwardQueue.ts';
import { watchCircuit } from './dialForwarding.ts';

/** How long, in milliseconds, the status hook may take. No caller waits for it. */
const TIMEOUT_MS = 10_000;
/** How many webhooks are read from the journal at once. */
const BATCH = 500;
const LOOK_EVERY_MS = 1_000;
/** How often, in milliseconds, what was forwarded is overwritten. */
const PURGE_EVERY_MS = 10_000;
const BACK_OFF = { firstMs: 200, longestMs: 3_000 };

interface StatusForwardingParts {
  readonly settings: Settings;
  readonly journal: { readonly directory: string; readonly end: JournalPosition };
  /** Names this process in the Via header. */
  readonly instance: string;
  readonly metrics: Pick<Metrics, 'forward' | 'store'>;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Forwards statuses to the operator's own status hook. It reads them from the journal, so it does not need the store. */
export class StatusForwarding {
  readonly #reader: JournalReader;
  readonly #file: ForwardQueue;
  readonly #queue: StatusQueue;
  readonly #feeding: Loop;
  #end: JournalPosition;
  /** In `performance.now()` milliseconds. */
  #purgedAt = performance.now();

  private constructor(
    file: ForwardQueue,
    queue: StatusQueue,
    { journal, metrics, logger }: Pick<StatusForwardingParts, 'journal' | 'metrics' | 'logger'>,
  ) {
    this.#reader = new JournalReader(journal.directory);
    this.#end = journal.end;
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

  /** Resolves to `undefined` if CALL_STATUS_FORWARD_URL is not set. Rejects if the queue's file cannot be used. */
  static async start(parts: StatusForwardingParts): Promise<StatusForwarding | undefined> {
    const { settings, journal, instance, metrics, logger, clock } = parts;
    const { callStatus } = settings.forward;
    if (!callStatus) return undefined;
    const file = await ForwardQueue.open(forwardsPath(journal.directory), sealingIn(journal.directory));
    const onCircuit = watchCircuit('call_status', metrics.forward, logger);
    const options = { timeoutMs: TIMEOUT_MS, connections: CALLS_AT_ONCE, instance, onCircuit };
    const { Application } = await import('../forward/application.ts');
    const application = new Application(callStatus.url, options);
    const queue = new StatusQueue(file, application, statusQueueEvents(metrics, logger), clock);
    await queue.start();
    return new StatusForwarding(file, queue, parts);
  }

  /** How many statuses wait to be forwarded. */
  get backlog(): number {
    return this.#queue.backlog;
  }

  /** The journal before this position is no longer needed. */
  get position(): JournalPosition {
    return this.#file.position;
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  /** Resolves once what is on disk up to `end` is in the queue. */
  async feed(end: JournalPosition = this.#end): Promise<void> {
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
    if (performance.now() - this.#purgedAt >= PURGE_EVERY_MS) {
      await this.#file.purge();
      this.#purgedAt = performance.now();
    }
    if (!isBefore(from, end)) return undefined;
    const webhooks = records.flatMap(({ payload }) => readRecord(payload) ?? []);
    const added = await this.#file.add(webhooks, end);
    for (let i = 0; i < added; i += 1) this.#queue.added();
    return 0;
  }
}

/** The path of the queue's file in the journal directory. */
export function forwardsPath(directory: string): string {
  return join(directory, 'forwards.db');
}

/** Counts the results of forwarding, and logs what prevents it. */
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
