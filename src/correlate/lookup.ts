/** Things by a key that several of them may share. */
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
