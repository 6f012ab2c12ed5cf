/** Deeper than any file that is read, and far from the depth at which walking a parsed value ends the stack. */
const MAX_DEPTH = 64;
/** Parsed values take up to 60 bytes each, whatever their text takes. LiveKit's 20,000 trunks have 400,000. */
const MAX_VALUES = 2_000_000;

type ReadJson =
  | { readonly ok: true; readonly json: unknown }
  /** `line` counts from 1. The fault never quotes the text, which may hold a password. */
  | { readonly ok: false; readonly line: number; readonly fault: string };

/** Parses JSON from outside. */
export function readJson(text: string): ReadJson {
  const excess = excessIn(text);
  if (excess) return { ok: false, line: lineAt(text, excess.at), fault: excess.fault };
  try {
    return { ok: true, json: JSON.parse(text) };
  } catch (error) {
    return { ok: false, line: faultyLine(text), fault: `not JSON: ${withoutQuotes((error as Error).message)}` };
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** `[` and `{`, `]` and `}` differ in this bit alone. */
const CURLY_BIT = 0x20;
const OPENING = 0x5b;
const CLOSING = 0x5d;

/** Where JSON becomes too dear to parse, and why; `undefined` if it doesn't. It looks at the characters in one pass. */
function excessIn(text: string): { readonly at: number; readonly fault: string } | undefined {
  let depth = 0;
  let values = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) isInText = !isInText;
    else if (isInText) {
      if (code === BACKSLASH) at += 1;
    } else if (code === COMMA || (code & ~CURLY_BIT) === OPENING) {
      values += 1;
      if (code !== COMMA) depth += 1;
      if (depth > MAX_DEPTH) return { at, fault: `nested deeper than ${MAX_DEPTH} levels` };
      if (values > MAX_VALUES) return { at, fault: `larger than ${MAX_VALUES} values` };
    } else if ((code & ~CURLY_BIT) === CLOSING) depth -= 1;
  }
  return undefined;
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
