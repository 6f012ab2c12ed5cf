import { existsSync } from 'node:fs';
import { WrongUse } from '../cli/exit.ts';
import { PostgresStore } from '../journal/postgres.ts';
import { StoreAway } from '../journal/postgresDatabase.ts';
import { SqliteStore } from '../journal/sqlite.ts';
import type { Store } from '../journal/store.ts';
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

async function openFor({ databaseUrl, spoolFile }: Settings, mayCreate: boolean): Promise<Store> {
  // Webhooks that are not brought over yet are read beside the service, and left to it.
  if (spoolFile !== undefined) {
    return PostgresStore.open(databaseUrl, existsSync(spoolFile) ? spoolFile : ':memory:', {
      onAway() {},
      onBack() {},
      onDelivered() {},
      onSetAside() {},
      onSpool() {},
    });
  }
  if (mayCreate || existsSync(databaseUrl)) {
    return SqliteStore.open(databaseUrl).catch((error: Error) => {
      // What is said of a store that cannot be opened tells what to do.
      throw new WrongUse(error.message);
    });
  }
  throw new WrongUse(`there is no store at ${databaseUrl}; set DATABASE_URL to the service’s`);
}
