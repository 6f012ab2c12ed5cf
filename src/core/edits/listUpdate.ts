import { isDeepStrictEqual } from 'node:util';
import { textsOf } from './edits.ts';

/** An update of a list, as LiveKit's API takes it. */
export type ListChange =
  | { readonly clear: true }
  | { readonly set: readonly string[] }
  | { readonly add: readonly string[]; readonly remove: readonly string[] };

/**
 * The update that makes one list of another. Additions and removals where they have that very result, because they leave
 * alone what somebody else adds at the same moment; otherwise the whole list. `undefined` if LiveKit's API can't say it.
 */
export function listUpdate(before: unknown, after: unknown): ListChange | undefined {
  const [had, has] = [textsOf(before), textsOf(after)];
  // LiveKit refuses an empty entry in an update.
  if ([...had, ...has].includes('')) return undefined;
  if (has.length === 0) return { clear: true };
  const remove = had.filter((entry) => !has.includes(entry));
  const add = has.filter((entry) => !had.includes(entry));
  const isChange = add.length + remove.length > 0;
  return isChange && isDeepStrictEqual(updated(had, add, remove), has) ? { add, remove } : { set: has };
}

/** LiveKit removes an entry once each time it is named, and adds none that is there. */
function updated(list: readonly string[], add: readonly string[], remove: readonly string[]): string[] {
  const after = [...list];
  for (const entry of remove) {
    const at = after.indexOf(entry);
    if (at >= 0) after.splice(at, 1);
  }
  for (const entry of add) if (!after.includes(entry)) after.push(entry);
  return after;
}
