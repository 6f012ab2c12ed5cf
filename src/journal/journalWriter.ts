import { type FileHandle, open, rm } from 'node:fs/promises';
import type { JournalPosition } from '../core/receive/webhook.ts';
import { frame } from './frame.ts';
import { type OpenedJournal, segmentPath } from './segments.ts';

/** A segment is closed once it has so many bytes: the store has a closed one soon, and then it is deleted. */
const SEGMENT_BYTES = 8 * 1024 * 1024;
/** So many records, or bytes of theirs, wait at once: a disk that cannot keep up must not fill the memory. */
const WAITING_AT_MOST = 10_000;
const WAITING_BYTES_AT_MOST = 64 * 1024 * 1024;
/** As many records are written with one call; the operating system takes 1,024. */
const GROUP_SIZE = 1_000;

interface Waiting {
  readonly bytes: Buffer;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * The end of an append-only log. Records that come while the disk is busy are written and synced together, off the
 * event loop; a record is acknowledged once its group is on disk.
 */
export class JournalWriter {
  readonly #directory: string;
  readonly #onSynced: (end: JournalPosition, seconds: number) => void;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #segment: number;
  #offset = 0;
  #file: FileHandle | undefined;
  #writing: Promise<void> | undefined;

  /**
   * Writes into segments after those that there are. `onSynced` is told of each group that is on disk: where the log
   * ends now, and how long that took.
   */
  constructor(directory: string, { end }: OpenedJournal, onSynced: (end: JournalPosition, seconds: number) => void) {
    this.#directory = directory;
    this.#onSynced = onSynced;
    this.#segment = end.segment;
  }

  /**
   * Resolves once the record is on disk; rejects where it could not be written. `undefined` where so much waits already
   * that it is not taken.
   */
  append(payload: Uint8Array): Promise<void> | undefined {
    if (this.#waiting.length >= WAITING_AT_MOST || this.#waitingBytes > WAITING_BYTES_AT_MOST) return undefined;
    const bytes = frame(payload);
    this.#waitingBytes += bytes.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Resolves when nothing waits any more and the file is closed. */
  async close(): Promise<void> {
    while (this.#writing) await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #write(): Promise<void> {
    // Webhooks of the same turn of the event loop share a group.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, GROUP_SIZE);
      for (const { bytes } of group) this.#waitingBytes -= bytes.length;
      const began = performance.now();
      try {
        await this.#sync(group.map(({ bytes }) => bytes));
      } catch (error) {
        for (const { reject } of group) reject(error);
        continue;
      }
      this.#onSynced({ segment: this.#segment, offset: this.#offset }, (performance.now() - began) / 1000);
      for (const { resolve } of group) resolve();
    }
    this.#writing = undefined;
  }

  async #sync(buffers: Buffer[]): Promise<void> {
    const file = await this.#open();
    try {
      let at = 0;
      const length = buffers.reduce((sum, { length: bytes }) => sum + bytes, 0);
      let rest = buffers;
      while (at < length) {
        const { bytesWritten } = await file.writev(rest, this.#offset + at);
        at += bytesWritten;
        rest = at < length ? [Buffer.concat(buffers).subarray(at)] : [];
      }
      await file.datasync();
      this.#offset += length;
    } catch (error) {
      // What was written of the group is no record: the next one goes into a new segment, and this one ends here.
      await this.#abandon(file);
      throw error;
    }
  }

  async #open(): Promise<FileHandle> {
    if (this.#file && this.#offset < SEGMENT_BYTES) return this.#file;
    await this.#file?.close();
    this.#file = undefined;
    // Also where the file cannot be made whole: its number is not used again.
    this.#segment += 1;
    this.#offset = 0;
    const file = await open(segmentPath(this.#directory, this.#segment), 'wx');
    try {
      await this.#syncDirectory();
    } catch (error) {
      await file.close();
      throw error;
    }
    this.#file = file;
    return file;
  }

  /** A new segment is only there for good once its directory is on disk as well. */
  async #syncDirectory(): Promise<void> {
    const directory = await open(this.#directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  async #abandon(file: FileHandle): Promise<void> {
    this.#file = undefined;
    await file.truncate(this.#offset).catch(() => {});
    await file.close().catch(() => {});
    // While a disk is full, each group would leave a file.
    if (this.#offset === 0) await rm(segmentPath(this.#directory, this.#segment), { force: true }).catch(() => {});
  }
}
