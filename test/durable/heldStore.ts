import { DatabaseSync } from 'node:sqlite';

/** Keeps a SQLite store from being written: what is acknowledged meanwhile is in the journal alone. Returns what ends that. */
export function holdStore(path: string): () => void {
  const holder = new DatabaseSync(path, { timeout: 30_000 });
  holder.exec('BEGIN IMMEDIATE');
  return () => holder.close();
}
