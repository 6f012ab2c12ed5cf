import { formOf, LikeNumbers } from './likeNumbers.ts';
import { normaliseNumber } from './number.ts';
import { enter, type Positions } from './positions.ts';
import type { InboundTrunk } from './snapshot.ts';
import type { TrunkGroup } from './trunkGroup.ts';

/** Trunks by the numbers that they list. */
export class NumberIndex {
  readonly #byNumber: ReadonlyMap<string, TrunkGroup>;
  /** Where a number has outer white space, which LiveKit does not cut: by the form without it. */
  readonly #byTrimmed: ReadonlyMap<string, TrunkGroup>;
  readonly #likeNumbers = new LikeNumbers();

  constructor(trunks: readonly InboundTrunk[], groupOf: (positions: Positions) => TrunkGroup) {
    const byNumber = new Map<string, number[]>();
    const byTrimmed = new Map<string, number[]>();
    for (const [p, { numbers }] of trunks.entries()) {
      for (const number of numbers) {
        const normalised = normaliseNumber(number);
        const form = formOf(number);
        this.#likeNumbers.add(form);
        enter(byNumber, normalised, p);
        if (form !== normalised) enter(byTrimmed, form, p);
      }
    }
    const grouped = (lists: Map<string, number[]>) => new Map(lists.entries().map(([key, p]) => [key, groupOf(p)]));
    this.#byNumber = grouped(byNumber);
    this.#byTrimmed = grouped(byTrimmed);
  }

  /** The trunks that list the number as LiveKit compares it. */
  listing(number: string): TrunkGroup | undefined {
    return this.#byNumber.get(normaliseNumber(number));
  }

  /** The trunks that list it in another form, and those forms; some may list it as LiveKit compares it, too. */
  listingAlike(number: string): { readonly groups: readonly TrunkGroup[]; readonly forms: ReadonlySet<string> } {
    const forms = this.#likeNumbers.find(number);
    const normalised = normaliseNumber(number);
    const groups: TrunkGroup[] = [];
    for (const form of forms) {
      const written = form === normalised ? undefined : this.#byNumber.get(form);
      const padded = this.#byTrimmed.get(form);
      if (written) groups.push(written);
      if (padded) groups.push(padded);
    }
    return { groups, forms: new Set(forms) };
  }
}
