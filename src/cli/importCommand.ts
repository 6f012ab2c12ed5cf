import { Command } from 'commander';
import { EXIT } from '../settings/commandSettings.ts';
import { type JsonLine, textLines } from './input.ts';

export interface ImportReport {
  readonly added: number;
  /** Rows that were already in the store. */
  readonly known: number;
  /** Versions of LiveKit's configuration whose number the store uses for another version. */
  readonly conflicting: number;
  readonly bad: number;
  /** The first of the bad lines. */
  readonly faults: readonly { readonly line: number; readonly field: string; readonly detail: string }[];
}

/**
 * Imports the lines of an export. Creates the store if there is none. `json` is `undefined` for a line that isn't JSON.
 */
type ImportStore = (lines: AsyncIterable<JsonLine>) => Promise<ImportReport>;

export function importCommand(importStore: ImportStore): Command {
  return new Command('import')
    .description('import an export into the store (DATABASE_URL); existing rows stay unchanged')
    .argument('[file]', 'export file, plain or gzipped; - for standard input', '-')
    .option('--json', 'print the summary as JSON', false)
    .addHelpText('after', '\nBad lines are reported and skipped; the exit status is then 1.')
    .action(async (file: string, options: { json: boolean }) => {
      const report = await importStore(linesOf(file));
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : textOf(report));
      if (report.bad > 0) process.exitCode = EXIT.foundProblem;
    });
}

function textOf({ added, known, conflicting, bad, faults }: ImportReport): string {
  const lines = [`imported ${added} rows; ${known} were already in the store`];
  if (conflicting > 0) {
    lines.push(
      `skipped ${conflicting} versions of LiveKit’s configuration: the store uses their numbers for other versions`,
    );
  }
  lines.push(...faults.map(({ line, field, detail }) => `line ${line}: ${field} ${detail}`));
  if (bad > faults.length) lines.push(`and ${bad - faults.length} more bad lines`);
  return `${lines.join('\n')}\n`;
}

async function* linesOf(file: string): AsyncGenerator<JsonLine> {
  for await (const { number, text } of textLines(file)) yield { number, json: parsed(text) };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
