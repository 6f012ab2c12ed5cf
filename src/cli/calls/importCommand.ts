import { Command } from 'commander';
import { InputFault } from '../../files/inputFault.ts';
import { readJson } from '../../files/jsonText.ts';
import { textLines } from '../../files/textLines.ts';
import { EXIT } from '../../settings/commandSettings.ts';
import { plainText } from '../input.ts';
import { Progress } from '../progress.ts';

export interface ImportReport {
  readonly added: number;
  /** Rows that were already in the store. */
  readonly known: number;
  /** Versions of LiveKit's configuration whose number the store uses for another version. */
  readonly conflicting: number;
  readonly bad: number;
  /** The first of the bad lines. */
  readonly faults: readonly { readonly line: number; readonly field: string; readonly detail: string }[];
  /** Why the file could not be read to its end. What was before is imported. */
  readonly stopped?: string;
}

/** A line of an export with its number, or why it is not JSON. */
export type ExportLine =
  | { readonly number: number; readonly json: unknown; readonly fault?: undefined }
  | { readonly number: number; readonly fault: string };

/** Imports the lines of an export, up to an `InputFault`. Creates the store if there is none. */
type ImportStore = (lines: AsyncIterable<ExportLine>) => Promise<ImportReport>;

export function importCommand(importStore: ImportStore): Command {
  return new Command('import')
    .description('import an export into the store (DATABASE_URL); existing rows stay unchanged')
    .argument('[file]', 'export file, plain or gzipped; - for standard input', '-')
    .option('--json', 'print the summary as JSON', false)
    .addHelpText(
      'after',
      '\nBad lines are reported and skipped; the exit status is then 1. It is 2 if the file cannot be read to its end.\n\nExample:\n  DATABASE_URL=postgres://… sipwhy import backup.jsonl.gz',
    )
    .action(async (file: string, options: { json: boolean }) => {
      const progress = new Progress('lines', options.json);
      const report = await importStore(linesOf(file, progress));
      progress.end();
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : textOf(report));
      const messages = report.faults.map(
        ({ line, field, detail }) => new InputFault(file, line, `${field} ${detail}`).message,
      );
      if (report.bad > messages.length) messages.push(`and ${report.bad - messages.length} more bad lines`);
      if (report.stopped !== undefined) messages.push(report.stopped);
      for (const message of messages) process.stderr.write(`sipwhy: ${plainText(message)}\n`);
      const isUseless = report.added + report.known === 0 && report.bad > 0;
      if (report.stopped !== undefined || isUseless) process.exitCode = EXIT.wrongUse;
      else if (report.bad > 0) process.exitCode = EXIT.foundProblem;
    });
}

function textOf({ added, known, conflicting }: ImportReport): string {
  const lines = [`imported ${added} rows; ${known} were already in the store`];
  if (conflicting > 0) {
    lines.push(
      `skipped ${conflicting} versions of LiveKit’s configuration: the store uses their numbers for other versions`,
    );
  }
  return `${lines.join('\n')}\n`;
}

async function* linesOf(file: string, progress: Progress): AsyncGenerator<ExportLine> {
  for await (const { number, text } of textLines(file)) {
    progress.step();
    const reading = readJson(text);
    yield reading.ok ? { number, json: reading.json } : { number, fault: reading.fault };
  }
}
