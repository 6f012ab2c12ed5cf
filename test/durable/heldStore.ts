import { DatabaseSync } from 'node:sqlite';
import { PATIENCE_MS } from '../machineSpeed.ts';

/** Keeps a SQLite store from being written: what is acknowledged meanwhile is in the journal alone. Returns what ends that. */
export function holdStore(path: string): () => void {
  const holder = new DatabaseSync(path, { timeout: PATIENCE_MS });
  holder.exec('BEGIN IMMEDIATE');
  return () => holder.close();
}
