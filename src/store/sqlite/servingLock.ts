import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { identityOf, namedPath } from './storeFile.ts';

/** How long, in milliseconds, to wait for a process that is about to stop. */
const WAIT_MS = 2_000;

/**
 * Keeps a second process from serving with the same store or journal: each would judge calls only by the webhooks that
 * reached it. The operating system holds the lock, on a file beside the store, so the lock ends with the process.
 * Commands that only read need no lock. The constructor throws, with the remedy, if another process holds it.
 */
export class ServingLock {
  readonly #path: string;
  readonly #what: string;
  readonly #remedy: string;
  #file: DatabaseSync;
  /** The lock's file, whatever is at its path. */
  #identity: string | undefined;

  /** `what` names the thing that is locked, and `remedy` says what to do if another process serves with it. */
  private constructor(path: string, what: string, remedy: string) {
    this.#path = path;
    this.#what = what;
    this.#remedy = remedy;
    this.#file = this.#open();
    this.#lock(this.#file);
    this.#identity = identityOf(path);
  }

  /**
   * Locks anew if the file was deleted or replaced, because another process could then lock the new one. Returns whether
   * it did. Throws if another process was first.
   */
  renew(): boolean {
    if (identityOf(this.#path) === this.#identity) return false;
    let file: DatabaseSync;
    try {
      file = new DatabaseSync(this.#path, { timeout: 0 });
    } catch {
      // Its folder is gone, which the store or the journal notices. It may come back with the file.
      return false;
    }
    this.#lock(file);
    this.#file.close();
    this.#file = file;
    this.#identity = identityOf(this.#path);
    return true;
  }

  #open(): DatabaseSync {
    try {
      return new DatabaseSync(this.#path, { timeout: WAIT_MS });
    } catch (error) {
      throw new Error(
        `${namedPath(this.#path)}: cannot be opened for writing (${(error as Error).message}). Its folder must exist, and this user must be allowed to write in it`,
        { cause: error },
      );
    }
  }

  #lock(file: DatabaseSync): void {
    try {
      file.exec('BEGIN EXCLUSIVE');
    } catch {
      file.close();
      throw new Error(`another process already uses ${this.#what}: ${this.#remedy}`);
    }
  }

  static onStore(path: string): ServingLock {
    // No other process can open a store in memory, which has no file.
    if (path === ':memory:') return new ServingLock(path, 'the store in memory', '');
    const realPath = withoutLinks(path);
    const found = statSync(realPath, { throwIfNoEntry: false });
    if (found?.isFile() && found.nlink > 1) {
      throw new Error(
        `the store ${path} has ${found.nlink} names (hard links), and SQLite damages a file that is used by two of them: remove the others, or copy the file`,
      );
    }
    return new ServingLock(
      `${realPath}-serving`,
      `the store ${path}`,
      'stop it, give this process its own DATABASE_URL, or run several processes on PostgreSQL',
    );
  }

  /** The directory must exist. */
  static onJournal(directory: string): ServingLock {
    const remedy = 'stop it, or give this process its own JOURNAL_DIR';
    return new ServingLock(join(directory, 'journal-serving'), `the journal ${directory}`, remedy);
  }

  release(): void {
    this.#file.close();
  }
}

/** The path of a file without symbolic links. The file need not exist. */
function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    try {
      return join(realpathSync(dirname(path)), basename(path));
    } catch {
      return path;
    }
  }
}
