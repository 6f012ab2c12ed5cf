import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Site } from '../core/diagnose/facts/site.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import { WrongUse } from '../settings/commandSettings.ts';

/** A line of JSON with its line number. */
export interface JsonLine {
  readonly number: number;
  readonly json: unknown;
}

/** Reads JSON lines. Throws `WrongUse` at the first line that is not JSON. */
export async function* jsonLines(file: string): AsyncGenerator<JsonLine> {
  for await (const { number, text } of textLines(file)) {
    try {
      yield { number, json: JSON.parse(text) };
    } catch (error) {
      throw new WrongUse(`${file}, line ${number}: not JSON: ${(error as Error).message}`);
    }
  }
}

/** Reads the lines of a file, plain or gzipped, or of standard input for `-`. Skips blank lines. */
export async function* textLines(file: string): AsyncGenerator<{ readonly number: number; readonly text: string }> {
  let number = 0;
  for await (const text of linesIn(bytesOf(file))) {
    number += 1;
    if (text.trim() !== '') yield { number, text };
  }
}

/** Lines of UTF-8. Only a line feed ends one: `readline` would also break JSON at a U+2028 in its strings. */
async function* linesIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let begun = '';
  for await (const chunk of chunks) {
    const lines = (begun + decoder.decode(chunk, { stream: true })).split('\n');
    begun = lines.pop() ?? '';
    yield* lines;
  }
  const last = begun + decoder.decode();
  if (last !== '') yield last;
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

/**
 * Prints text for a person. Text from webhooks may contain control characters that command a terminal or change the
 * text direction. They are replaced, except line breaks and tabs.
 */
export function printText(text: string): void {
  process.stdout.write(text.replace(CONTROL, '\ufffd'));
}

const CONTROL = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu;

/** LiveKit's configuration and the operator's settings about the site. */
export interface Configuration {
  readonly snapshot: Snapshot;
  readonly site: Site;
}

/** Reads LiveKit's configuration, from `file` if given. Rejects with WrongUse if it can't be read. */
export type ReadConfiguration = (file: string | undefined) => Promise<Configuration>;
