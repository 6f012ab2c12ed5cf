import type { Journal } from '../journal/journal.ts';
import type { Condition } from '../loop/condition.ts';
import { every } from '../loop/every.ts';
import type { StoreMetrics } from '../metrics/storeMetrics.ts';

/** How often, in milliseconds, the journal's files are looked at. */
const LOOK_EVERY_MS = 1_000;

interface WatchParts {
  readonly journal: Journal;
  readonly metrics: StoreMetrics;
  /** That webhooks cannot be written. */
  readonly condition: Condition;
}

export interface JournalWatch {
  /** Whether the journal was deleted or replaced. Webhooks are refused then. */
  readonly isLost: boolean;
  stop(): Promise<void>;
}

/** Notices that the journal was deleted or replaced, even if no webhook arrives. */
export function watchJournal({ journal, metrics, condition }: WatchParts): JournalWatch {
  let isLost = false;
  const loop = every(
    async () => {
      await journal.verify();
      // A full disk is another matter, and ends with the next webhook that is written.
      if (!isLost) return;
      isLost = false;
      metrics.setUp('journal', true);
      condition.over();
    },
    {
      everyMs: LOOK_EVERY_MS,
      onError(error) {
        isLost = true;
        metrics.setUp('journal', false);
        condition.met(error);
      },
    },
  );
  return {
    get isLost() {
      return isLost;
    },
    stop: () => loop.stop(),
  };
}
