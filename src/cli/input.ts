import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { WrongUse } from './exit.ts';
import { linesIn } from './lines.ts';

/** A line of JSON and where it stands, for messages. */
export interface JsonLine {
  readonly number: number;
  readonly json: unknown;
}

/** Reads JSON lines from a file, plain or gzipped, or from standard input for `-`. Blank lines are passed over. */
export async function* jsonLines(file: string): AsyncGenerator<JsonLine> {
  let number = 0;
  for await (const line of linesOf(file)) {
    number += 1;
    if (line.trim() === '') continue;
    try {
      yield { number, json: JSON.parse(line) };
    } catch (error) {
      throw new WrongUse(`${file}, line ${number}: not JSON: ${(error as Error).message}`);
    }
  }
}

function linesOf(file: string): AsyncIterable<string> {
  if (file === '-') return linesIn(process.stdin);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new WrongUse(`${file} cannot be read: ${(error as Error).message}`);
  }
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return linesIn(Readable.from([isGzip ? gunzipSync(bytes) : bytes]));
}
