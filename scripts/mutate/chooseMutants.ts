import { createHash } from 'node:crypto';
import type { Mutant } from './mutators.ts';

/** A mutant and the file that it is of. */
export interface FileMutant extends Mutant {
  readonly file: string;
}

/**
 * A number of mutants, spread over files and operators: one of each file in turn, each time of another operator. It is
 * the same for the same seed, and what is taken of a file depends on that file alone.
 */
export function chooseMutants<T extends FileMutant>(mutants: readonly T[], count: number, seed: number): T[] {
  const files = shuffledBy(
    Map.groupBy(mutants, ({ file }) => file),
    `${seed}`,
  );
  return inTurn(files.map(([file, ofFile]) => inTurnByOperator(ofFile, `${seed} ${file}`))).slice(0, count);
}

function inTurnByOperator<T extends FileMutant>(mutants: readonly T[], seed: string): T[] {
  const operators = shuffledBy(
    Map.groupBy(mutants, ({ operator }) => operator),
    seed,
  );
  return inTurn(
    operators.map(([operator, same]) =>
      shuffledBy(new Map(same.entries()), `${seed} ${operator}`).map(([, one]) => one),
    ),
  );
}

/** Entries in an order that depends on the seed and on each key alone. */
function shuffledBy<K extends string | number, V>(entries: ReadonlyMap<K, V>, seed: string): [K, V][] {
  const place = (key: K) => createHash('sha256').update(`${seed} ${key}`).digest('hex');
  return [...entries]
    .map((entry) => ({ entry, at: place(entry[0]) }))
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .map(({ entry }) => entry);
}

/** The first of each list, then the second of each, and so on. */
function inTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}
