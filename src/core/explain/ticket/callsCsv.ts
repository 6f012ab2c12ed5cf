import { stringify } from 'csv-stringify/sync';
import type { Explanation } from '../explanation.ts';

type Row = Explanation & { readonly started_at: string; readonly settled_at: string };

const COLUMNS = {
  call_sid: (row: Row) => row.call_sid,
  started_at: (row: Row) => row.started_at,
  settled_at: (row: Row) => row.settled_at,
  from: (row: Row) => row.from,
  to: (row: Row) => row.to,
  outcome: (row: Row) => row.outcome,
  cause: (row: Row) => row.cause,
  party: (row: Row) => row.party,
  confidence: (row: Row) => row.confidence,
  trunk: (row: Row) => row.trunk,
  status: (row: Row) => row.response?.status,
  reason: (row: Row) => row.response?.reason,
  summary: (row: Row) => row.summary,
  fix: ({ cause, fixes }: Row) => (fixes.find((fix) => fix.cause === cause) ?? fixes[0])?.action,
};

/**
 * Attempts as a table, one a line. What a spreadsheet would take for a formula gets an apostrophe before it: caller
 * names and reason phrases are anybody's text.
 */
export function callsCsv(calls: readonly Row[]): string {
  const columns = Object.entries(COLUMNS);
  return stringify(
    calls.map((call) => columns.map(([, read]) => read(call))),
    { header: true, columns: columns.map(([name]) => name), escape_formulas: true, record_delimiter: 'windows' },
  );
}
