import { styleText } from 'node:util';
import { plainText } from './input.ts';

/** A value of a row, in a colour if the output is a terminal. */
export type Cell = string | { readonly text: string; readonly colour: 'red' | 'green' | 'yellow' };

const GAP = '  ';
const NARROWEST = 8;

/**
 * Prints rows as aligned columns, the first row as their heads. On a terminal a line never wraps: its last value is cut
 * off if need be. In a pipe nothing is cut off. NO_COLOR turns colours off.
 */
export function printColumns(rows: readonly (readonly Cell[])[]): void {
  process.stdout.write(columns(rows, process.stdout.columns, paint));
}

/** The rows as text, at most `width` characters a line. */
export function columns(
  rows: readonly (readonly Cell[])[],
  width: number | undefined,
  painted: (text: string, cell: Cell) => string = (text) => text,
): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => lengthOf(row[i] ?? ''))));
  const before = widths.slice(0, -1).reduce((sum, one) => sum + one + GAP.length, 0);
  const room = width === undefined ? Number.POSITIVE_INFINITY : Math.max(NARROWEST, width - before);
  const lineOf = (row: readonly Cell[]) =>
    row
      .map((cell, i) => {
        const isLast = i === row.length - 1;
        const text = isLast ? cutOff(textOf(cell), room) : textOf(cell);
        return painted(text, cell) + (isLast ? '' : ' '.repeat((widths[i] ?? 0) - lengthOf(cell)));
      })
      .join(GAP)
      .trimEnd();
  return rows.map((row) => `${lineOf(row)}\n`).join('');
}

function paint(text: string, cell: Cell): string {
  return typeof cell === 'string' ? text : styleText(cell.colour, text, { stream: process.stdout });
}

/** On one line, without what would command a terminal. */
function textOf(cell: Cell): string {
  return plainText(typeof cell === 'string' ? cell : cell.text).replaceAll(/\s/g, ' ');
}

function lengthOf(cell: Cell): number {
  return [...textOf(cell)].length;
}

function cutOff(text: string, room: number): string {
  const characters = [...text];
  return characters.length <= room ? text : `${characters.slice(0, room - 1).join('')}…`;
}
