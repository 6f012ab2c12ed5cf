import { constants, statSync } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
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
/** How many records are written with one call. */
const GROUP_SIZE = 1_000;
/**
 * A new file whose writes return once their bytes are on disk, as if `fdatasync` followed each: one trip to the thread
 * that writes, where two would each wait for a turn of a busy event loop.
 */
const NEW_AND_SYNCED = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_DSYNC;

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
  #identity: Identity = '';
  /** Whether the file is no longer at its path, so that the next group goes to a new segment. */
  #isGone = false;
  /** The directory that was opened. */
  readonly #opened: Promise<Identity>;
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
    this.#opened = stat(directory).then(identityOf);
    // It is awaited where it matters.
    this.#opened.catch(() => {});
    if (end.offset > 0) this.#endSoon();
  }

  /**
   * Rejects if the directory or the current segment was deleted or replaced: what is written to it would be lost with
   * the process. After the loss of a segment the next group goes to a new one, so it rejects once.
   */
  async verify(): Promise<void> {
    await this.#verifyDirectory();
    const file = this.#file;
    if (!file || this.#isGone) return;
    const path = segmentPath(this.#directory, this.#segment);
    const isThere = (await identityAt(path)) === this.#identity;
    // It may have been closed meanwhile, because it was full.
    if (isThere || file !== this.#file) return;
    this.#isGone = true;
    throw new Error(lostSegment(path));
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
      if (buffers.length === 0) return;
      const bytes = Buffer.concat(buffers);
      const { length } = bytes;
      for (let at = 0; at < length; ) at += (await file.write(bytes, at, length - at, this.#offset + at)).bytesWritten;
      const path = segmentPath(this.#directory, this.#segment);
      // At once: the file system has just answered, and all senders of the group are waiting.
      const there = statSync(path, { throwIfNoEntry: false });
      if (!there || identityOf(there) !== this.#identity) {
        await this.#verifyDirectory();
        throw new Error(lostSegment(path));
      }
      this.#offset += length;
      this.#endSoon();
    } catch (error) {
      // Part of the group may be in the file. Cut it off, and write the next group to a new segment.
      await this.#abandon(file);
      throw error;
    }
  }

  async #open(): Promise<FileHandle> {
    if (this.#file && this.#offset < SEGMENT_BYTES && !this.#isOver && !this.#isGone) return this.#file;
    await this.#file?.close();
    this.#file = undefined;
    this.#isGone = false;
    await this.#verifyDirectory();
    // The number counts as used even if opening fails, so no segment is opened twice.
    this.#segment += 1;
    this.#offset = 0;
    const file = await open(segmentPath(this.#directory, this.#segment), NEW_AND_SYNCED);
    try {
      this.#identity = identityOf(await file.stat());
      await this.#syncDirectory();
    } catch (error) {
      await file.close();
      throw error;
    }
    this.#file = file;
    return file;
  }

  async #verifyDirectory(): Promise<void> {
    const now = await identityAt(this.#directory);
    if (now === (await this.#opened)) return;
    throw new Error(`${lost(this.#directory)}. Put it back, or restart sipwhy to begin a new journal`);
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
    const path = segmentPath(this.#directory, this.#segment);
    const isOurs = (await identityAt(path)) === this.#identity;
    await file.close().catch(() => {});
    // Otherwise each group would leave an empty file while the disk is full.
    if (this.#offset === 0 && isOurs) await rm(path, { force: true }).catch(() => {});
  }
}

/** A file or directory, whatever its path is. */
type Identity = string;

function identityOf({ dev, ino }: { readonly dev: number; readonly ino: number }): Identity {
  return `${dev}:${ino}`;
}

/** What is at a path; `undefined` if nothing is. */
async function identityAt(path: string): Promise<Identity | undefined> {
  return stat(path).then(identityOf, () => undefined);
}

function lost(path: string): string {
  return `${path} was deleted or replaced while sipwhy had it open`;
}

function lostSegment(path: string): string {
  return `${lost(path)}. Webhooks in it that the store did not have yet are lost`;
}
