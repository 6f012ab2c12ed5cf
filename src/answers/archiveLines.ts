import { setTimeout as pause } from 'node:timers/promises';
import type { ImportReport, Line } from '../cli/import.ts';
import type { ArchiveRecord } from '../journal/archiveRecord.ts';
import { readRecord } from '../journal/archiveRecord.ts';
import type { ArchiveStore } from '../journal/archiveStore.ts';
import { VERSION } from '../version.ts';

/** The version of the form of an export; one that cannot be read by an older sipwhy gets the next number. */
const FORMAT = 2;
const FORMATS_READ: readonly unknown[] = [1, FORMAT];
/** As many records are written in one transaction. A service on the same file waits for no longer than that takes. */
const AT_ONCE = 200;
/** As many faults are kept to be told; the rest are only counted. */
const TOLD_FAULTS = 20;

/** The lines of an export: what it is, the records, and how many they were. */
export async function* exportLines(archive: ArchiveStore): AsyncGenerator<object> {
  yield { sipwhy_export: FORMAT, version: VERSION, exported_at: new Date().toISOString() };
  let records = 0;
  for await (const record of archive.read()) {
    records += 1;
    yield record;
  }
  yield { record: 'end', records };
}

/**
 * Takes the lines of an export into a store. A line with a fault is named and left out, and the rest is taken; what the
 * store has already stays as it is.
 */
export async function importLines(archive: ArchiveStore, lines: AsyncIterable<Line>): Promise<ImportReport> {
  const report = { added: 0, known: 0, conflicting: 0, bad: 0, faults: [] as ImportReport['faults'][number][] };
  const fault = (line: number, field: string, detail: string) => {
    report.bad += 1;
    if (report.faults.length < TOLD_FAULTS) report.faults.push({ line, field, detail });
  };
  let batch: ArchiveRecord[] = [];
  const flush = async () => {
    const began = performance.now();
    const { added, known, conflicting } = await archive.write(batch);
    report.added += added;
    report.known += known;
    report.conflicting += conflicting;
    batch = [];
    // SQLite gives the file to whoever asks first; a service that writes to it shall have its turn.
    await pause(performance.now() - began);
  };

  let number = 0;
  let isComplete = false;
  try {
    for await (const { number: at, json } of lines) {
      number = at;
      if (json === undefined) fault(at, 'the line', 'is not JSON');
      else if (at === 1 || isHeader(json)) {
        const refused = refusalOf(json);
        if (refused !== undefined) {
          fault(at, 'sipwhy_export', refused);
          return report;
        }
      } else if (isEnd(json)) isComplete = true;
      else {
        isComplete = false;
        const reading = readRecord(json);
        if (reading.ok) batch.push(reading.record);
        else fault(at, reading.field, reading.fault);
        if (batch.length >= AT_ONCE) await flush();
      }
    }
  } catch (error) {
    if (!isDamaged(error)) throw error;
    fault(number + 1, 'the file', `is damaged or cut off: ${error.message}`);
    isComplete = true;
  }
  if (batch.length > 0) await flush();
  if (!isComplete) fault(number + 1, 'the file', 'ends too early: the line that ends an export is missing');
  return report;
}

function isHeader(json: unknown): json is { readonly sipwhy_export: unknown } {
  return typeof json === 'object' && json !== null && 'sipwhy_export' in json;
}

function isEnd(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'record' in json && json.record === 'end';
}

/** Why the first line is not that of an export which can be read here. */
function refusalOf(json: unknown): string | undefined {
  if (!isHeader(json)) return 'is missing in the first line: this is no export of sipwhy';
  if (FORMATS_READ.includes(json.sipwhy_export)) return undefined;
  return `must be ${FORMATS_READ.join(' or ')}, got ${JSON.stringify(json.sipwhy_export)}: the export is of a newer version of sipwhy`;
}

/** Whether a compressed file could not be unpacked any further. */
function isDamaged(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
