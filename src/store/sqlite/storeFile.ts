import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreUnavailable } from '../storeUnavailable.ts';

/** The files of a store besides its own. SQLite creates them when it opens the file, and keeps them while it is open. */
const BESIDE = ['', '-wal', '-shm'];

/** What to do about a damaged file. */
export const REMEDY =
  'Stop the service, then restore the file from a backup, or move it away to start with an empty store';

/** The file of a store on disk, to notice when it is no longer the one that was opened. */
export class StoreFile {
  readonly #path: string;
  /** The files that were opened, by path. */
  readonly #opened = new Map<string, string>();

  /** Call it when the file is open. */
  constructor(path: string) {
    this.#path = path;
    for (const end of BESIDE) {
      const identity = identityOf(path + end);
      if (identity !== undefined) this.#opened.set(path + end, identity);
    }
  }

  /** Throws if the file was deleted, replaced or emptied, or must not be written. */
  verifyIdentity(): void {
    for (const [path, opened] of this.#opened) {
      const now = identityOf(path);
      if (now === opened) continue;
      const what = `${path} was ${now === undefined ? 'deleted' : 'replaced'} while sipwhy had it open`;
      const remedy =
        path === this.#path ? 'Put it or a backup back, or leave it away to begin an empty store, then' : 'To recover,';
      throw new StoreUnavailable('lost', `${what}. ${remedy} restart sipwhy`);
    }
    if (statSync(this.#path).size === 0) throw new StoreUnavailable('damaged', `${this.#path} was emptied. ${REMEDY}`);
    try {
      accessSync(this.#path, constants.W_OK);
    } catch (error) {
      throw new StoreUnavailable('read_only', `${this.#path} cannot be written: ${(error as Error).message}`, error);
    }
  }

  /**
   * Reads a row of each table. Throws if that fails. It opens the file anew, because an open connection reads from its
   * cache and would not notice that the file was overwritten.
   */
  verifyContent(): void {
    const connection = new DatabaseSync(this.#path, { readOnly: true, timeout: 0 });
    try {
      const tables = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
      for (const { name } of tables) connection.prepare(`SELECT 1 FROM "${name}" NOT INDEXED LIMIT 1`).get();
    } finally {
      connection.close();
    }
  }
}

/** A path that is longer, and leads to nothing, may be a secret in the wrong variable. */
const SHOWN_PATH = 15;

/** How a message names a path in DATABASE_URL: of one that leads to nothing, only the folders that exist. */
export function namedPath(path: string): string {
  if (path.length <= SHOWN_PATH || existsSync(path)) return path;
  let folder = dirname(resolve(path));
  while (!existsSync(folder)) folder = dirname(folder);
  return `the path in DATABASE_URL, of which ${folder} exists`;
}

/** Identifies the file at a path; `undefined` if there is none. */
export function identityOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}
