import type { Random } from '../oracle/random.ts';

// Numbers from the ranges that are kept free for examples, so that nobody's is in the tests.

const RANGES: readonly [Range, ...Range[]] = [
  ['+441632960', 3],
  ['+447700900', 3],
  ['+493023125', 3],
  ['+3319900', 4],
  ['+1202555', 4],
  ['+1415555', 4],
];
type Range = readonly [prefix: string, digits: number];

/** A number in its international form, another one each time. */
export class Numbers {
  readonly #random: Random;
  readonly #given = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  next(): string {
    for (;;) {
      const [prefix, digits] = this.#random.pick(RANGES);
      const number = prefix + `${this.#random.below(10 ** digits)}`.padStart(digits, '0');
      if (!this.#given.has(number)) {
        this.#given.add(number);
        return number;
      }
    }
  }

  list(from: number, to: number): string[] {
    return Array.from({ length: from + this.#random.below(to - from + 1) }, () => this.spelled(this.next()));
  }

  /** In one of the forms that LiveKit takes for the same number where it normalises. */
  spelled(number: string): string {
    if (!number.startsWith('+')) return number;
    const grouped = number.replace(/^\+(\d{2})(\d{3})(\d+)$/, '+$1 ($2) $3');
    return this.#random.pick([number, number, number.slice(1), number.slice(1), grouped, grouped.replaceAll(' ', '-')]);
  }
}

/** Forms of the same number that LiveKit takes for another one. */
export const OTHER_FORMS = {
  international: (number: string) => `00${number.slice(1)}`,
  // North America writes no 0 in front.
  national: (number: string) => `${number.startsWith('+1') ? '' : '0'}${withoutCountry(number)}`,
  local: withoutCountry,
} as const;

function withoutCountry(number: string): string {
  return number.replace(/^\+(1|33|44|49)/, '');
}
