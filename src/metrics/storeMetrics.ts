import { monitorEventLoopDelay } from 'node:perf_hooks';
import { counter, gauge, type MetricRegistry, observed, observedTotal } from './instruments.ts';

/** What was to be done when the store failed: a label value of `sipwhy_store_failures_total`. */
const STORE_TASKS = ['webhook', 'call', 'verdict', 'history', 'forward', 'incident', 'retention'] as const;
export type StoreTask = (typeof STORE_TASKS)[number];

/** The store behind the journal. */
export class StoreMetrics {
  readonly #failures;
  readonly #up;
  /** Of the two that must work: the journal, which takes webhooks, and the store behind it. */
  readonly #isUp = { journal: true, store: true };
  readonly #deleted;
  #bytes: number | undefined;

  constructor(registry: MetricRegistry) {
    this.#failures = counter(
      registry,
      'sipwhy_store_failures_total',
      'Failures of the store: while writing down a webhook, reading a call again, saving verdicts, keeping the versions of LiveKit’s configuration, passing events on, following incidents, or deleting what is old.',
      [{ task: STORE_TASKS }],
    );
    this.#up = gauge(registry, 'sipwhy_store_up', 'Whether the journal and the store can be written: 1 or 0.');
    this.#up.set(1);
    this.#deleted = counter(
      registry,
      'sipwhy_retention_deleted_calls_total',
      'Calls that were deleted because of their age or of the size of the store, by how they ended.',
      [{ outcome: ['connected', 'failed', 'not_counted'] }],
    );
    observed(
      registry,
      'sipwhy_store_size_bytes',
      'What is kept takes up so many bytes; room that is free again is not counted.',
      () => this.#bytes,
    );
  }

  measured(bytes: number): void {
    this.#bytes = bytes;
  }

  deleted(calls: Readonly<Record<'connected' | 'failed' | 'not_counted', number>>): void {
    for (const [outcome, count] of Object.entries(calls)) this.#deleted.inc({ outcome }, count);
  }

  setUp(part: 'journal' | 'store', isUp: boolean): void {
    this.#isUp[part] = isUp;
    this.#up.set(Number(this.#isUp.journal && this.#isUp.store));
  }

  failed(task: StoreTask): void {
    this.#failures.inc({ task });
    this.setUp(task === 'webhook' ? 'journal' : 'store', false);
  }
}

/** How finely, in milliseconds, the delay of the event loop is measured. */
const RESOLUTION_MS = 10;

/** The process itself. Standard metrics of Prometheus' client libraries, under this service's prefix. */
export function observeProcess(registry: MetricRegistry): void {
  const startedAt = Date.now() / 1000 - process.uptime();
  gauge(registry, 'sipwhy_process_start_time_seconds', 'When the process started, in Unix seconds.').set(startedAt);
  observed(registry, 'sipwhy_process_resident_memory_bytes', 'Memory that the process occupies.', () =>
    process.memoryUsage.rss(),
  );
  observedTotal(registry, 'sipwhy_process_cpu_seconds_total', 'Time on the CPU, user and system.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  observed(
    registry,
    'sipwhy_event_loop_delay_seconds',
    'How late work was begun since the last scrape: the longest time that the event loop was held up.',
    () => {
      // The measurement waits for its own timer, too.
      const seconds = Math.max(0, delay.max / 1e9 - RESOLUTION_MS / 1000);
      delay.reset();
      return seconds;
    },
  );
}
