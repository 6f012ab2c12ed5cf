import type { ApiObject, Edit, EditedKind } from './edits.ts';

/** The fields of a trunk and of a rule that are stored. The others may hold credentials or private data. */
const KEPT: Readonly<Record<EditedKind, ReadonlySet<string>>> = {
  trunk: new Set([
    'name',
    'numbers',
    'allowed_addresses',
    'allowed_numbers',
    'auth_username',
    'auth_realm',
    'ringing_timeout',
    'max_call_duration',
    'krisp_enabled',
    'include_headers',
    'media_encryption',
    'media',
  ]),
  rule: new Set([
    'name',
    'trunk_ids',
    'inbound_numbers',
    'numbers',
    'hide_phone_number',
    'room_preset',
    'krisp_enabled',
    'media_encryption',
    'media',
  ]),
};
/** Fields of a rule of which a part is stored: the texts with these names, and what is no text. */
const KEPT_IN_PART: ReadonlySet<string> = new Set(['rule', 'room_config']);
const KEPT_TEXTS: ReadonlySet<string> = new Set(['room_name', 'room_prefix', 'agent_name']);
/** LiveKit gives them itself. */
const GIVEN: ReadonlySet<string> = new Set(['sip_trunk_id', 'sip_dispatch_rule_id', 'created_at', 'updated_at']);

interface Kept {
  readonly object: ApiObject;
  /** The fields that are not stored, by their names: `auth_password`, `pin`. */
  readonly lost: readonly string[];
}

/** A trunk or a rule without its secrets, to be stored, so that an undo can make it again. */
export function keptObject(kind: EditedKind, object: ApiObject): Kept {
  const lost = new Set<string>();
  const entries = Object.entries(object).flatMap(([field, value]): [string, unknown][] => {
    if (GIVEN.has(field)) return [];
    if (KEPT[kind].has(field)) return [[field, value]];
    if (kind === 'rule' && KEPT_IN_PART.has(field)) return [[field, keptPart(value, field, lost)]];
    lost.add(field);
    return [];
  });
  return { object: Object.fromEntries(entries), lost: [...lost].sort() };
}

function keptPart(value: unknown, name: string, lost: Set<string>): unknown {
  if (Array.isArray(value)) return value.map((entry) => keptPart(entry, name, lost));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]): [string, unknown][] => {
      if (typeof part !== 'string' || KEPT_TEXTS.has(key)) return [[key, keptPart(part, key, lost)]];
      lost.add(key);
      return [];
    }),
  );
}

/** The edit as it is stored. */
export function keptEdit(edit: Edit): Edit {
  if (edit.change === 'changed') return edit;
  const { object, lost } = keptObject(edit.kind, edit.object);
  return { ...edit, object, ...(lost.length > 0 && { lost }) };
}
