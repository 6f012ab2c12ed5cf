import { encodeWebhook, type JournalPosition, type TakeResult, type Webhook } from '../core/receive/webhook.ts';
import { JournalWriter } from './journalWriter.ts';
import type { OpenedJournal } from './segments.ts';

/** How many deliveries are remembered, to recognise a repeat before the store does. */
const REMEMBERED = 50_000;

/** A delivery from before this start. `receivedAt` in epoch milliseconds. */
interface EarlierDelivery {
  readonly digest: string;
  readonly receivedAt: number;
}

/** Writes webhooks to the journal before they are acknowledged. A repeat is written once. */
export class Journal {
  readonly #writer: JournalWriter;
  /** The latest deliveries by fingerprint. `at` is the arrival in epoch milliseconds; `written` resolves once it is on disk. */
  readonly #recent = new Map<string, { readonly at: number; readonly written: Promise<void> }>();

  /** `recent` are deliveries from before this start, the oldest first. */
  constructor(
    directory: string,
    opened: OpenedJournal,
    recent: readonly EarlierDelivery[],
    onSynced: (end: JournalPosition, seconds: number) => void,
  ) {
    this.#writer = new JournalWriter(directory, opened, onSynced);
    for (const { digest, receivedAt } of recent) this.#remember(digest, receivedAt, Promise.resolve());
  }

  /** Resolves once the webhook is on disk, or to `store_busy` at once. Rejects if it could not be written. */
  async take(webhook: Webhook): Promise<TakeResult> {
    const { digest, repeatWithinMs, moment } = webhook;
    const before = this.#recent.get(digest);
    // Both directions: the clock may have been set back.
    if (before && Math.abs(moment.receivedAt - before.at) <= repeatWithinMs) {
      await before.written;
      return 'repeated';
    }
    const written = this.#writer.append(encodeWebhook(webhook));
    if (!written) return 'store_busy';
    this.#remember(digest, moment.receivedAt, written);
    try {
      await written;
    } catch (error) {
      this.#recent.delete(digest);
      throw error;
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

  #remember(digest: string, at: number, written: Promise<void>): void {
    this.#recent.delete(digest);
    this.#recent.set(digest, { at, written });
    if (this.#recent.size <= REMEMBERED) return;
    const [oldest] = this.#recent.keys();
    if (oldest !== undefined) this.#recent.delete(oldest);
  }
}
