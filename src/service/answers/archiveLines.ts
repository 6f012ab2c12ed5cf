import { setTimeout as pause } from 'node:timers/promises';
import type { ExportedNumbers } from '../../cli/calls/exportCommand.ts';
import type { ExportLine, ImportReport } from '../../cli/calls/importCommand.ts';
import { maskJson } from '../../core/explain/mask.ts';
import { InputFault } from '../../files/inputFault.ts';
import { VERSION } from '../../settings/installation.ts';
import { exportRows, FATES, type GivenRow, importRows } from '../../store/archive/archive.ts';
import { type JsonObject, readRow } from '../../store/archive/archiveRow.ts';
import { rowOfRecord } from '../../store/archive/olderArchive.ts';
import type { Database, Queries } from '../../store/database.ts';

/** The version of the export format. A format that an older sipwhy cannot read gets the next number. */
const FORMAT = 2;
/** The first format, with records instead of rows. */
const OLDER_FORMAT = 1;
/** How many rows one transaction writes. A service on the same file waits only as long as one transaction takes. */
const AT_ONCE = 200;
/** How many faults are reported in full. The rest are only counted. */
const REPORTED_FAULTS = 20;

/** Columns that identify a row or join it to others. */
const IDENTIFYING = new Set(['table', 'id', 'call_id', 'call_sid', 'dial_call_sid', 'sip_call_id', 'digest', 'trunk']);

/** The lines of an export: a header, the rows, and a last line with their number. */
export async function* exportLines(queries: Queries, numbers: ExportedNumbers): AsyncGenerator<object> {
  yield { sipwhy_export: FORMAT, version: VERSION, exported_at: new Date().toISOString(), numbers };
  let rows = 0;
  for await (const row of exportRows(queries)) {
    rows += 1;
    yield numbers === 'plain' ? row : masked(row);
  }
  yield { table: 'end', rows };
}

/**
 * Imports the lines of an export. A line with a fault is reported and left out, and the rest is imported. Existing rows
 * stay unchanged, except that a dialled leg replaces its A leg.
 */
export async function importLines(database: Database, lines: AsyncIterable<ExportLine>): Promise<ImportReport> {
  const report = { added: 0, known: 0, conflicting: 0, bad: 0, faults: [] as ImportReport['faults'][number][] };
  const fault = (line: number, field: string, detail: string) => {
    report.bad += 1;
    if (report.faults.length < REPORTED_FAULTS) report.faults.push({ line, field, detail });
  };
  const newIncidents = new Set<string>();
  let batch: GivenRow[] = [];
  const flush = async () => {
    const began = performance.now();
    const written = await importRows(database, batch, newIncidents);
    for (const fate of FATES) report[fate] += written[fate];
    batch = [];
    // SQLite grants the file to the first process that asks, so leave time for a service that writes to it.
    await pause(performance.now() - began);
  };

  let number = 0;
  let isComplete = false;
  let isOlder = false;
  let stopped: string | undefined;
  try {
    for await (const given of lines) {
      number = given.number;
      if (given.fault !== undefined) {
        fault(number, 'the line', `is ${given.fault}`);
        continue;
      }
      const line: JsonObject = typeof given.json === 'object' && given.json !== null ? { ...given.json } : {};
      if (number === 1 || line.sipwhy_export !== undefined) {
        const refusal = refusalOf(line.sipwhy_export);
        if (refusal !== undefined) {
          fault(number, 'sipwhy_export', refusal);
          return report;
        }
        isOlder = line.sipwhy_export === OLDER_FORMAT;
      } else {
        const row = isOlder ? rowOfRecord(line) : line;
        isComplete = row.table === 'end';
        if (isComplete) continue;
        const reading = await readRow(row);
        if (reading.ok) batch.push({ table: reading.table, row: reading.row, isOlder });
        else fault(number, reading.field, reading.fault);
        if (batch.length >= AT_ONCE) await flush();
      }
    }
  } catch (error) {
    if (!(error instanceof InputFault)) throw error;
    stopped = error.message;
  }
  if (batch.length > 0) await flush();
  if (stopped !== undefined) return { ...report, stopped };
  if (!isComplete) fault(number + 1, 'the file', 'is incomplete: the last line of the export is missing');
  return report;
}

function masked(row: object): object {
  const columns = Object.entries(row);
  const rest = maskJson(Object.fromEntries(columns.filter(([column]) => !IDENTIFYING.has(column))));
  return { ...Object.fromEntries(columns.filter(([column]) => IDENTIFYING.has(column))), ...rest };
}

/** Why an export with this first line cannot be read; `undefined` if it can. */
function refusalOf(form: unknown): string | undefined {
  if (form === undefined) return 'is missing in the first line: this is not an export of sipwhy';
  if (form === FORMAT || form === OLDER_FORMAT) return undefined;
  return `must be ${OLDER_FORMAT} or ${FORMAT}, got ${JSON.stringify(form)}: a newer version of sipwhy made this export`;
}
