import { existsSync } from 'node:fs';
import type { Configuration } from '../../cli/input.ts';
import { InputFault } from '../../files/inputFault.ts';
import { fileSource, sourceFrom } from '../../livekit/source.ts';
import { type ProbeTarget, targetsFrom } from '../../probe/target.ts';
import { commandSettings, WrongUse } from '../../settings/commandSettings.ts';
import type { Settings } from '../../settings/settings.ts';
import { namedPath } from '../../store/sqlite/storeFile.ts';
import { isPostgresUrl, Store, type StoreOptions } from '../../store/store.ts';
import { StoreUnavailable } from '../../store/storeUnavailable.ts';

/**
 * Opens the store that the environment names for a command. A service may be writing to it. Rejects with `WrongUse` if the
 * settings have faults, or if there is no store and `mayCreate` is false.
 */
export async function withStore<T>(
  work: (store: Store, settings: Settings) => Promise<T>,
  { mayCreate = false, ...options }: StoreOptions & { readonly mayCreate?: boolean } = {},
): Promise<T> {
  const settings = commandSettings();
  const store = await openFor(settings, mayCreate, options);
  try {
    return await work(store, settings);
  } catch (error) {
    throw error instanceof StoreUnavailable ? new WrongUse(error.message) : error;
  } finally {
    await store.close();
  }
}

async function openFor({ databaseUrl }: Settings, mayCreate: boolean, options: StoreOptions): Promise<Store> {
  if (!isPostgresUrl(databaseUrl) && !mayCreate && !existsSync(databaseUrl)) {
    throw new WrongUse(
      `there is no store at ${namedPath(databaseUrl)}; set DATABASE_URL to the store that the service uses`,
    );
  }
  try {
    const store = await Store.open(databaseUrl, options);
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
