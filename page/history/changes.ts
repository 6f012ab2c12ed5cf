import type { DescribedVersion } from '../api/types.ts';
import { counted } from '../text/words.ts';

export type Change = DescribedVersion['changes'][number];
/** Names of trunks and rules by id. */
export type Names = ReadonlyMap<string, string>;

const KINDS_SHOWN = 3;
const THINGS_SHOWN = 2;

/** What changed, in short words: `allowed_numbers changed, 2 trunks added`. */
export function inShort(changes: readonly Change[], total: number): string {
  const kinds = Map.groupBy(changes, ({ kind, change, field }) => `${change} ${change === 'changed' ? field : kind}`);
  const words = [...kinds.values()].slice(0, KINDS_SHOWN).flatMap((alike) => {
    const [first] = alike;
    if (!first) return [];
    const noun = first.kind === 'trunk' ? 'trunk' : 'dispatch rule';
    const what =
      first.change === 'changed' ? `${first.field}` : alike.length === 1 ? noun : counted(alike.length, noun);
    return [`${what} ${first.change}`];
  });
  const said = [...kinds.values()].slice(0, KINDS_SHOWN).reduce((sum, alike) => sum + alike.length, 0);
  return words.join(', ') + (total > said ? `, ${total - said} more` : '');
}

/** The trunks and rules that changed, by name. */
export function changedThings(changes: readonly Change[], names: Names): string {
  const ids = [...new Set(changes.map(({ id }) => id))];
  const shown = ids.slice(0, THINGS_SHOWN).map((id) => names.get(id) ?? id);
  return shown.join(', ') + (ids.length > THINGS_SHOWN ? ` and ${ids.length - THINGS_SHOWN} more` : '');
}
