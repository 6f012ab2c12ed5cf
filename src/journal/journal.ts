import { encodeWebhook, type JournalPosition, type TakeResult, type Webhook } from '../core/receive/webhook.ts';
import { JournalWriter } from './journalWriter.ts';
import { RecentDeliveries } from './recentDeliveries.ts';
import type { OpenedJournal } from './segments.ts';

/** A delivery from before this start. `receivedAt` in epoch milliseconds. */
interface EarlierDelivery {
  readonly digest: string;
  readonly receivedAt: number;
}

/** Writes webhooks to the journal before they are acknowledged. A repeat is written once. */
export class Journal {
  readonly #writer: JournalWriter;
  /** To recognise a repeat before the store does. */
  readonly #recent = new RecentDeliveries();
  /** Those that are not on disk yet. */
  readonly #unwritten = new Map<string, Promise<void>>();

  /** `recent` are deliveries from before this start, the oldest first. */
  constructor(
    directory: string,
    opened: OpenedJournal,
    recent: readonly EarlierDelivery[],
    onSynced: (end: JournalPosition, seconds: number) => void,
  ) {
    this.#writer = new JournalWriter(directory, opened, onSynced);
    for (const { digest, receivedAt } of recent) this.#recent.set(digest, receivedAt);
  }

  /** Resolves once the webhook is on disk, or to `store_busy` at once. Rejects if it could not be written. */
  async take(webhook: Webhook): Promise<TakeResult> {
    const { digest, repeatWithinMs, moment } = webhook;
    const before = this.#recent.get(digest);
    // Both directions: the clock may have been set back.
    if (before !== undefined && Math.abs(moment.receivedAt - before) <= repeatWithinMs) {
      await this.#unwritten.get(digest);
      return 'repeated';
    }
    const written = this.#writer.append(encodeWebhook(webhook));
    if (!written) return 'store_busy';
    this.#recent.set(digest, moment.receivedAt);
    this.#unwritten.set(digest, written);
    try {
      await written;
    } catch (error) {
      this.#recent.delete(digest);
      throw error;
    } finally {
      // A delivery that is no repeat may have followed.
      if (this.#unwritten.get(digest) === written) this.#unwritten.delete(digest);
    }
    return 'accepted';
  }

  /** Rejects if the files of the journal are no longer those that were opened. */
  verify(): Promise<void> {
    return this.#writer.verify();
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}
