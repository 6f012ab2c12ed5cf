import type { Mutant } from './mutators.ts';

/** A mutant and the file that it is of. */
export interface FileMutant extends Mutant {
  readonly file: string;
}

/**
 * A number of mutants, spread evenly over files and operators, the same for the same seed: one of each file in turn, of
 * the operator of which the fewest were taken so far.
 */
export function chooseMutants<T extends FileMutant>(mutants: readonly T[], count: number, seed: number): T[] {
  const random = randomOf(seed);
  const left = shuffled([...Map.groupBy(shuffled(mutants, random), ({ file }) => file).values()], random);
  const taken = new Map<string, number>();
  const timesTaken = ({ operator }: T) => taken.get(operator) ?? 0;
  const chosen: T[] = [];
  for (let i = 0; chosen.length < Math.min(count, mutants.length); i = (i + 1) % left.length) {
    const ofFile = left[i] ?? [];
    const rarest = Math.min(...ofFile.map(timesTaken));
    const [next] = ofFile.splice(
      ofFile.findIndex((mutant) => timesTaken(mutant) === rarest),
      1,
    );
    if (!next) continue;
    taken.set(next.operator, rarest + 1);
    chosen.push(next);
  }
  return chosen;
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
