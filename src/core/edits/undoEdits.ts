import { isDeepStrictEqual } from 'node:util';
import { type ApiConfiguration, changed, type Edit, findIn, idOf, NEW_RULE, NEW_TRUNK, textsOf } from './edits.ts';
import { fieldsThatDiffer, titleOf } from './editText.ts';
import { keptObject } from './keptObject.ts';

/** The edits that take others back, or why they can't be taken back. */
export type Undoing =
  | { readonly ok: true; readonly edits: readonly Edit[] }
  | { readonly ok: false; readonly faults: readonly string[] };

/**
 * The edits that take applied ones back, the last first. Only where everything is still as they left it: what somebody
 * else changed since would be lost.
 */
export function undoEdits(applied: readonly Edit[], configuration: ApiConfiguration): Undoing {
  const faults = applied.flatMap((edit) => faultOf(edit, configuration) ?? []);
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, edits: applied.toReversed().flatMap((edit) => inverse(edit, configuration)) };
}

function faultOf(edit: Edit, configuration: ApiConfiguration): string | undefined {
  const now = findIn(configuration, edit.kind, edit.id);
  if (edit.change === 'removed') return now && `${titleOf(edit)} is there again`;
  if (!now) return `${titleOf(edit)} is no longer there`;
  const other =
    edit.change === 'changed'
      ? edit.fields.filter(({ field, after }) => !isDeepStrictEqual(now[field], after)).map(({ field }) => field)
      : fieldsThatDiffer(keptObject(edit.kind, now).object, edit.object);
  return other.length > 0 ? `${other.join(', ')} of ${titleOf(edit)} changed since` : undefined;
}

function inverse(edit: Edit, configuration: ApiConfiguration): Edit[] {
  const { kind, id } = edit;
  switch (edit.change) {
    case 'changed':
      return [
        { ...edit, fields: edit.fields.map(({ field, before, after }) => ({ field, before: after, after: before })) },
      ];
    case 'added': {
      const now = findIn(configuration, kind, id);
      return now ? [{ ...edit, change: 'removed', object: now }] : [];
    }
    case 'removed': {
      const stand = kind === 'trunk' ? NEW_TRUNK : NEW_RULE;
      const again: Edit = { ...edit, change: 'added', id: stand };
      return [again, ...(kind === 'trunk' ? rebound(id, configuration) : [])];
    }
  }
}

/** A trunk that is made again has another id, so the rules that are bound to the old one are bound to the new one. */
function rebound(trunkId: string, { rules }: ApiConfiguration): Edit[] {
  return rules
    .filter((rule) => idOf('rule', rule) !== '' && textsOf(rule.trunk_ids).includes(trunkId))
    .map((rule) => {
      const trunk_ids = textsOf(rule.trunk_ids).map((one) => (one === trunkId ? NEW_TRUNK : one));
      return changed('rule', rule, { trunk_ids });
    });
}
