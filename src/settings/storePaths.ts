import type { Environment } from './environment.ts';

/** Files beside the store. */
export interface StorePaths {
  /** Where webhooks are written before they are acknowledged; `undefined` for a store in memory. */
  readonly journalDirectory: string | undefined;
  /** The spool of an older version that used PostgreSQL; `undefined` if the store is a file. */
  readonly spoolFile: string | undefined;
  /** Where `sipwhy connect` keeps what undoes its last change. */
  readonly connectFile: string;
}

export function storePaths({ DATABASE_URL: url, SPOOL_FILE: spool, JOURNAL_DIR: journal }: Environment): StorePaths {
  const isPostgres = /^postgres(ql)?:/.test(url);
  const besideFile = isPostgres ? spool : url;
  const isMemory = url === ':memory:';
  return {
    journalDirectory: journal ?? (isMemory ? undefined : `${besideFile}.journal`),
    spoolFile: isPostgres ? spool : undefined,
    connectFile: isMemory ? 'sipwhy.connect' : `${besideFile}.connect`,
  };
}
