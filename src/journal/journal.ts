import { encodeWebhook, type JournalPosition, type TakeResult, type Webhook } from '../core/receive/webhook.ts';
import { JournalWriter } from './journalWriter.ts';
import type { OpenedJournal } from './segments.ts';

/** As many deliveries are remembered, so that a repeat is known before the store knows it. */
const REMEMBERED = 50_000;

/** The door's end of the log: what it took is on disk before it is acknowledged, and a repeat is taken once. */
export class Journal {
  readonly #writer: JournalWriter;
  /** The latest deliveries by fingerprint: when they arrived, in epoch milliseconds, and when they were on disk. */
  readonly #recent = new Map<string, { readonly at: number; readonly written: Promise<void> }>();

  /** `recent` are webhooks that were taken before, the oldest first. */
  constructor(
    directory: string,
    opened: OpenedJournal,
    recent: readonly Webhook[],
    onSynced: (end: JournalPosition, seconds: number) => void,
  ) {
    this.#writer = new JournalWriter(directory, opened, onSynced);
    for (const { digest, moment } of recent) this.#remember(digest, moment.receivedAt, Promise.resolve());
  }

  /** Resolves once the webhook is on disk; rejects where it could not be written. */
  async take(webhook: Webhook): Promise<TakeResult> {
    const { digest, repeatWithinMs, moment } = webhook;
    const before = this.#recent.get(digest);
    if (before && moment.receivedAt - before.at <= repeatWithinMs) {
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
