import type { ArchiveRecord } from './archiveRecord.ts';

/** What became of records: written, there already, or left out since the store has something else in their place. */
export interface Written {
  readonly added: number;
  readonly known: number;
  readonly conflicting: number;
}

/** Everything lasting as records, for back-ups and for moving to another store. */
export interface ArchiveStore {
  /** A little at a time, whatever the size of the store. */
  read(): AsyncIterable<ArchiveRecord>;
  /** All of these or none. What is there already stays as it is; attempts are not counted, in incidents neither. */
  write(records: readonly ArchiveRecord[]): Promise<Written>;
}
