import { parseDocument, type Tags } from 'yaml';

/** In characters. A list of 10,000 trunks takes about 3 million. */
const MAX_LENGTH = 8_000_000;

type ReadYaml =
  | { readonly ok: true; readonly value: unknown }
  /** `line` counts from 1. The fault never quotes the text, which may hold a password. */
  | { readonly ok: false; readonly line: number | undefined; readonly fault: string };

/**
 * Parses YAML from outside. A number stays the text that it is written as: of `+4930123456` a number would lose the `+`.
 * Aliases are refused, because a few of them can expand to any size.
 */
export function readYaml(text: string): ReadYaml {
  if (text.length > MAX_LENGTH) return { ok: false, line: undefined, fault: `longer than ${MAX_LENGTH} characters` };
  try {
    const document = parseDocument(text, { customTags: withoutNumbers, prettyErrors: false, logLevel: 'silent' });
    const [error] = document.errors;
    if (!error) return { ok: true, value: document.toJS({ maxAliasCount: 0 }) };
    const line = text.slice(0, error.pos[0]).split('\n').length;
    return { ok: false, line, fault: `not YAML: ${error.code.toLowerCase().replaceAll('_', ' ')}` };
  } catch (error) {
    // Text that is nested too deeply ends the stack, and an alias is a ReferenceError.
    const fault = error instanceof RangeError ? 'nested too deeply' : 'it uses an alias, or cannot be read as YAML';
    return { ok: false, line: undefined, fault };
  }
}

function withoutNumbers(tags: Tags): Tags {
  const isNumber = (tag: Tags[number]) => typeof tag !== 'string' && /:(int|float)$/.test(tag.tag);
  return tags.filter((tag) => !isNumber(tag));
}
