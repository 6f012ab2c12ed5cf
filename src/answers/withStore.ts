import { existsSync } from 'node:fs';
import { WrongUse } from '../exit.ts';
import { StoreAway } from '../journal/postgresDatabase.ts';
import { isPostgresUrl, Store } from '../journal/store.ts';
import { commandSettings } from '../settings/commandSettings.ts';
import type { Settings } from '../settings/settings.ts';

/**
 * Gives a command the store that the environment names, beside a service that may be writing to it. Rejects with
 * `WrongUse` where the settings have faults or there is no store; `mayCreate` makes one.
 */
export async function withStore<T>(
  work: (store: Store, settings: Settings) => Promise<T>,
  mayCreate = false,
): Promise<T> {
  const settings = commandSettings();
  const store = await openFor(settings, mayCreate);
  try {
    return await work(store, settings);
  } catch (error) {
    throw error instanceof StoreAway ? new WrongUse(error.message) : error;
  } finally {
    await store.close();
  }
}

async function openFor({ databaseUrl }: Settings, mayCreate: boolean): Promise<Store> {
  if (!isPostgresUrl(databaseUrl) && !mayCreate && !existsSync(databaseUrl)) {
    throw new WrongUse(`there is no store at ${databaseUrl}; set DATABASE_URL to the service’s`);
  }
  return Store.open(databaseUrl).catch((error: Error) => {
    // What is said of a store that cannot be opened tells what to do.
    throw new WrongUse(error.message);
  });
}
