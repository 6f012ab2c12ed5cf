import { isDeepStrictEqual } from 'node:util';
import type { Change, MediaChange } from '../fixes/fix.ts';
import { newRuleBody } from '../fixes/ruleFix.ts';
import { sharedAgentNames } from '../trunks/agents.ts';
import { readSnapshot } from '../trunks/readSnapshot.ts';
import type { Snapshot } from '../trunks/snapshot.ts';

/** A trunk or a dispatch rule in the JSON of LiveKit's API, secrets included. Absent fields are not set. */
export type ApiObject = Readonly<Record<string, unknown>>;

/** LiveKit's configuration in the JSON of its API. It has passwords and pins: never store or print it. */
export interface ApiConfiguration {
  readonly trunks: readonly ApiObject[];
  readonly rules: readonly ApiObject[];
}

export type EditedKind = 'trunk' | 'rule';

/** `undefined`: the field is not set. */
export interface FieldEdit {
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

interface Edited {
  readonly kind: EditedKind;
  /** The id of an added one is a stand-in until LiveKit gave it one. */
  readonly id: string;
  readonly name: string;
}

export interface FieldsEdit extends Edited {
  readonly change: 'changed';
  readonly fields: readonly FieldEdit[];
}

interface Whole extends Edited {
  readonly object: ApiObject;
  /** Fields that it had and that are not kept, because they may be secret. */
  readonly lost?: readonly string[];
}

/** What is done to one trunk or dispatch rule. */
export type Edit = FieldsEdit | (Whole & { readonly change: 'added' }) | (Whole & { readonly change: 'removed' });

/** Stand-ins for ids that LiveKit has not given yet. */
export const NEW_TRUNK = '<new trunk>';
export const NEW_RULE = '<new rule>';

/** The edits of a change; `undefined` if it changes nothing in LiveKit, or something that is not there. */
export function editsOf(change: Change, configuration: ApiConfiguration): Edit[] | undefined {
  const found = (kind: EditedKind, id: string, edit: (object: ApiObject) => Edit) => {
    const object = findIn(configuration, kind, id);
    return object ? [edit(object)] : undefined;
  };
  switch (change.kind) {
    case 'dial':
      return undefined;
    case 'trunk': {
      const { sip_trunk_id: id, field, add = [], remove = [] } = change;
      return found('trunk', id, (trunk) => {
        const kept = textsOf(trunk[field]).filter((entry) => !remove.includes(entry));
        return changed('trunk', trunk, { [field]: [...kept, ...add.filter((entry) => !kept.includes(entry))] });
      });
    }
    case 'rule':
      return found('rule', change.sip_dispatch_rule_id, (rule) => changed('rule', rule, change.lists));
    case 'media': {
      const { trunk_ids, rule_ids, set } = change;
      const edits = [
        ...trunk_ids.map((id) => found('trunk', id, (trunk) => changed('trunk', trunk, mediaAfter(trunk, set)))),
        ...rule_ids.map((id) => found('rule', id, (rule) => changed('rule', rule, mediaAfter(rule, set)))),
      ];
      return edits.some((edit) => edit === undefined) ? undefined : edits.flatMap((edit) => edit ?? []);
    }
    case 'new_trunk': {
      const { numbers, allowed_addresses } = change;
      const trunk = { name: 'Jambonz', numbers, ...(allowed_addresses.length > 0 && { allowed_addresses }) };
      return [
        { kind: 'trunk', change: 'added', id: NEW_TRUNK, name: trunk.name, object: trunk },
        addedRule(NEW_TRUNK, configuration),
      ];
    }
    case 'new_rule':
      return change.trunk_ids.map((id) => addedRule(id, configuration));
    case 'delete_trunk':
      return found('trunk', change.sip_trunk_id, (trunk) => removed('trunk', trunk));
    case 'delete_rule':
      return found('rule', change.sip_dispatch_rule_id, (rule) => removed('rule', rule));
  }
}

/** An edit that sets fields. A list that becomes empty is not set. */
export function changed(kind: EditedKind, object: ApiObject, fields: Readonly<Record<string, unknown>>): FieldsEdit {
  const edits = Object.entries(fields).map(([field, value]): FieldEdit => {
    const after = Array.isArray(value) && value.length === 0 ? undefined : value;
    return { field, before: object[field], after };
  });
  return {
    kind,
    change: 'changed',
    id: idOf(kind, object),
    name: nameOf(object),
    fields: edits.filter(({ before, after }) => !isDeepStrictEqual(before, after)),
  };
}

function removed(kind: EditedKind, object: ApiObject): Edit {
  return { kind, change: 'removed', id: idOf(kind, object), name: nameOf(object), object };
}

function addedRule(trunkId: string, { rules }: ApiConfiguration): Edit {
  const agents = sharedAgentNames(snapshotOf({ trunks: [], rules }).rules);
  // The cast: the body of a request is an object.
  const object = newRuleBody(trunkId, agents) as ApiObject;
  return { kind: 'rule', change: 'added', id: NEW_RULE, name: '', object };
}

/** LiveKit replaces `media` as a whole, and an update of `media.encryption` also sets the older field. */
function mediaAfter({ media }: ApiObject, { codecs, ...set }: MediaChange): ApiObject {
  const kept = typeof media === 'object' && media !== null ? media : {};
  const listed = codecs?.map(({ name, rate }) => ({ name, ...(rate > 0 && { rate }) }));
  const after = Object.entries({ ...kept, ...set, ...(listed && { codecs: listed }) });
  return {
    // Protobuf's JSON has neither a switch that is off nor an empty list.
    media: Object.fromEntries(after.filter(([, value]) => (Array.isArray(value) ? value.length > 0 : value !== false))),
    ...(set.encryption && { media_encryption: set.encryption }),
  };
}

/** Several edits of one trunk or rule as one. */
export function mergedEdits(edits: readonly Edit[]): Edit[] {
  const merged = new Map<string, Edit>();
  for (const edit of edits) {
    const key = `${edit.kind} ${edit.id}`;
    const known = merged.get(key);
    const both = edit.change === 'changed' && known?.change === 'changed';
    merged.set(edit.change === 'added' ? `${key} ${merged.size}` : key, both ? mergedFields(known, edit) : edit);
  }
  return [...merged.values()];
}

function mergedFields(first: FieldsEdit, then: FieldsEdit): FieldsEdit {
  const fields = new Map(first.fields.map((one) => [one.field, one]));
  for (const one of then.fields) fields.set(one.field, { ...one, before: (fields.get(one.field) ?? one).before });
  return { ...first, fields: [...fields.values()] };
}

/** The configuration with the edits made. */
export function withEdits(configuration: ApiConfiguration, edits: readonly Edit[]): ApiConfiguration {
  const after = (kind: EditedKind, objects: readonly ApiObject[]) => {
    const own = edits.filter((edit) => edit.kind === kind);
    const kept = objects.flatMap((object) => {
      const edit = own.find(({ id, change }) => id === idOf(kind, object) && change !== 'added');
      if (!edit) return [object];
      return edit.change === 'changed' ? [edited(object, edit.fields)] : [];
    });
    const added = own.flatMap((edit) =>
      edit.change === 'added' ? [{ ...edit.object, [ID_FIELDS[kind]]: edit.id }] : [],
    );
    return [...kept, ...added];
  };
  return { trunks: after('trunk', configuration.trunks), rules: after('rule', configuration.rules) };
}

/** An object with other values of some fields. */
export function edited(object: ApiObject, fields: readonly FieldEdit[]): ApiObject {
  const values = { ...object, ...Object.fromEntries(fields.map(({ field, after }) => [field, after])) };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** The configuration for matching. Throws if LiveKit's JSON has an unexpected form. */
export function snapshotOf({ trunks, rules }: ApiConfiguration): Snapshot {
  const reading = readSnapshot({ inbound_trunks: trunks, dispatch_rules: rules });
  if (!reading.ok) throw new Error(`LiveKit’s configuration has an unexpected form: ${reading.faults[0]}`);
  return reading.snapshot;
}

export const ID_FIELDS = { trunk: 'sip_trunk_id', rule: 'sip_dispatch_rule_id' } as const;

export function findIn({ trunks, rules }: ApiConfiguration, kind: EditedKind, id: string): ApiObject | undefined {
  return (kind === 'trunk' ? trunks : rules).find((object) => idOf(kind, object) === id);
}

export function idOf(kind: EditedKind, object: ApiObject): string {
  return String(object[ID_FIELDS[kind]] ?? '');
}

export function nameOf({ name }: ApiObject): string {
  return typeof name === 'string' ? name : '';
}

export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
