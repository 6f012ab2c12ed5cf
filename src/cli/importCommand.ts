import { Command } from 'commander';
import { EXIT } from '../settings/commandSettings.ts';
import { type JsonLine, textLines } from './input.ts';

export interface ImportReport {
  readonly added: number;
  /** Rows that the store had already. */
  readonly known: number;
  /** Versions of LiveKit's configuration with the number of another one in the store. */
  readonly conflicting: number;
  readonly bad: number;
  /** The first of those that are bad. */
  readonly faults: readonly { readonly line: number; readonly field: string; readonly detail: string }[];
}

/** Takes the lines of an export into the store, which is made where there is none. `json` is `undefined` where it is no JSON. */
export type ImportStore = (lines: AsyncIterable<JsonLine>) => Promise<ImportReport>;

export function importCommand(importStore: ImportStore): Command {
  return new Command('import')
    .description('take what `export` wrote into the store (DATABASE_URL); what it has already stays as it is')
    .argument('[file]', 'the export, plain or gzipped; - for standard input', '-')
    .option('--json', 'print the summary as JSON', false)
    .addHelpText('after', '\nBad lines are named and left out, the rest is taken; the exit status is then 1.')
    .action(async (file: string, options: { json: boolean }) => {
      const report = await importStore(linesOf(file));
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : textOf(report));
      if (report.bad > 0) process.exitCode = EXIT.foundProblem;
    });
}

function textOf({ added, known, conflicting, bad, faults }: ImportReport): string {
  const lines = [`imported ${added} rows; ${known} were there already`];
  if (conflicting > 0) {
    lines.push(
      `${conflicting} versions of LiveKit’s configuration were left out: the store has others of their numbers`,
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
