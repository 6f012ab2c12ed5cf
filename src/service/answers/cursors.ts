// Cursors are opaque to clients. They contain the values that a list is ordered by.

/** The position of the last entry of a page, as text. */
export function toCursor(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The parts of a cursor; `undefined` for text that is not a cursor with these types. */
export function fromCursor<const T extends readonly ('string' | 'number')[]>(
  cursor: string,
  types: T,
): { readonly [I in keyof T]: T[I] extends 'string' ? string : number } | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== types.length) return undefined;
    // A position is a time or a count, and PostgreSQL refuses any other number.
    const isOf = (type: T[number], part: unknown) =>
      type === 'number' ? Number.isSafeInteger(part) : typeof part === type;
    // The cast: the comparison with the types has shown it.
    return types.every((type, i) => isOf(type, parts[i])) ? (parts as never) : undefined;
  } catch {
    return undefined;
  }
}
