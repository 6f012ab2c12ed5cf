import { atOnce } from '../../atOnce.ts';
import { digitsOf, likeness, type NumberLikeness, normaliseNumber } from '../number.ts';

/** Two like numbers share this many digits at the end. */
const ENDING = 6;

/** A number that equals the one looked up, or is the same line in another form. */
interface LikeNumber<Owner> {
  /** As its owners write it. */
  readonly number: string;
  readonly owners: readonly Owner[];
  /** `as_written`: the same text. `normalised`: equal on a trunk, but not in a dispatch rule. */
  readonly how: 'as_written' | 'normalised' | NumberLikeness;
}

interface Written<Owner> {
  readonly number: string;
  readonly owners: Owner[];
}

/** How many numbers are sorted by their endings in one step. */
const STEP = 1_000;

/**
 * Finds like numbers by their endings, so that a look-up compares only a few. The endings are sorted at the first such
 * look-up, or earlier in steps. Add all numbers before.
 */
export class LikeNumbers<Owner> {
  readonly #byNumber = new Map<string, Written<Owner>>();
  #byEnding: ReadonlyMap<number | string, readonly Written<Owner>[]> | undefined;

  add(owner: Owner, numbers: readonly string[]): void {
    for (const number of numbers) {
      const known = this.#byNumber.get(number);
      if (known) {
        if (known.owners.at(-1) !== owner) known.owners.push(owner);
        continue;
      }
      this.#byNumber.set(number, { number, owners: [owner] });
    }
  }

  /** Sorts the endings in short steps. */
  *prepare(): Generator<void> {
    this.#byEnding ??= yield* byEnding(this.#byNumber.values());
  }

  /** The owners that list exactly this text. */
  ownersOf(number: string): readonly Owner[] {
    return this.#byNumber.get(number)?.owners ?? [];
  }

  /** The owners of each number, as one group per number. */
  *groups(): Generator<readonly Owner[]> {
    for (const { owners } of this.#byNumber.values()) yield owners;
  }

  /** The numbers that are this one in any form. */
  find(number: string): LikeNumber<Owner>[] {
    const found: LikeNumber<Owner>[] = [];
    this.#byEnding ??= atOnce(byEnding(this.#byNumber.values()));
    for (const written of this.#byEnding.get(endingOf(number)) ?? []) {
      const how = compare(number, written.number);
      if (how) found.push({ ...written, how });
    }
    return found;
  }
}

function* byEnding<Owner>(numbers: Iterable<Written<Owner>>): Generator<void, Map<number | string, Written<Owner>[]>> {
  const endings = new Map<number | string, Written<Owner>[]>();
  let sorted = 0;
  for (const written of numbers) {
    addTo(endings, endingOf(written.number), written);
    if (++sorted % STEP === 0) yield;
  }
  return endings;
}

function compare(a: string, b: string): LikeNumber<unknown>['how'] | undefined {
  if (a === b) return 'as_written';
  return normaliseNumber(a) === normaliseNumber(b) ? 'normalised' : likeness(a, b);
}

/** What two like numbers share: their last digits, as a number to save memory, or other text as it is. */
function endingOf(number: string): number | string {
  const digits = digitsOf(number);
  // Other text is like itself only, with or without spaces around it.
  if (digits === undefined) return normaliseNumber(number.trim());
  // The conversion loses leading zeros, so a short number ends the same with and without its international prefix.
  return Number(digits.slice(-ENDING));
}

/** Adds a value to the list that the map keeps under a key. */
export function addTo<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
