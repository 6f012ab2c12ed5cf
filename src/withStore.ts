import { existsSync } from 'node:fs';
import { WrongUse } from './cli/exit.ts';
import { commandSettings } from './commandSettings.ts';
import { SqliteStore } from './journal/sqlite.ts';
import type { Store } from './journal/store.ts';
import type { Settings } from './settings.ts';

/**
 * Gives a command the store that the environment names, beside a service that may be writing to it. Rejects with
 * `WrongUse` where the settings have faults or there is no store.
 */
export async function withStore<T>(work: (store: Store, settings: Settings) => Promise<T>): Promise<T> {
  const settings = commandSettings();
  const { databaseUrl } = settings;
  if (!existsSync(databaseUrl))
    throw new WrongUse(`there is no store at ${databaseUrl}; set DATABASE_URL to the service’s`);
  const store = await SqliteStore.open(databaseUrl);
  try {
    return await work(store, settings);
  } finally {
    await store.close();
  }
}
