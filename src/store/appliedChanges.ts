import type { AppliedChange } from '../core/edits/appliedChange.ts';
import type { Edit } from '../core/edits/edits.ts';
import type { Change } from '../core/fixes/fix.ts';
import type { Database } from './database.ts';
import { APPLIED_CHANGES, insertRows, type RowOf } from './tables.ts';

type Row = RowOf<typeof APPLIED_CHANGES>;

const COLUMNS = Object.keys(APPLIED_CHANGES.columns).join(', ');

/** The changes that commands made in LiveKit's configuration. They have no secrets. */
export class AppliedChanges {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add({ id, at, by, why, subject, cause, changes, edits }: AppliedChange): Promise<void> {
    const row: Row = {
      id,
      applied_at: at,
      made_by: by,
      why: why ?? null,
      subject,
      cause,
      changes: JSON.stringify(changes),
      edits: JSON.stringify(edits),
      undone_at: null,
      undone_by: null,
    };
    await insertRows(this.#database, APPLIED_CHANGES, [row]);
  }

  /** Stores what a change really did, as LiveKit's answers show it. */
  async setEdits(id: string, edits: readonly Edit[]): Promise<void> {
    await this.#database.run('UPDATE applied_changes SET edits = $2 WHERE id = $1', [id, JSON.stringify(edits)]);
  }

  /** Removes the record of a change that was not made. */
  async drop(id: string): Promise<void> {
    await this.#database.run('DELETE FROM applied_changes WHERE id = $1', [id]);
  }

  async setUndone(id: string, at: number, by: string): Promise<void> {
    await this.#database.run('UPDATE applied_changes SET undone_at = $2, undone_by = $3 WHERE id = $1', [id, at, by]);
  }

  /** The latest ones, newest first. */
  async list(limit: number): Promise<AppliedChange[]> {
    const rows = await this.#database.all<Row>(
      `SELECT ${COLUMNS} FROM applied_changes ORDER BY applied_at DESC, id DESC LIMIT $1`,
      [limit],
    );
    return rows.map(toApplied);
  }

  /** The one with this id, or the latest that is not undone; `undefined` if there is none. */
  async find(id: string | undefined): Promise<AppliedChange | undefined> {
    const [row] =
      id === undefined
        ? await this.#database.all<Row>(
            `SELECT ${COLUMNS} FROM applied_changes WHERE undone_at IS NULL ORDER BY applied_at DESC, id DESC LIMIT 1`,
          )
        : await this.#database.all<Row>(`SELECT ${COLUMNS} FROM applied_changes WHERE id = $1`, [id]);
    return row && toApplied(row);
  }
}

function toApplied({
  id,
  applied_at,
  made_by,
  why,
  subject,
  cause,
  changes,
  edits,
  undone_at,
  undone_by,
}: Row): AppliedChange {
  return {
    id,
    at: applied_at,
    by: made_by,
    ...(why !== null && { why }),
    subject,
    cause,
    // The casts are what `add` wrote.
    changes: JSON.parse(changes) as Change[],
    edits: JSON.parse(edits) as Edit[],
    ...(undone_at !== null && { undone: { at: undone_at, by: undone_by ?? '' } }),
  };
}
