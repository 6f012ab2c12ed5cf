import type { SqliteDatabase } from './sqliteDatabase.ts';

/** As many writes as one transaction takes; more would block the event loop for too long. */
const GROUP_SIZE = 200;
/** As many writes wait at once, and as many bytes of theirs: a disk that cannot keep up must not fill the memory. */
const WAITING_AT_MOST = 10_000;
const WAITING_BYTES_AT_MOST = 64 * 1024 * 1024;

interface Waiting<T, R> {
  readonly thing: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes that come while the event loop is busy share one transaction, since each costs a flush of the disk. */
export class GroupCommit<T extends { readonly body: Uint8Array }, R> {
  readonly #database: SqliteDatabase;
  readonly #write: (thing: T) => R;
  readonly #onCommit: (seconds: number) => void;
  #queue: Waiting<T, R>[] = [];
  #queuedBytes = 0;

  /** `write` is called within a transaction; `onCommit` is told how long each took. */
  constructor(database: SqliteDatabase, write: (thing: T) => R, onCommit: (seconds: number) => void) {
    this.#database = database;
    this.#write = write;
    this.#onCommit = onCommit;
  }

  /**
   * Resolves to what `write` returned once that is on disk; rejects where it could not be written. `undefined` where so
   * much waits already that this is not taken.
   */
  add(thing: T): Promise<R> | undefined {
    if (this.#queue.length >= WAITING_AT_MOST || this.#queuedBytes > WAITING_BYTES_AT_MOST) return undefined;
    this.#queuedBytes += thing.body.byteLength;
    return new Promise((resolve, reject) => {
      this.#queue.push({ thing, resolve, reject });
      if (this.#queue.length === 1) setImmediate(() => this.#commit());
    });
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    while (this.#queue.length > 0) await new Promise(setImmediate);
  }

  #commit(): void {
    // A transaction of the port should have ended within its turn of the event loop; if not, it is waited for.
    if (this.#database.isInTransaction) return void setImmediate(() => this.#commit());
    const group = this.#queue.splice(0, GROUP_SIZE);
    for (const { thing } of group) this.#queuedBytes -= thing.body.byteLength;
    if (this.#queue.length > 0) setImmediate(() => this.#commit());
    const began = performance.now();
    let results: R[];
    try {
      results = this.#database.transactionAtOnce(() => group.map(({ thing }) => this.#write(thing)));
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    this.#onCommit((performance.now() - began) / 1000);
    // The cast is the list above: there is a result for each.
    for (const [i, { resolve }] of group.entries()) resolve(results[i] as R);
  }
}
