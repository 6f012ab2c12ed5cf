import type { EraseNumber } from '../core/receive/eraseNumber.ts';
import type { Database } from './database.ts';
import { pack, unpack } from './packedJson.ts';

interface ForgottenConfigurations {
  /** How many versions had the number, and need not keep it. */
  readonly versions: number;
  /** Whether the latest version lists the number: as long as LiveKit does, it would be stored again. */
  readonly isListed: boolean;
}

interface Row {
  readonly snapshot: Uint8Array;
  readonly changes: Uint8Array;
}

/** Erases a number from the stored versions of LiveKit's configuration, whose lists may have it. */
export async function forgetConfigurations(
  database: Database,
  erase: EraseNumber,
  isDryRun: boolean,
): Promise<ForgottenConfigurations> {
  const numbers = await database.all<{ version: number }>('SELECT version FROM configurations ORDER BY version');
  const latest = numbers.at(-1)?.version;
  let versions = 0;
  let isListed = false;
  for (const { version } of numbers) {
    const [row] = await database.all<Row>('SELECT snapshot, changes FROM configurations WHERE version = $1', [version]);
    if (!row) continue;
    const snapshot = await erasedIn(row.snapshot, erase);
    const changes = await erasedIn(row.changes, erase);
    if (version === latest && snapshot) isListed = true;
    const kept = version === latest ? undefined : snapshot;
    if (!kept && !changes) continue;
    versions += 1;
    if (isDryRun) continue;
    await database.run('UPDATE configurations SET snapshot = $2, changes = $3 WHERE version = $1', [
      version,
      kept ?? row.snapshot,
      changes ?? row.changes,
    ]);
  }
  return { versions, isListed };
}

/** The packed JSON without the number; `undefined` if it has none. */
async function erasedIn(packed: Uint8Array, erase: EraseNumber): Promise<Uint8Array | undefined> {
  const json = await unpack(packed);
  let isFound = false;
  const erased = JSON.parse(JSON.stringify(json), (_, value: unknown) => {
    if (typeof value !== 'string') return value;
    const text = erase(value);
    isFound ||= text !== value;
    return text;
  }) as unknown;
  return isFound ? pack(erased) : undefined;
}
