import { closePrediction, type Prediction, type PredictionClosed } from '../../core/predict/prediction.ts';
import { mapInSlices } from '../../loop/slices.ts';
import type { Database, Queries } from '../database.ts';

/** How many predicted incidents are listed at most. */
const LISTED = 200;

interface Row {
  readonly prediction: string;
}

/** The stored predicted incidents. Replicas predict the same, and of each fault one is open. */
export class Predictions {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The latest ones in a state, open ones first. */
  async list(state: 'open' | 'closed' | 'all'): Promise<Prediction[]> {
    const where = state === 'all' ? '' : `WHERE closed_at IS ${state === 'open' ? '' : 'NOT '}NULL`;
    const rows = await this.#database.all<Row>(
      `SELECT prediction FROM predictions ${where}
       ORDER BY CASE WHEN closed_at IS NULL THEN 0 ELSE 1 END, opened_at DESC, id LIMIT ${LISTED}`,
    );
    return mapInSlices(rows, read);
  }

  async find(id: string): Promise<Prediction | undefined> {
    const [row] = await this.#database.all<Row>('SELECT prediction FROM predictions WHERE id = $1', [id]);
    return row && read(row);
  }

  /** Stores a new one. Resolves to whether no other replica had opened the same. */
  async open(prediction: Prediction): Promise<boolean> {
    const { id, key, openedAt } = prediction;
    const added = await this.#database.run(
      `INSERT INTO predictions (id, fault, opened_at, prediction) VALUES ($1, $2, $3, $4)
       ON CONFLICT (fault) WHERE closed_at IS NULL DO NOTHING`,
      [id, key, openedAt, JSON.stringify(prediction)],
    );
    return added > 0;
  }

  /** Replaces an open one. */
  async update(prediction: Prediction): Promise<void> {
    await this.#database.run('UPDATE predictions SET prediction = $1 WHERE id = $2 AND closed_at IS NULL', [
      JSON.stringify(prediction),
      prediction.id,
    ]);
  }

  /** Closes an open one. Resolves to it; `undefined` if it is not open. */
  async close(id: string, because: PredictionClosed, at: number, by?: string): Promise<Prediction | undefined> {
    return this.#database.transaction(async (queries: Queries) => {
      const [row] = await queries.all<Row>(
        'UPDATE predictions SET closed_at = $1 WHERE id = $2 AND closed_at IS NULL RETURNING prediction',
        [at, id],
      );
      if (!row) return undefined;
      const closed = closePrediction(read(row), because, at, by);
      await queries.run('UPDATE predictions SET prediction = $1 WHERE id = $2', [JSON.stringify(closed), id]);
      return closed;
    });
  }
}

function read({ prediction }: Row): Prediction {
  // The cast: `open` or `update` wrote it.
  return JSON.parse(prediction) as Prediction;
}
