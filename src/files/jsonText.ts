import { excessIn, MAX_JSON_DEPTH } from '../core/receive/jsonBounds.ts';

/** Parsed values take up to 60 bytes each, whatever their text takes. LiveKit's 20,000 trunks have 400,000. */
const MAX_VALUES = 2_000_000;

type ReadJson =
  | { readonly ok: true; readonly json: unknown }
  /** `line` counts from 1. The fault never quotes the text, which may hold a password. */
  | { readonly ok: false; readonly line: number; readonly fault: string };

/** Parses JSON from outside. */
export function readJson(text: string): ReadJson {
  const excess = excessIn(text, { values: MAX_VALUES });
  if (excess) {
    const fault =
      excess.of === 'depth' ? `nested deeper than ${MAX_JSON_DEPTH} levels` : `larger than ${MAX_VALUES} values`;
    return { ok: false, line: lineAt(text, excess.at), fault };
  }
  try {
    return { ok: true, json: JSON.parse(text) };
  } catch (error) {
    return { ok: false, line: faultyLine(text), fault: `not JSON: ${withoutQuotes((error as Error).message)}` };
  }
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** The first line that makes the text no JSON. Not every message of `JSON.parse` has a position. */
function faultyLine(text: string): number {
  const lines = text.trimEnd().split('\n');
  let [fine, faulty] = [0, lines.length];
  while (fine + 1 < faulty) {
    const middle = (fine + faulty) >> 1;
    if (isBegunJson(`${lines.slice(0, middle).join('\n')}\n`)) fine = middle;
    else faulty = middle;
  }
  return faulty;
}

function isBegunJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as Error;
    const position = / at position (\d+)/.exec(message)?.[1];
    return message === 'Unexpected end of JSON input' || (position !== undefined && Number(position) >= text.length);
  }
}

/** The parser's message without the text that it quotes, and without the position in it. */
function withoutQuotes(message: string): string {
  return message
    .replace(/, (\.\.\.)?".*$/s, '')
    .replace(/( in JSON)? at position.*$/s, '')
    .replace(/\p{Cc}/gu, '\ufffd');
}
