// Cursors are opaque to whoever is given one; what is in them is what a list is ordered by.

/** Position of the last entry of a page, as text. */
export function toCursor(parts: readonly (string | number | boolean)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The parts of a cursor; `undefined` for text that is none of these types. */
export function fromCursor<const T extends readonly ('string' | 'number' | 'boolean')[]>(
  cursor: string,
  ...types: T
): { readonly [I in keyof T]: TypeOf<T[I]> } | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== types.length) return undefined;
    // The cast is what the comparison with the types has shown.
    return types.every((type, i) => typeof parts[i] === type) ? (parts as never) : undefined;
  } catch {
    return undefined;
  }
}

type TypeOf<T> = T extends 'string' ? string : T extends 'number' ? number : boolean;
