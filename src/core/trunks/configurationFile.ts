import { type Form, jsonName, RULE_FORM, TRUNK_FORM } from './configurationForms.ts';
import { ENCRYPTIONS } from './media.ts';
import { type ReadSnapshot, readSnapshot } from './readSnapshot.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads trunks and rules as people have them: under `inbound_trunks` and `dispatch_rules`, the lists, the API's answers,
 * what `lk … --json` or an SDK prints, or the files for `lk sip … create`. Each object may have the names of the API
 * (`sip_trunk_id`) or those of protobuf's JSON (`sipTrunkId`). An object with both, or with a field that isn't known,
 * is refused: what is left out when reading would leave a trunk more open than it is.
 */
export function readConfiguration(json: unknown): ReadSnapshot {
  const faults: string[] = [];
  const top = objectOf(json);
  const inbound_trunks = top && itemsOf(top, TRUNKS, faults);
  const dispatch_rules = top && itemsOf(top, RULES, faults);
  if (!inbound_trunks && !dispatch_rules) return { ok: false, faults: [NEITHER] };
  if (faults.length > 0) return { ok: false, faults };
  return readSnapshot({ inbound_trunks, dispatch_rules });
}

const NEITHER =
  'it has neither inbound_trunks nor dispatch_rules: put what `lk sip inbound list --json` prints under inbound_trunks, and what `lk sip dispatch list --json` prints under dispatch_rules';

interface Kind {
  readonly list: string;
  readonly form: Form;
  readonly id: string;
  /** The key of the object in a file for `lk sip … create`, where it has no id yet. */
  readonly created: string;
}

const TRUNKS: Kind = { list: 'inbound_trunks', form: TRUNK_FORM, id: 'sip_trunk_id', created: 'trunk' };
const RULES: Kind = {
  list: 'dispatch_rules',
  form: RULE_FORM,
  id: 'sip_dispatch_rule_id',
  created: 'dispatch_rule',
};

/** The items of one of the two lists, with the API's names; `undefined` if the list is missing. */
function itemsOf(top: Fields, kind: Kind, faults: string[]): unknown[] | undefined {
  const given = top[kind.list] ?? top[jsonName(kind.list)];
  if (given === undefined || given === null) {
    faults.push(`/${kind.list} is missing; write [] if there are none`);
    return undefined;
  }
  const items = listOf(given, kind);
  if (!items) faults.push(`/${kind.list} must be a list, or an object with items`);
  return items?.map((item, index) => itemOf(item, kind, index, faults));
}

function listOf(given: unknown, kind: Kind): readonly unknown[] | undefined {
  if (Array.isArray(given)) return given;
  const answer = objectOf(given);
  if (!answer) return undefined;
  if (createdIn(answer, kind) !== undefined) return [answer];
  // Protobuf's JSON leaves out an empty list.
  if (Object.keys(answer).length === 0) return [];
  return Array.isArray(answer.items) ? answer.items : undefined;
}

function createdIn(item: Fields, { created }: Kind): unknown {
  return item[created] ?? item[jsonName(created)];
}

function itemOf(item: unknown, kind: Kind, index: number, faults: string[]): unknown {
  const path = `/${kind.list}/${index}`;
  const created = createdIn(objectOf(item) ?? {}, kind);
  if (created === undefined) return renamed(item, kind.form, path, faults);
  const inner = renamed(created, kind.form, `${path}/${kind.created}`, faults);
  // LiveKit gives it an id when it is created.
  return typeof inner === 'object' ? { [kind.id]: `<${kind.created} ${index + 1}>`, ...inner } : inner;
}

/** A copy with the API's names. What makes it unreadable is added to `faults`. */
function renamed(value: unknown, form: Form, path: string, faults: string[]): unknown {
  if (Array.isArray(value)) return value.map((one, index) => renamed(one, form, `${path}/${index}`, faults));
  const fields = objectOf(value);
  if (!fields) return value;
  const mixed: { api?: string; json?: string } = {};
  const copy: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(fields)) {
    const names = form.names.get(key);
    if (!names) {
      // Newer releases of LiveKit have more fields. While they are empty, they restrict nothing.
      if (form.isOpen) copy[key] = one;
      else if (isSet(one)) faults.push(`${path} has the unknown field ${shown(key)}`);
      continue;
    }
    const { api, json } = names;
    if (api !== json) mixed[key === api ? 'api' : 'json'] ??= key;
    const nested = form.fields.get(api);
    copy[api] = nested ? renamed(one, nested, `${path}/${key}`, faults) : checked(one, api, `${path}/${key}`, faults);
  }
  if (mixed.api && mixed.json && !form.isOpen) {
    faults.push(`${path} mixes the names ${mixed.api} and ${mixed.json}; use one form for all of its fields`);
  }
  return copy;
}

const BOOLEANS: ReadonlySet<string> = new Set(['only_listed_codecs']);

/** Checks the values that readSnapshot leaves alone, and gives an enum its name. */
function checked(value: unknown, name: string, path: string, faults: string[]): unknown {
  if (value === undefined || value === null) return value;
  if (BOOLEANS.has(name) && typeof value !== 'boolean') faults.push(`${path} must be true or false`);
  if (name !== 'encryption' && name !== 'media_encryption') return value;
  const known = ENCRYPTIONS.find((one, number) => one === value || String(number) === String(value));
  if (!known) faults.push(`${path} must be one of ${ENCRYPTIONS.join(', ')}`);
  return known;
}

function objectOf(value: unknown): Fields | undefined {
  // The cast: any object has unknown values under names.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function isSet(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

/** A key from a file, as a person can read it. */
function shown(key: string): string {
  return key.length > 60 ? `${key.slice(0, 60)}…` : key;
}
