import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { applyChanges } from '../fixes/apply.ts';
import type { Change } from '../fixes/fix.ts';
import { readConfiguration } from '../trunks/configurationFile.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { withMeantIds } from '../trunks/standIns.ts';

const Texts = Type.Array(Type.String());
const kind = <K extends string>(name: K, fields: Parameters<typeof Type.Object>[0]) =>
  Type.Object({ kind: Type.Literal(name), ...fields }, { additionalProperties: false });
const Optional = { add: Type.Optional(Texts), remove: Type.Optional(Texts) };
const lists = Type.Object(
  { trunk_ids: Type.Optional(Texts), inbound_numbers: Type.Optional(Texts), numbers: Type.Optional(Texts) },
  { additionalProperties: false },
);
const list = Type.Enum(['numbers', 'allowed_addresses', 'allowed_numbers']);

/** The changes of LiveKit's configuration that fixes name, except those of media settings. */
const changeShape = Compile(
  Type.Array(
    Type.Union([
      kind('trunk', { sip_trunk_id: Type.String(), field: list, ...Optional }),
      kind('new_trunk', { numbers: Texts, allowed_addresses: Texts }),
      kind('delete_trunk', { sip_trunk_id: Type.String() }),
      kind('rule', { sip_dispatch_rule_id: Type.String(), lists }),
      kind('new_rule', { trunk_ids: Texts }),
      kind('delete_rule', { sip_dispatch_rule_id: Type.String() }),
    ]),
  ),
);

const KEYS = ['inbound_trunks', 'dispatch_rules', 'inboundTrunks', 'dispatchRules', 'changes'];

export type ReadChange =
  | { readonly ok: true; readonly snapshot: Snapshot }
  | { readonly ok: false; readonly fault: string };

/**
 * Reads a changed configuration: `inbound_trunks` and `dispatch_rules` each replace the whole list in force, and a list that
 * is missing stays. `changes` are then applied, as `sipwhy fix --json` prints them under `change`.
 */
export function readChange(json: unknown, current: Snapshot): ReadChange {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return { ok: false, fault: NEITHER };
  // The cast: any object has unknown values under names.
  const given = json as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return { ok: false, fault: `unknown field ${unknown.slice(0, 60)}; ${NEITHER}` };
  const trunks = given.inbound_trunks ?? given.inboundTrunks;
  const rules = given.dispatch_rules ?? given.dispatchRules;
  const { changes } = given;
  if (trunks === undefined && rules === undefined && changes === undefined) return { ok: false, fault: NEITHER };
  const reading = readConfiguration({ inbound_trunks: trunks ?? [], dispatch_rules: rules ?? [] });
  if (!reading.ok) return { ok: false, fault: reading.faults.slice(0, 3).join('; ') };
  const meant = withMeantIds(
    current.with({
      ...(trunks !== undefined && { trunks: reading.snapshot.trunks }),
      ...(rules !== undefined && { rules: reading.snapshot.rules }),
    }),
  );
  if (!meant.ok) return { ok: false, fault: meant.faults.join('; ') };
  const replaced = meant.snapshot;
  if (changes === undefined) return { ok: true, snapshot: replaced };
  if (!isChanges(changes)) {
    const [first] = changeShape.Errors(changes);
    return { ok: false, fault: `changes${first?.instancePath ?? ''} ${first?.message ?? 'is invalid'}; ${EXAMPLE}` };
  }
  const missing = changes.find((change) => !concernsExisting(change, replaced));
  if (missing) return { ok: false, fault: `changes: ${idOf(missing)} is not in the configuration` };
  return { ok: true, snapshot: applyChanges(replaced, changes) };
}

function isChanges(changes: unknown): changes is readonly Change[] {
  return changeShape.Check(changes);
}

const EXAMPLE = 'such as {"kind": "trunk", "sip_trunk_id": "ST_…", "field": "allowed_numbers", "add": ["+15550100"]}';
const NEITHER = `give inbound_trunks, dispatch_rules or changes; a list replaces the whole list in force, and changes are ${EXAMPLE}`;

function idOf(change: Change): string | undefined {
  if ('sip_trunk_id' in change) return change.sip_trunk_id;
  return 'sip_dispatch_rule_id' in change ? change.sip_dispatch_rule_id : undefined;
}

function concernsExisting(change: Change, snapshot: Snapshot): boolean {
  const id = idOf(change);
  return id === undefined || snapshot.trunksById.has(id) || snapshot.rulesWithId(id).length > 0;
}
