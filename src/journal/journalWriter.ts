import { type FileHandle, open, rm } from 'node:fs/promises';
import type { JournalPosition } from '../core/receive/webhook.ts';
import { frame } from './frame.ts';
import { type OpenedJournal, segmentPath } from './segments.ts';

/** A segment is closed once it has this many bytes. A closed segment is deleted when the store has it. */
const SEGMENT_BYTES = 8 * 1024 * 1024;
/** How long, in milliseconds, a segment with records is written to. So on a quiet system, too, it is deleted soon. */
export const SEGMENT_MS = 10_000;
/** How many records, and how many of their bytes, may wait: a disk that cannot keep up must not fill the memory. */
const MAX_WAITING = 10_000;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** How many records are written with one call. The operating system accepts 1,024 buffers. */
const GROUP_SIZE = 1_000;

interface Waiting {
  readonly bytes: Buffer;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Appends records to the journal. Records that arrive while the disk is busy are written and synced together, off the
 * event loop. A record is acknowledged once its group is on disk.
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
  /** Runs while the latest segment has records. */
  #ending: NodeJS.Timeout | undefined;
  /** Whether the latest segment has records, and is to be followed by an empty one. */
  #isOver = false;

  /**
   * Writes to new segments, after the existing ones. `onSynced` is called for each group that is on disk, and for each
   * segment that is over, with the new end of the journal and how long the write took.
   */
  constructor(directory: string, { end }: OpenedJournal, onSynced: (end: JournalPosition, seconds: number) => void) {
    this.#directory = directory;
    this.#onSynced = onSynced;
    this.#segment = end.segment;
    if (end.offset > 0) this.#endSoon();
  }

  /**
   * Resolves once the record is on disk, and rejects if it could not be written. Returns `undefined` if too much waits
   * already; the record is then not written.
   */
  append(payload: Uint8Array): Promise<void> | undefined {
    if (this.#waiting.length >= MAX_WAITING || this.#waitingBytes > MAX_WAITING_BYTES) return undefined;
    const bytes = frame(payload);
    this.#waitingBytes += bytes.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Resolves when all waiting records are written and the file is closed. */
  async close(): Promise<void> {
    if (this.#ending) this.#end();
    while (this.#writing) await this.#writing;
    clearTimeout(this.#ending);
    await this.#file?.close();
    this.#file = undefined;
  }

  #endSoon(): void {
    this.#ending ??= setTimeout(() => this.#end(), SEGMENT_MS).unref();
  }

  #end(): void {
    clearTimeout(this.#ending);
    this.#ending = undefined;
    this.#isOver = true;
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    // Webhooks of the same turn of the event loop share a group.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0 || this.#isOver) {
      const group = this.#waiting.splice(0, GROUP_SIZE);
      for (const { bytes } of group) this.#waitingBytes -= bytes.length;
      const began = performance.now();
      try {
        // Without records, this only begins the next segment.
        await this.#sync(group.map(({ bytes }) => bytes));
      } catch (error) {
        for (const { reject } of group) reject(error);
        // The segment is over as soon as the disk allows to begin the next one.
        if (group.length === 0) this.#endSoon();
        continue;
      } finally {
        this.#isOver = false;
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
      if (length === 0) return;
      let rest = buffers;
      while (at < length) {
        const { bytesWritten } = await file.writev(rest, this.#offset + at);
        at += bytesWritten;
        rest = at < length ? [Buffer.concat(buffers).subarray(at)] : [];
      }
      await file.datasync();
      this.#offset += length;
      this.#endSoon();
    } catch (error) {
      // Part of the group may be in the file. Cut it off, and write the next group to a new segment.
      await this.#abandon(file);
      throw error;
    }
  }

  async #open(): Promise<FileHandle> {
    if (this.#file && this.#offset < SEGMENT_BYTES && !this.#isOver) return this.#file;
    await this.#file?.close();
    this.#file = undefined;
    // The number counts as used even if opening fails, so no segment is opened twice.
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

  /** A new file survives a power failure only once its directory is synced too. */
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
    // Otherwise each group would leave an empty file while the disk is full.
    if (this.#offset === 0) await rm(segmentPath(this.#directory, this.#segment), { force: true }).catch(() => {});
  }
}
