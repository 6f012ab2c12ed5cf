import { normaliseNumber } from '../trunks/number.ts';

// A list is asked again for each trunk or rule that it is held against, and never changes within a snapshot.
const cache = new WeakMap<readonly string[], ReadonlySet<string>>();

/** The numbers of a list in the form in which LiveKit compares those of trunks. */
export function normalised(list: readonly string[]): ReadonlySet<string> {
  let set = cache.get(list);
  if (!set) {
    set = new Set(list.map(normaliseNumber));
    cache.set(list, set);
  }
  return set;
}

/** A number that both lists take, in normalised form; `any` where both are empty and take every number. */
export function shared(a: readonly string[], b: readonly string[]): { readonly number: string } | 'any' | undefined {
  if (a.length === 0 && b.length === 0) return 'any';
  if (a.length === 0 || b.length === 0) return { number: [...a, ...b][0] ?? '' };
  const [few, many] = a.length < b.length ? [a, b] : [b, a];
  const inMany = normalised(many);
  for (const number of normalised(few)) if (inMany.has(number)) return { number };
  return undefined;
}

/** The list with each number once: two forms of one number in a dispatch rule make it clash with itself. */
export function withoutRepeats(list: readonly string[]): string[] {
  const byNumber = new Map<string, string>();
  for (const number of list) {
    const key = normaliseNumber(number);
    if (!byNumber.has(key)) byNumber.set(key, number);
  }
  return [...byNumber.values()];
}
