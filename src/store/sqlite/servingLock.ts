import { DatabaseSync } from 'node:sqlite';

/** How long, in milliseconds, a process that is just stopping is waited for. */
const WAIT_MS = 2_000;

/**
 * Keeps a second process from serving with the same store: each would judge calls by the webhooks that reached itself.
 * The lock is the operating system's, on a file beside the store, so that it goes with the process however that ends.
 * Commands that only read need none. Throws where another process holds it.
 */
export class ServingLock {
  readonly #file: DatabaseSync;

  constructor(storePath: string) {
    // A store in memory is nobody else's.
    const path = storePath === ':memory:' ? storePath : `${storePath}-serving`;
    try {
      this.#file = new DatabaseSync(path, { timeout: WAIT_MS });
    } catch (error) {
      throw new Error(
        `${path}: cannot be opened and written (${(error as Error).message}). Its folder must be there, and this user must be allowed to write in it`,
        { cause: error },
      );
    }
    try {
      this.#file.exec('BEGIN EXCLUSIVE');
    } catch {
      this.#file.close();
      throw new Error(
        `another process serves with the store ${storePath}: stop it, give this one a DATABASE_URL of its own, or run several on PostgreSQL`,
      );
    }
  }

  release(): void {
    this.#file.close();
  }
}
