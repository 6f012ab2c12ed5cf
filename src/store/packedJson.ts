import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import { pause } from '../loop/slices.ts';

/** How many bytes are unpacked, and parsed, in one step. */
const STEP_BYTES = 32 * 1024;

/**
 * Compresses a snapshot or changes for the store. Lists on the first level have a line for each entry, so that unpacking
 * them need not parse megabytes at once.
 */
export async function pack(value: unknown): Promise<Uint8Array> {
  // The cast: only lists and objects are packed.
  return promisify(gzip)(Array.isArray(value) ? listInLines(value) : fieldsOf(value as object));
}

function listInLines(list: readonly unknown[]): string {
  return `[\n${list.map((entry) => JSON.stringify(entry)).join(',\n')}\n]`;
}

function fieldsOf(value: object): string {
  const fields = Object.entries(value).map(
    ([key, field]) => `${JSON.stringify(key)}:${Array.isArray(field) ? listInLines(field) : JSON.stringify(field)}`,
  );
  return `{${fields.join(',')}}`;
}

/** The JSON that was packed, also by an older version, which wrote all of it in one line. */
export async function unpack(packed: Uint8Array): Promise<unknown> {
  const lists: unknown[][] = [];
  let isInList = false;
  // What is not an entry of these lists: they are empty in it.
  let frame = '';
  for await (const lines of linesIn(packed)) {
    await pause();
    for (const line of lines) {
      // No entry begins or ends like this.
      if (line.startsWith(']')) isInList = false;
      if (isInList) {
        if (line !== '') lists.at(-1)?.push(JSON.parse(line.endsWith(',') ? line.slice(0, -1) : line));
        continue;
      }
      frame += line;
      isInList = line.endsWith('[');
      if (isInList) lists.push([]);
    }
  }
  const value = JSON.parse(frame);
  if (lists.length === 0) return value;
  if (Array.isArray(value)) return lists[0];
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, Array.isArray(field) ? lists.shift() : field]),
  );
}

/** All lines, some at a time. */
async function* linesIn(packed: Uint8Array): AsyncGenerator<readonly string[]> {
  const unpacked = createGunzip({ chunkSize: STEP_BYTES });
  unpacked.setEncoding('utf8').end(packed);
  let begun = '';
  for await (const text of unpacked as AsyncIterable<string>) {
    const lines = text.split('\n');
    begun += lines.shift();
    const next = lines.pop();
    if (next === undefined) continue;
    yield [begun, ...lines];
    begun = next;
  }
  yield [begun];
}
