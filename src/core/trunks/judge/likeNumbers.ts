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

/** Finds like numbers by their endings, so that a look-up compares only a few. */
export class LikeNumbers<Owner> {
  readonly #byNumber = new Map<string, Written<Owner>>();
  readonly #byEnding = new Map<Ending, Written<Owner>[]>();

  add(owner: Owner, numbers: readonly string[]): void {
    for (const number of numbers) {
      const known = this.#byNumber.get(number);
      if (known) {
        if (known.owners.at(-1) !== owner) known.owners.push(owner);
        continue;
      }
      const written = { number, owners: [owner] };
      this.#byNumber.set(number, written);
      addTo(this.#byEnding, endingOf(number), written);
    }
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
    for (const written of this.#byEnding.get(endingOf(number)) ?? []) {
      const how = compare(number, written.number);
      if (how) found.push({ ...written, how });
    }
    return found;
  }
}

function compare(a: string, b: string): LikeNumber<unknown>['how'] | undefined {
  if (a === b) return 'as_written';
  return normaliseNumber(a) === normaliseNumber(b) ? 'normalised' : likeness(a, b);
}

/** Digits as a number, to save memory; other text as it is. */
type Ending = number | string;

/** The ending that like numbers share. As a number it has no leading zeros, so a short number shares it with its `00` form. */
function endingOf(number: string): Ending {
  const digits = digitsOf(number);
  // Other text is like itself only, with or without spaces around it.
  return digits === undefined ? normaliseNumber(number.trim()) : Number(digits.slice(-ENDING));
}

/** Adds a value to the list that the map keeps under a key. */
export function addTo<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
