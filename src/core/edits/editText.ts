import { isDeepStrictEqual } from 'node:util';
import { type ApiConfiguration, type ApiObject, type Edit, type EditedKind, idOf, textsOf } from './edits.ts';
import { keptObject } from './keptObject.ts';

/** Of a longer list only the entries that were added and removed are shown. */
const ENTRIES_SHOWN = 10;
/** A configuration of which much changed meanwhile is not listed whole. */
const MOST_LINES = 20;

/** The edits as a difference: a line for each trunk or rule, and its fields before (-) and after (+). No secrets. */
export function differenceLines(edits: readonly Edit[]): string[] {
  return edits.flatMap((edit) => {
    const what = titleOf(edit);
    if (edit.change !== 'changed') {
      const sign = edit.change === 'added' ? '+' : '-';
      const { object, lost } = keptObject(edit.kind, edit.object);
      const secret = [...new Set([...lost, ...(edit.lost ?? [])])].map((field) => `${sign} ${field}: (not shown)`);
      const shown = Object.entries(object).map(([field, value]) => `${sign} ${field}: ${written(value)}`);
      return [`${what}, ${edit.change === 'added' ? 'new' : 'deleted'}`, ...shown, ...secret];
    }
    return [what, ...edit.fields.flatMap(({ field, before, after }) => fieldLines(field, before, after))];
  });
}

/** The edits in short, one line for each trunk or rule. No secrets. */
export function editsInShort(edits: readonly Edit[]): string[] {
  return edits.map((edit) => {
    const what = titleOf(edit);
    if (edit.change !== 'changed') return `${what} ${edit.change === 'added' ? 'created' : 'deleted'}`;
    const fields = edit.fields.map(({ field, before, after }) => {
      const [had, has] = [textsOf(before), textsOf(after)];
      const isList = Array.isArray(before) || Array.isArray(after);
      if (!isList) return `${field} changed from ${written(before)} to ${written(after)}`;
      const added = has.filter((entry) => !had.includes(entry));
      const gone = had.filter((entry) => !has.includes(entry));
      const parts = [listed('added', added), listed('removed', gone)].filter(Boolean);
      return `${field}: ${parts.join(', ') || 'other order or repeats'}`;
    });
    return `${what}, ${fields.join('; ')}`;
  });
}

/** What differs between two configurations, in words without values. LiveKit's own times don't count. */
export function changedWords(before: ApiConfiguration, after: ApiConfiguration): string[] {
  const words = [...changedIn('trunk', before.trunks, after.trunks), ...changedIn('rule', before.rules, after.rules)];
  const more = words.length - MOST_LINES;
  return more > 0 ? [...words.slice(0, MOST_LINES), `and ${more} more`] : words;
}

function changedIn(kind: EditedKind, before: readonly ApiObject[], after: readonly ApiObject[]): string[] {
  const earlier = new Map(before.map((object) => [idOf(kind, object), object]));
  const words = after.flatMap((object) => {
    const id = idOf(kind, object);
    const known = earlier.get(id);
    earlier.delete(id);
    if (!known) return [`${KIND_WORDS[kind]} ${id} was added`];
    return fieldsThatDiffer(known, object).map((field) => `${field} of ${KIND_WORDS[kind]} ${id} changed`);
  });
  return [...words, ...[...earlier.keys()].map((id) => `${KIND_WORDS[kind]} ${id} was deleted`)];
}

/** The names of the fields in which two objects differ, besides the times that LiveKit keeps. */
export function fieldsThatDiffer(one: ApiObject, other: ApiObject): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter(
    (name) => name !== 'updated_at' && name !== 'created_at' && !isDeepStrictEqual(one[name], other[name]),
  );
}

const KIND_WORDS: Readonly<Record<EditedKind, string>> = { trunk: 'inbound trunk', rule: 'dispatch rule' };

export function titleOf({ kind, id, name }: Edit): string {
  const words = /^</.test(id) ? KIND_WORDS[kind] : `${KIND_WORDS[kind]} ${id}`;
  const quoted = name === '' ? words : `${words} "${name}"`;
  return quoted.replace(/^./, (letter) => letter.toUpperCase());
}

function fieldLines(field: string, before: unknown, after: unknown): string[] {
  const [had, has] = [textsOf(before), textsOf(after)];
  if (Math.max(had.length, has.length) <= ENTRIES_SHOWN)
    return [`- ${field}: ${written(before)}`, `+ ${field}: ${written(after)}`];
  const gone = had.filter((entry) => !has.includes(entry));
  const added = has.filter((entry) => !had.includes(entry));
  return [
    `- ${field}: ${had.length} entries${gone.length > 0 ? `, of which these go: ${few(gone)}` : ''}`,
    `+ ${field}: ${has.length} entries${added.length > 0 ? `, of which these are new: ${few(added)}` : ''}`,
  ];
}

function listed(verb: string, entries: readonly string[]): string {
  return entries.length === 0 ? '' : `${verb} ${few(entries)}`;
}

function few(entries: readonly string[]): string {
  const more = entries.length - ENTRIES_SHOWN;
  return entries.slice(0, ENTRIES_SHOWN).map(entryWritten).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** In quotes where it could be read as several entries. */
function entryWritten(entry: string): string {
  return /^[^\s,"[\]]+$/.test(entry) ? entry : JSON.stringify(entry);
}

function written(value: unknown): string {
  if (value === undefined) return '(not set)';
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string'))
    return `[${value.map(entryWritten).join(', ')}]`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
