import { type Form, jsonName, RULE_FORM, TRUNK_FORM } from './configurationForms.ts';
import { ENCRYPTIONS } from './media.ts';
import { type ReadSnapshot, readSnapshot } from './readSnapshot.ts';
import { standIn, withMeantIds } from './standIns.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads trunks and rules as people have them: under `inbound_trunks` and `dispatch_rules`, the lists, the API's answers,
 * what `lk … --json` or an SDK prints, the files for `lk sip … create` and `update`, or one such object. Each field may
 * have its name in the API (`sip_trunk_id`) or in protobuf's JSON (`sipTrunkId`), as LiveKit's own reader takes both. An
 * object with a field twice, or with one that isn't known, is refused: what is left out when reading would leave a trunk
 * more open than it is.
 */
export function readConfiguration(json: unknown): ReadSnapshot {
  const faults: string[] = [];
  const top = objectOf(json) ?? {};
  if (givenFor(top, TRUNKS) === undefined && givenFor(top, RULES) === undefined)
    return { ok: false, faults: [NEITHER] };
  const inbound_trunks = itemsOf(top, TRUNKS, faults);
  const dispatch_rules = itemsOf(top, RULES, faults);
  if (faults.length > 0) return { ok: false, faults };
  const reading = readSnapshot({ inbound_trunks, dispatch_rules });
  return reading.ok ? withMeantIds(reading.snapshot) : reading;
}

const NEITHER =
  'it has neither inbound_trunks nor dispatch_rules: put what `lk sip inbound list --json` prints under inbound_trunks, and what `lk sip dispatch list --json` prints under dispatch_rules';

interface Kind {
  readonly list: string;
  readonly form: Form;
  readonly id: string;
  /** The key of the object in a file for `lk sip … create`, where it has no id yet. */
  readonly created: string;
  /** LiveKit refuses to create an object that sets none of these. */
  readonly needed: readonly string[];
}

const TRUNKS: Kind = {
  list: 'inbound_trunks',
  form: TRUNK_FORM,
  id: 'sip_trunk_id',
  created: 'trunk',
  needed: ['numbers', 'allowed_addresses', 'auth_username', 'auth_password'],
};
const RULES: Kind = {
  list: 'dispatch_rules',
  form: RULE_FORM,
  id: 'sip_dispatch_rule_id',
  created: 'dispatch_rule',
  needed: ['rule'],
};

function givenFor(top: Fields, { list }: Kind): unknown {
  return top[list] ?? top[jsonName(list)] ?? undefined;
}

/** The items of one of the two lists, with the API's names. */
function itemsOf(top: Fields, kind: Kind, faults: string[]): unknown[] {
  const path = `/${kind.list}`;
  const given = givenFor(top, kind);
  if (given === undefined) {
    faults.push(`${path} is missing; write [] if there are none`);
    return [];
  }
  const items = listOf(given);
  if (items)
    return items.map((item, index) => itemOf(item, kind, { path: `${path}/${index}`, number: index + 1 }, faults));
  const fields = objectOf(given);
  if (fields && isOneOf(kind, fields)) return [itemOf(fields, kind, { path, number: 1 }, faults)];
  faults.push(`${path} must be a list, an object with items, or one ${kind.created}`);
  return [];
}

function listOf(given: unknown): readonly unknown[] | undefined {
  if (Array.isArray(given)) return given;
  const answer = objectOf(given);
  if (!answer) return undefined;
  // Protobuf's JSON leaves out an empty list.
  if (Object.keys(answer).length === 0) return [];
  return Array.isArray(answer.items) ? answer.items : undefined;
}

function isOneOf(kind: Kind, fields: Fields): boolean {
  return createdIn(fields, kind) !== undefined || Object.keys(fields).some((name) => kind.form.names.has(name));
}

function createdIn(item: Fields, { created }: Kind): unknown {
  return item[created] ?? item[jsonName(created)];
}

interface Place {
  readonly path: string;
  /** Counted from 1 in its list. */
  readonly number: number;
}

function itemOf(item: unknown, kind: Kind, { path, number }: Place, faults: string[]): unknown {
  const fields = objectOf(item);
  const created = fields && createdIn(fields, kind);
  if (!fields || created === undefined)
    return withId(renamed(item, kind.form, path, faults), kind, { path, number }, faults);
  const beside = Object.keys(fields).find((key) => fields[key] !== created && isSet(fields[key]));
  if (beside !== undefined)
    faults.push(`${path} has ${shown(beside)} beside ${kind.created}; put it into ${kind.created}`);
  const inside = { path: `${path}/${kind.created}`, number };
  return withId(renamed(created, kind.form, inside.path, faults), kind, inside, faults);
}

/** The object with a stand-in for its id, if it has none: LiveKit gives it one when it is created. */
function withId(item: unknown, { id, created, needed }: Kind, { path, number }: Place, faults: string[]): unknown {
  const fields = objectOf(item);
  if (!fields || isSet(fields[id])) return item;
  if (!needed.some((name) => isSet(fields[name]))) faults.push(`${path} has none of ${[id, ...needed].join(', ')}`);
  return { ...fields, [id]: standIn(created, number) };
}

/** A copy with the API's names. What makes it unreadable is added to `faults`. */
function renamed(value: unknown, form: Form, path: string, faults: string[]): unknown {
  if (Array.isArray(value)) return value.map((one, index) => renamed(one, form, `${path}/${index}`, faults));
  const fields = objectOf(value);
  if (!fields) return value;
  const written = new Map<string, string>();
  const copy: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(fields)) {
    const api = form.names.get(key);
    if (api === undefined) {
      // Newer releases of LiveKit have more fields. While they are empty, they restrict nothing.
      if (form.isOpen) copy[key] = one;
      else if (isSet(one)) faults.push(`${path} has the unknown field ${shown(key)}`);
      continue;
    }
    const twice = written.get(api);
    if (twice !== undefined) faults.push(`${path} gives one field twice, as ${twice} and as ${key}`);
    written.set(api, key);
    const nested = form.fields.get(api);
    copy[api] = nested ? renamed(one, nested, `${path}/${key}`, faults) : checked(one, api, `${path}/${key}`, faults);
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
