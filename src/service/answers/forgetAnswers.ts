import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Forgotten } from '../../cli/calls/forgetCommand.ts';
import type { EraseNumber } from '../../core/receive/eraseNumber.ts';
import { JOURNAL_START } from '../../core/receive/webhook.ts';
import { sealingIn } from '../../forward/sealing.ts';
import { JournalReader } from '../../journal/journalReader.ts';
import { SetAside } from '../../journal/setAside.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Database } from '../../store/database.ts';
import { forgetNumber, overwriteRemnants } from '../../store/forget.ts';
import { forgetConfigurations } from '../../store/forgetConfigurations.ts';
import { forgetForwards } from '../../store/sqlite/forgetForwards.ts';
import { forwardsPath } from '../statusForwarding.ts';
import { withStore } from './commandAnswers.ts';

/** How long, in milliseconds, a service may still be writing a verdict that it reached before the number was erased. */
const VERDICTS_MS = 1_000;
/**
 * How often a number is erased that keeps coming back, because the caller keeps calling. It includes the 10 s after which
 * the service deletes a segment of the journal.
 */
const PASSES = 15;
/** How long, in milliseconds, PostgreSQL may take for a VACUUM of a large table. */
const VACUUM_MS = 3_600_000;

const IN_FORCE =
  'LiveKit’s configuration in force lists the number, so its stored version keeps it: take the number out of LiveKit’s trunks and rules, wait until sipwhy has read them, and run this again';
const REPLICAS = 'journals of other machines were not looked at: run this on each, with its JOURNAL_DIR';
const IN_JOURNAL = 'the journal still has webhooks with the number: run this again when they are stored, in some 10 s';
const POSTGRES_FILES =
  'PostgreSQL’s write-ahead log, replicas, and free space in its files have the old rows until they are overwritten';
const OUTSIDE = 'backups, exports, tickets, and logs of other programs: see docs/privacy.md';

/** Erases a number from the store and the journal that the environment names, until it no longer comes back. */
export function forgetStored(erase: EraseNumber, isDryRun: boolean): Promise<Forgotten> {
  return withStore(
    async ({ database }, settings) => {
      const journal = await forgetInJournal(settings, erase, isDryRun);
      const first = await forgetNumber(database, erase, isDryRun);
      const { versions, isListed } = await forgetConfigurations(database, erase, isDryRun);
      const rows = { ...first, ...(versions > 0 && { configurations: versions }), ...journal.rows };
      const isFound = Object.keys(rows).length > 0;
      if (!isDryRun && isFound) await eraseAgain(database, settings, erase);
      const left = [
        ...(isListed ? [IN_FORCE] : []),
        ...journal.left,
        ...(isInSegments(settings, erase) ? [IN_JOURNAL] : []),
        ...(!isDryRun && isFound ? await remnantsOf(database) : []),
        ...(database.dialect.isShared ? [REPLICAS] : []),
        OUTSIDE,
      ];
      return { rows, left };
    },
    { answerMs: VACUUM_MS },
  );
}

async function eraseAgain(database: Database, settings: Settings, erase: EraseNumber): Promise<void> {
  for (let pass = 1; pass < PASSES; pass += 1) {
    await setTimeout(VERDICTS_MS);
    const again = await forgetNumber(database, erase, false);
    if (Object.keys(again).length === 0 && !isInSegments(settings, erase)) return;
  }
}

/** Overwrites what the changed rows leave. Resolves to what stays. */
async function remnantsOf(database: Database): Promise<string[]> {
  if (!database.dialect.isShared) {
    await overwriteRemnants(database);
    return [];
  }
  try {
    await overwriteRemnants(database);
    return [POSTGRES_FILES];
  } catch (error) {
    return [`${POSTGRES_FILES}; VACUUM failed (${(error as Error).message})`];
  }
}

/** Erases a number from what the journal keeps longer than the store needs it. */
async function forgetInJournal(
  { journalDirectory: directory }: Settings,
  erase: EraseNumber,
  isDryRun: boolean,
): Promise<Forgotten> {
  const rows: Record<string, number> = {};
  const left: string[] = [];
  if (directory === undefined || !existsSync(directory)) return { rows, left };
  const aside = new SetAside(directory).forget(erase, isDryRun);
  if (aside > 0) rows['set-aside'] = aside;
  const path = forwardsPath(directory);
  if (!existsSync(path)) return { rows, left };
  if (!existsSync(join(directory, 'forward-key'))) {
    return { rows, left: [`requests that wait in ${path} can’t be read: forward-key is not beside it`] };
  }
  const sealing = sealingIn(directory);
  const { requests, unreadable } = await forgetForwards(path, (sealed) => sealing.open(sealed), erase, isDryRun);
  if (requests > 0) rows.forwards = requests;
  if (unreadable > 0)
    left.push(`${unreadable} requests that wait in ${path} can’t be read: forward-key is another one`);
  return { rows, left };
}

/** Whether the journal's segments have the number. Those that are stored are deleted soon. */
function isInSegments({ journalDirectory: directory }: Settings, erase: EraseNumber): boolean {
  if (directory === undefined || !existsSync(directory)) return false;
  const reader = new JournalReader(directory);
  const end = { segment: Number.MAX_SAFE_INTEGER, offset: 0 };
  for (let from = reader.start(undefined, JOURNAL_START); ; ) {
    const { records, end: next } = reader.read(from, end, 500);
    for (const { payload } of records) {
      const text = payload.toString('latin1');
      if (erase(text) !== text) return true;
    }
    if (next.segment === from.segment && next.offset === from.offset) return false;
    from = next;
  }
}
