import { counter, histogram, type MetricRegistry, observed } from './instruments.ts';

/** Results of a webhook that was read from the journal: label values of `sipwhy_journal_fed_total`. */
const RESULTS = ['stored', 'left_out', 'repeated', 'known', 'set_aside'] as const;

/** Webhooks in the journal that are not in the store yet. */
export interface Backlog {
  readonly bytes: number;
  /** When the oldest waiting webhook arrived, in epoch milliseconds; `undefined` if none is waiting. */
  readonly oldestReceivedAt: number | undefined;
  /** Webhooks that the store refused because of their content, kept in a file beside the journal. */
  readonly setAside: number;
}

/** The journal on this machine's disk, and how its webhooks reach the store. */
export class JournalMetrics {
  readonly #synced;
  readonly #fed;
  readonly #damaged;

  /** `backlog` is called at each scrape. */
  constructor(registry: MetricRegistry, backlog: () => Backlog) {
    this.#synced = histogram(
      registry,
      'sipwhy_journal_commit_seconds',
      'Time to write and sync a group of webhooks to the journal.',
      [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1],
    );
    this.#fed = counter(
      registry,
      'sipwhy_journal_fed_total',
      'Webhooks read from the journal, by result. known: it was already in the store. left_out: stored, but not read, because its call has too many webhooks.',
      [{ result: RESULTS }],
    );
    this.#damaged = counter(
      registry,
      'sipwhy_journal_damaged_bytes_total',
      'Bytes of the journal that could not be read, or were deleted before the store had them.',
    );
    observed(
      registry,
      'sipwhy_journal_backlog_bytes',
      'Size of the webhooks in the journal that are not in the store yet.',
      () => backlog().bytes,
    );
    observed(
      registry,
      'sipwhy_journal_oldest_event_age_seconds',
      'Age of the oldest webhook that is not in the store yet. 0 if there is none.',
      () => ageSeconds(backlog(), Date.now()),
    );
    observed(
      registry,
      'sipwhy_journal_set_aside_events',
      'Webhooks that the store refused because of their content. They are kept in the set-aside file of the journal.',
      () => backlog().setAside,
    );
  }

  synced(seconds: number): void {
    this.#synced.observe(seconds);
  }

  /** `leftOut` of the stored ones are not read. */
  fed(results: readonly (typeof RESULTS)[number][], leftOut: number): void {
    for (const [result, given] of Map.groupBy(results, (one) => one)) {
      this.#fed.inc({ result }, result === 'stored' ? given.length - leftOut : given.length);
    }
    this.#fed.inc({ result: 'left_out' }, leftOut);
  }

  setAside(): void {
    this.#fed.inc({ result: 'set_aside' });
  }

  damaged(bytes: number): void {
    this.#damaged.inc(bytes);
  }
}

function ageSeconds({ oldestReceivedAt }: Backlog, now: number): number {
  return oldestReceivedAt === undefined ? 0 : Math.max(0, now - oldestReceivedAt) / 1000;
}
