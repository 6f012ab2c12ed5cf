import { BYTE_LIMITS, type ByteLimits, inputBytes } from './inputBytes.ts';
import { InputFault } from './inputFault.ts';

export interface LineLimits extends ByteLimits {
  readonly lineBytes: number;
}

/** Twice the largest configuration that is read, because the line of an export quotes it. */
export const LINE_LIMITS: LineLimits = { ...BYTE_LIMITS, lineBytes: 64 * 1024 * 1024 };

export interface TextLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

const LINE_FEED = 0x0a;

/**
 * Reads the lines of UTF-8 in a file, plain or gzipped, or in standard input for `-`. Skips blank lines. Throws
 * `InputFault` if the file cannot be read, or holds more than the limits allow. Only a line feed ends a line: `readline`
 * would also break JSON at a U+2028 in its strings.
 */
export async function* textLines(file: string, limits: LineLimits = LINE_LIMITS): AsyncGenerator<TextLine> {
  let number = 1;
  /** The parts of a line that has not ended. They are joined once, so a long line costs no more than its length. */
  let begun: Buffer[] = [];
  let begunBytes = 0;
  const take = (part: Buffer) => {
    begun.push(part);
    begunBytes += part.length;
    if (begunBytes <= limits.lineBytes) return;
    const mib = Math.round(limits.lineBytes / (1024 * 1024));
    throw new InputFault(file, number, `the line is longer than ${mib} MiB`);
  };
  const ended = (): TextLine => {
    const text = Buffer.concat(begun).toString('utf8');
    begun = [];
    begunBytes = 0;
    return { number, text: number === 1 ? text.replace(/^\ufeff/, '') : text };
  };
  for await (const chunk of inputBytes(file, limits)) {
    let from = 0;
    // A file of nothing but line feeds has millions.
    for (; begunBytes === 0 && chunk[from] === LINE_FEED; from += 1) number += 1;
    for (let end = chunk.indexOf(LINE_FEED, from); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      take(chunk.subarray(from, end));
      const line = ended();
      if (line.text.trim() !== '') yield line;
      number += 1;
      from = end + 1;
    }
    take(chunk.subarray(from));
  }
  const last = ended();
  if (last.text.trim() !== '') yield last;
}
