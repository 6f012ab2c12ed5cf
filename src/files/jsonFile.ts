import { isUtf8 } from 'node:buffer';
import { BYTE_LIMITS, inputBytes } from './inputBytes.ts';
import { InputFault } from './inputFault.ts';
import { readJson } from './jsonText.ts';
import { textLines } from './textLines.ts';

/** Twice the largest configuration that is read through LiveKit's API, because a file may be indented. */
const FILE_LIMITS = { ...BYTE_LIMITS, totalBytes: 64 * 1024 * 1024 };

/** Reads a file of one JSON value, plain or gzipped, or standard input for `-`. Throws `InputFault`. */
export async function readJsonFile(file: string, limits = FILE_LIMITS): Promise<unknown> {
  return jsonIn(file, await textOf(file, limits));
}

/** Reads a file of JSON or YAML, plain or gzipped, or standard input for `-`. Throws `InputFault`. */
export async function readJsonOrYamlFile(file: string): Promise<unknown> {
  const text = await textOf(file, FILE_LIMITS);
  // JSON is also YAML, but slow to read as such, and a number of a JSON file is a number.
  if (/^\s*[{[]/.test(text)) return jsonIn(file, text);
  const { readYaml } = await import('../core/trunks/yamlText.ts');
  const reading = readYaml(text);
  if (!reading.ok) throw new InputFault(file, reading.line, reading.fault);
  return reading.value;
}

async function textOf(file: string, limits: typeof FILE_LIMITS): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of inputBytes(file, limits)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (!isUtf8(bytes)) throw new InputFault(file, undefined, 'is not text in UTF-8');
  return new TextDecoder().decode(bytes);
}

function jsonIn(file: string, text: string): unknown {
  const reading = readJson(text);
  if (!reading.ok) throw new InputFault(file, reading.line, reading.fault);
  return reading.json;
}

/** A line of JSON with its line number. */
interface JsonLine {
  readonly number: number;
  readonly json: unknown;
}

/** Reads JSON lines. Throws `InputFault` at the first line that is not JSON. */
export async function* jsonLines(file: string): AsyncGenerator<JsonLine> {
  for await (const { number, text } of textLines(file)) {
    const reading = readJson(text);
    if (!reading.ok) throw new InputFault(file, number, reading.fault);
    yield { number, json: reading.json };
  }
}
