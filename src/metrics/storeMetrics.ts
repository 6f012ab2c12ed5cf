import { monitorEventLoopDelay } from 'node:perf_hooks';
import { counter, gauge, type MetricRegistry, observed, observedTotal } from './instruments.ts';

/** The operation that failed: a label value of `sipwhy_store_failures_total`. */
const STORE_TASKS = [
  'webhook',
  'call',
  'verdict',
  'history',
  'forward',
  'incident',
  'prediction',
  'retention',
] as const;
type StoreTask = (typeof STORE_TASKS)[number];

/** The journal and the store behind it. */
export class StoreMetrics {
  readonly #failures;
  readonly #up;
  /** Both must work: the journal, which takes webhooks, and the store behind it. */
  readonly #isUp = { journal: true, store: true };
  readonly #deleted;
  #bytes: number | undefined;

  constructor(registry: MetricRegistry) {
    this.#failures = counter(
      registry,
      'sipwhy_store_failures_total',
      'Failed store operations, by task: writing a webhook, loading a call, saving verdicts, saving versions of LiveKit’s configuration (history), forwarding events, updating incidents, or deleting old calls (retention).',
      [{ task: STORE_TASKS }],
    );
    this.#up = gauge(
      registry,
      'sipwhy_store_up',
      'Whether the last operations of both the journal and the store succeeded (1) or not (0). Also 0 if their files were deleted, replaced, locked or damaged.',
    );
    this.#up.set(1);
    this.#deleted = counter(
      registry,
      'sipwhy_retention_deleted_calls_total',
      'Calls deleted because of their age or the size of the store, by outcome.',
      [{ outcome: ['connected', 'failed', 'not_counted'] }],
    );
    observed(
      registry,
      'sipwhy_store_size_bytes',
      'Size of the stored data. Free space inside the database is not counted.',
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

/** Sampling interval of the event loop delay, in milliseconds. */
const RESOLUTION_MS = 10;

/** Registers the standard process metrics of Prometheus' client libraries, under this service's prefix. */
export function observeProcess(registry: MetricRegistry): void {
  const startedAt = Date.now() / 1000 - process.uptime();
  gauge(registry, 'sipwhy_process_start_time_seconds', 'Start time of the process, in Unix seconds.').set(startedAt);
  observed(registry, 'sipwhy_process_resident_memory_bytes', 'Resident memory size of the process.', () =>
    process.memoryUsage.rss(),
  );
  observedTotal(registry, 'sipwhy_process_cpu_seconds_total', 'User and system CPU time of the process.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  observed(
    registry,
    'sipwhy_event_loop_delay_seconds',
    'Longest delay of the event loop since the last scrape.',
    () => {
      // The measurement includes the wait for its own timer.
      const seconds = Math.max(0, delay.max / 1e9 - RESOLUTION_MS / 1000);
      delay.reset();
      return seconds;
    },
  );
}
