type Json = Record<string, unknown>;

/** Their values are data, which may look like schemas. */
const EXAMPLES: ReadonlySet<string> = new Set(['example', 'examples']);

/**
 * Moves each schema that has a title into `schemas`, under that title, and leaves a reference in its place, so that a
 * generated client has types with names. Throws if two different schemas have one title. A parameter with a default is
 * not required, although its schema lists it as such.
 */
export function hoistNamed(value: unknown, schemas: Json): unknown {
  if (Array.isArray(value)) return value.map((entry) => hoistNamed(entry, schemas));
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, EXAMPLES.has(key) ? entry : hoistNamed(entry, schemas)]),
  );
  if (isParameter(inner)) return { ...inner, required: inner.in === 'path' || (inner.required && !hasDefault(inner)) };
  if (!isNamed(inner)) return inner;
  const before = schemas[inner.title];
  if (before !== undefined && JSON.stringify(before) !== JSON.stringify(inner))
    throw new Error(`two different schemas have the title ${inner.title}`);
  schemas[inner.title] = inner;
  return { $ref: `#/components/schemas/${inner.title}` };
}

function isParameter(value: Json): value is Json & { in: string; schema: Json } {
  return typeof value.in === 'string' && typeof value.schema === 'object';
}

function hasDefault({ schema }: { schema: Json }): boolean {
  return 'default' in schema;
}

/** A property may be called title as well; its value is a schema. */
function isNamed(value: Json): value is Json & { title: string } {
  return typeof value.title === 'string' && ('type' in value || 'anyOf' in value || 'enum' in value);
}
