import { addTo } from '../trunks/grouped.ts';
import { likeness, type NumberLikeness, normaliseNumber } from '../trunks/number.ts';
import type { InboundTrunk } from '../trunks/snapshot.ts';

type NumberField = 'numbers' | 'allowed_numbers';

/** A number of a trunk that is the one asked for, or the same line written otherwise. */
export interface LikeNumber {
  readonly number: string;
  readonly trunks: readonly InboundTrunk[];
  /** `as_written`: the same text. `normalised`: LiveKit takes it for the same on a trunk, not in a dispatch rule. */
  readonly how: 'as_written' | 'normalised' | NumberLikeness;
}

/** Finds numbers of trunks by how they end, so that looking one up does not mean reading all of them. */
export class LikeNumbers {
  readonly #byTail = new Map<string, Map<string, InboundTrunk[]>>();

  constructor(trunks: readonly InboundTrunk[], field: NumberField) {
    for (const trunk of trunks) {
      for (const number of trunk[field]) {
        const tail = tailOf(number);
        const forms = this.#byTail.get(tail) ?? new Map<string, InboundTrunk[]>();
        this.#byTail.set(tail, forms);
        addTo(forms, number, trunk);
      }
    }
  }

  of(number: string): LikeNumber[] {
    const found: LikeNumber[] = [];
    for (const [form, trunks] of this.#byTail.get(tailOf(number)) ?? []) {
      const how = compare(form, number);
      if (how) found.push({ number: form, trunks, how });
    }
    return found;
  }
}

const cache = new WeakMap<readonly InboundTrunk[], Partial<Record<NumberField, LikeNumbers>>>();

/** The numbers, or the callers, of a snapshot's trunks, read once for all findings. */
export function likeNumbersOf(trunks: readonly InboundTrunk[], field: NumberField): LikeNumbers {
  const known = cache.get(trunks) ?? {};
  cache.set(trunks, known);
  known[field] ??= new LikeNumbers(trunks, field);
  return known[field];
}

function compare(a: string, b: string): LikeNumber['how'] | undefined {
  if (a === b) return 'as_written';
  return normaliseNumber(a) === normaliseNumber(b) ? 'normalised' : likeness(a, b);
}

// Two numbers that are alike end in the same six digits.
function tailOf(number: string): string {
  const digits = number.replace(/\D/g, '');
  return digits.length >= 6 ? digits.slice(-6) : normaliseNumber(number.trim());
}
