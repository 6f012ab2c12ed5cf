import { indexKey } from '../call/storedText.ts';
import { lineOf } from '../trunks/hashedNumber.ts';

/** A map from a key to all things that share it. */
export class Lookup<T> {
  readonly #byKey = new Map<string, Set<T>>();

  add(key: string, thing: T): void {
    const things = this.#byKey.get(key);
    if (things) things.add(thing);
    else this.#byKey.set(key, new Set([thing]));
  }

  delete(key: string, thing: T): void {
    const things = this.#byKey.get(key);
    if (things?.delete(thing) && things.size === 0) this.#byKey.delete(key);
  }

  get(key: string | undefined): readonly T[] {
    return key === undefined ? [] : [...(this.#byKey.get(key) ?? [])];
  }
}

/** Caller and called number as one look-up key; `undefined` if one of them is not known. */
export function numberKey(caller: string | undefined, called: string | undefined): string | undefined {
  if (caller === undefined || called === undefined) return undefined;
  return indexKey(`${lineOf(caller)}>${lineOf(called)}`);
}
