import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Command, Option } from 'commander';
import { EXIT, WrongUse } from '../../settings/commandSettings.ts';

/** How telephone numbers are exported. */
export type ExportedNumbers = 'masked' | 'plain';

/** Passes the lines of an export to `sink` while the store is open. Rejects if there is no store. */
type ExportStore = (numbers: ExportedNumbers, sink: (lines: AsyncIterable<object>) => Promise<void>) => Promise<void>;

const MASKED_NOTE =
  'Telephone numbers are masked. For a backup, or to move to another store, export with --numbers plain.\n';

export function exportCommand(exportStore: ExportStore): Command {
  return new Command('export')
    .description('write everything in the store (DATABASE_URL) as JSON lines; with plain numbers also as a backup')
    .argument('[file]', 'output file; compressed if the name ends in .gz; - for standard output', '-')
    .addOption(
      new Option(
        '--numbers <how>',
        'write telephone numbers masked, or plain as an import into another store needs them',
      )
        .choices(['masked', 'plain'])
        .default('masked'),
    )
    .option('--json', 'print the summary as JSON', false)
    .addHelpText(
      'after',
      '\nThe service may keep running. The summary is printed to standard error.\n\nExamples:\n  sipwhy export backup.jsonl.gz\n  DATABASE_URL=postgres://… sipwhy export | DATABASE_URL=other.db sipwhy import',
    )
    .action(async (file: string, options: { json: boolean; numbers: ExportedNumbers }) => {
      const rows: Record<string, number> = {};
      await exportStore(options.numbers, async (lines) => {
        const counted = Readable.from(countedText(lines, rows));
        if (file === '-') await toStandardOutput(counted);
        else await toFile(counted, file);
      });
      const text = Object.entries(rows).map(([table, count]) => `${table}: ${count}`);
      process.stderr.write(
        options.json
          ? `${JSON.stringify({ rows, numbers: options.numbers })}\n`
          : `exported ${text.join(', ') || 'nothing'}\n${options.numbers === 'masked' ? MASKED_NOTE : ''}`,
      );
    });
}

async function* countedText(lines: AsyncIterable<object>, rows: Record<string, number>): AsyncGenerator<string> {
  for await (const line of lines) {
    // The first and last lines are not rows.
    const table = 'table' in line && line.table !== 'end' ? String(line.table) : undefined;
    if (table !== undefined) rows[table] = (rows[table] ?? 0) + 1;
    yield `${JSON.stringify(line)}\n`;
  }
}

async function toStandardOutput(text: Readable): Promise<void> {
  try {
    await pipeline(text, process.stdout, { end: false });
  } catch (error) {
    // The reader closed the pipe, as `head` does.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
    process.exitCode = EXIT.foundProblem;
  }
}

/** Replaces an existing file only with a complete export. A device or a pipe, such as /dev/stdout, is written to. */
async function toFile(text: Readable, file: string): Promise<void> {
  const isReplaced = await stat(file).then(
    (existing) => existing.isFile(),
    () => true,
  );
  const path = isReplaced ? `${file}.part` : file;
  try {
    const to = createWriteStream(path, { flush: isReplaced });
    await (file.endsWith('.gz') ? pipeline(text, createGzip(), to) : pipeline(text, to));
    if (isReplaced) await rename(path, file);
  } catch (error) {
    if (isReplaced) await rm(path, { force: true });
    if (error instanceof Error && 'syscall' in error) throw new WrongUse(`${file} cannot be written: ${error.message}`);
    throw error;
  }
}
