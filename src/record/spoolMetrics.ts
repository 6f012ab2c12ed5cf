import { counter, type MetricRegistry, observed } from './instruments.ts';
import type { StoreMetrics } from './storeMetrics.ts';

/** What became of a spooled event: label values of `sipwhy_spool_drained_total`. */
const RESULTS = ['stored', 'repeated', 'known', 'set_aside'] as const;

interface SpoolState {
  readonly waiting: number;
  readonly refused: number;
  readonly oldestReceivedAt: number | undefined;
}

/** The spool before PostgreSQL. Without one its gauges are absent. */
export class SpoolMetrics {
  readonly #store: StoreMetrics;
  readonly #drained;
  #state: SpoolState | undefined;
  #read: (() => Promise<SpoolState>) | undefined;

  constructor(registry: MetricRegistry, store: StoreMetrics) {
    this.#store = store;
    this.#drained = counter(
      registry,
      'sipwhy_spool_drained_total',
      'Events that left the spool, by what became of them in PostgreSQL; known: it had the event already.',
      [{ result: RESULTS }],
    );
    observed(
      registry,
      'sipwhy_spool_events',
      'Events on this replica’s disk that PostgreSQL does not have yet; absent without PostgreSQL.',
      () => this.#state?.waiting,
    );
    observed(
      registry,
      'sipwhy_spool_set_aside_events',
      'Events that PostgreSQL refused for what is in them, still in the spool’s file; absent without PostgreSQL.',
      () => this.#state?.refused,
    );
    observed(
      registry,
      'sipwhy_spool_oldest_event_age_seconds',
      'How long the event has waited that waits the longest, 0 when none waits; absent without PostgreSQL.',
      () => this.#state && ageSeconds(this.#state, Date.now()),
    );
  }

  /** From now on there is a spool; `read` gives its state at a scrape. */
  begin(read: () => Promise<SpoolState>): void {
    this.#read = read;
  }

  /** Reads the state anew, for a scrape that follows. Where it cannot be read the gauges are absent. */
  async refresh(): Promise<void> {
    this.#state = await this.#read?.().catch(() => undefined);
  }

  committed(seconds: number): void {
    this.#store.observeCommit(seconds);
  }

  isUp(isUp: boolean): void {
    this.#store.setUp(isUp);
  }

  delivered(results: readonly (typeof RESULTS)[number][]): void {
    for (const result of results) this.#drained.inc({ result });
  }

  setAside(): void {
    this.#drained.inc({ result: 'set_aside' });
  }
}

function ageSeconds({ oldestReceivedAt }: SpoolState, now: number): number {
  return oldestReceivedAt === undefined ? 0 : Math.max(0, now - oldestReceivedAt) / 1000;
}
