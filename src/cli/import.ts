import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Command } from 'commander';
import { EXIT, WrongUse } from './exit.ts';
import { linesIn } from './lines.ts';

/** A line of an export; `json` is `undefined` where it is no JSON. */
export interface Line {
  readonly number: number;
  readonly json: unknown;
}

export interface ImportReport {
  readonly added: number;
  /** Records that the store had already. */
  readonly known: number;
  /** Versions of LiveKit's configuration with the number of another one in the store. */
  readonly conflicting: number;
  readonly bad: number;
  /** The first of those that are bad. */
  readonly faults: readonly { readonly line: number; readonly field: string; readonly detail: string }[];
}

/** Takes the lines of an export into the store, which is made where there is none. */
export type ImportStore = (lines: AsyncIterable<Line>) => Promise<ImportReport>;

export function importCommand(importStore: ImportStore): Command {
  return new Command('import')
    .description('take what `export` wrote into the store (DATABASE_URL); what it has already stays as it is')
    .argument('[file]', 'the export, plain or gzipped; - for standard input', '-')
    .option('--json', 'print the summary as JSON', false)
    .addHelpText('after', '\nBad lines are named and left out, the rest is taken; the exit status is then 1.')
    .action(async (file: string, options: { json: boolean }) => {
      const report = await importStore(linesOf(file));
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : textOf(report));
      if (report.bad > 0) process.exitCode = EXIT.foundTrouble;
    });
}

function textOf({ added, known, conflicting, bad, faults }: ImportReport): string {
  const lines = [`imported ${added} records; ${known} were there already`];
  if (conflicting > 0) {
    lines.push(
      `${conflicting} versions of LiveKit’s configuration were left out: the store has others of their numbers`,
    );
  }
  lines.push(...faults.map(({ line, field, detail }) => `line ${line}: ${field} ${detail}`));
  if (bad > faults.length) lines.push(`and ${bad - faults.length} more bad lines`);
  return `${lines.join('\n')}\n`;
}

/** Line after line, whatever the size of the file. Blank lines are passed over. */
async function* linesOf(file: string): AsyncGenerator<Line> {
  let number = 0;
  for await (const line of linesIn(bytesOf(file))) {
    number += 1;
    if (line.trim() !== '') yield { number, json: parsed(line) };
  }
}

async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  const chunks = (file === '-' ? process.stdin : createReadStream(file))[Symbol.asyncIterator]();
  try {
    const first = await chunks.next();
    if (first.done) return;
    const all = Readable.from(following(first.value, chunks), { objectMode: false });
    if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) yield* all;
    else {
      const unpacked = createGunzip();
      all.on('error', (error) => unpacked.destroy(error));
      yield* all.pipe(unpacked);
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new WrongUse(`${file} cannot be read: ${error.message}`);
    throw error;
  }
}

async function* following(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
