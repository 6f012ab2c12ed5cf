import { counter, gauge, histogram, type MetricRegistry, observed } from './instruments.ts';

/** What was to be done when the store failed: a label value of `sipwhy_store_failures_total`. */
const STORE_TASKS = ['webhook', 'call', 'verdict', 'history', 'forward', 'incident', 'retention'] as const;
export type StoreTask = (typeof STORE_TASKS)[number];

/** The journal and the store behind it. */
export class StoreMetrics {
  readonly #commit;
  readonly #failures;
  readonly #up;
  readonly #deleted;
  #bytes: number | undefined;

  constructor(registry: MetricRegistry) {
    this.#commit = histogram(
      registry,
      'sipwhy_journal_commit_seconds',
      'Duration of a group commit of the journal.',
      [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
    );
    this.#failures = counter(
      registry,
      'sipwhy_store_failures_total',
      'Failures of the store: while writing down a webhook, reading a call again, saving verdicts, keeping the versions of LiveKit’s configuration, passing events on, following incidents, or deleting what is old.',
      [{ task: STORE_TASKS }],
    );
    this.#up = gauge(registry, 'sipwhy_store_up', 'Whether the store did what was last asked of it.');
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

  committed(seconds: number): void {
    this.observeCommit(seconds);
    this.setUp(true);
  }

  /** Of a commit that says nothing of the store: the spool's, before it. */
  observeCommit(seconds: number): void {
    this.#commit.observe(seconds);
  }

  setUp(isUp: boolean): void {
    this.#up.set(Number(isUp));
  }

  failed(task: StoreTask): void {
    this.#failures.inc({ task });
    this.setUp(false);
  }
}
