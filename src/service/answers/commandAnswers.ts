import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Configuration } from '../../cli/input.ts';
import type { EraseNumber } from '../../core/receive/eraseNumber.ts';
import { InputFault } from '../../files/inputFault.ts';
import { fileSource, sourceFrom } from '../../livekit/source.ts';
import { type ProbeTarget, targetsFrom } from '../../probe/target.ts';
import { commandSettings, WrongUse } from '../../settings/commandSettings.ts';
import type { Settings } from '../../settings/settings.ts';
import { forgetNumber, overwriteRemnants, type RowsWithNumber } from '../../store/forget.ts';
import { namedPath } from '../../store/sqlite/storeFile.ts';
import { isPostgresUrl, Store } from '../../store/store.ts';
import { StoreUnavailable } from '../../store/storeUnavailable.ts';

/**
 * Opens the store that the environment names for a command. A service may be writing to it. Rejects with `WrongUse` if the
 * settings have faults, or if there is no store and `mayCreate` is false.
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
    throw error instanceof StoreUnavailable ? new WrongUse(error.message) : error;
  } finally {
    await store.close();
  }
}

async function openFor({ databaseUrl }: Settings, mayCreate: boolean): Promise<Store> {
  if (!isPostgresUrl(databaseUrl) && !mayCreate && !existsSync(databaseUrl)) {
    throw new WrongUse(
      `there is no store at ${namedPath(databaseUrl)}; set DATABASE_URL to the store that the service uses`,
    );
  }
  try {
    const store = await Store.open(databaseUrl);
    await store.ensureReady().catch(async (error: unknown) => {
      await store.close();
      throw error;
    });
    return store;
  } catch (error) {
    // The message contains the remedy, or what PostgreSQL refused.
    throw new WrongUse((error as Error).message);
  }
}

/** How long, in milliseconds, a service may still be writing a verdict that it reached before the number was erased. */
const VERDICTS_MS = 1_000;
/** How often a number is erased that keeps coming back, because the caller keeps calling. */
const PASSES = 10;

/** Erases a number from the store that the environment names, until it no longer comes back. */
export function forgetStored(erase: EraseNumber, isDryRun: boolean): Promise<RowsWithNumber> {
  return withStore(async ({ database }) => {
    // Rows are overwritten as they change, not only set free.
    if (!database.dialect.isShared) await database.script('PRAGMA secure_delete = ON');
    const first = await forgetNumber(database, erase, isDryRun);
    if (isDryRun || Object.keys(first).length === 0) return first;
    for (let pass = 1; pass < PASSES; pass += 1) {
      await setTimeout(VERDICTS_MS);
      if (Object.keys(await forgetNumber(database, erase, false)).length === 0) break;
    }
    await overwriteRemnants(database);
    return first;
  });
}

/** Reads LiveKit's configuration once, from a file or from the source that the environment names. */
export async function readConfiguration(file: string | undefined): Promise<Configuration> {
  const { livekit, site } = commandSettings();
  const source = file === undefined ? sourceFrom(livekit) : fileSource(file);
  if (!source) {
    throw new WrongUse(
      'LiveKit’s trunks and dispatch rules are unknown: give --config FILE, or set LIVEKIT_CONFIG_FILE, or set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET',
    );
  }
  try {
    return { snapshot: await source(), site };
  } catch (error) {
    if (error instanceof InputFault) throw error;
    throw new WrongUse(`cannot read LiveKit’s trunks and dispatch rules: ${(error as Error).message}`);
  }
}

/** The targets that the environment names. */
export function configuredTargets(): ProbeTarget[] {
  const { targets, sipHosts } = commandSettings().probe;
  return targetsFrom({ probeTargets: targets, sipHosts });
}
