import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { readDuration } from './media.ts';
import { namesOnly } from './namesOnly.ts';
import { type DispatchRule, type InboundTrunk, type RuleKind, Snapshot } from './snapshot.ts';

// LiveKit's JSON omits empty fields or sends null. Enums, numbers and new fields are not checked.
const Text = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Texts = Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()]));
const RuleBody = Type.Optional(
  Type.Union([Type.Object({ room_name: Text, room_prefix: Text, pin: Text }), Type.Null()]),
);
const TrunkJson = Type.Object({
  sip_trunk_id: Type.String(),
  name: Text,
  numbers: Texts,
  allowed_addresses: Texts,
  allowed_numbers: Texts,
  auth_username: Text,
  auth_password: Text,
  ringing_timeout: Type.Optional(Type.Unknown()),
});
const RuleJson = Type.Object({
  sip_dispatch_rule_id: Type.String(),
  name: Text,
  rule: Type.Optional(
    Type.Union([
      Type.Object({
        dispatch_rule_direct: RuleBody,
        dispatch_rule_individual: RuleBody,
        dispatch_rule_callee: RuleBody,
      }),
      Type.Null(),
    ]),
  ),
  trunk_ids: Texts,
  inbound_numbers: Texts,
  numbers: Texts,
});
const SnapshotJson = Type.Object({
  inbound_trunks: Type.Array(TrunkJson),
  dispatch_rules: Type.Array(RuleJson),
});

const trunkShape = Compile(TrunkJson);
const ruleShape = Compile(RuleJson);
const snapshotShape = Compile(SnapshotJson);

export type ReadSnapshot =
  | { readonly ok: true; readonly snapshot: Snapshot }
  /** Each fault names the field and what is wrong with it. */
  | { readonly ok: false; readonly faults: readonly string[] };

/**
 * LiveKit compares the rules of a trunk by each combination of trunk, caller and called number that they list, for each
 * call. More than these would also take LiveKit seconds.
 */
const MOST_KEYS = 1_000_000;

function keysOf({ trunk_ids, inbound_numbers, numbers }: DispatchRule): number {
  return [trunk_ids, inbound_numbers, numbers].reduce((product, list) => product * Math.max(list.length, 1), 1);
}

/** Reads `{"inbound_trunks": […], "dispatch_rules": […]}` in LiveKit's JSON. */
export function readSnapshot(json: unknown): ReadSnapshot {
  if (!snapshotShape.Check(json)) {
    return { ok: false, faults: [...snapshotShape.Errors(json)].map((e) => `${e.instancePath || '/'} ${e.message}`) };
  }
  const rules = json.dispatch_rules.map(readRule);
  const keys = rules.reduce((sum, rule) => sum + keysOf(rule), 0);
  if (keys > MOST_KEYS) {
    const what = `/dispatch_rules have ${keys} combinations of trunk, caller and called number`;
    return { ok: false, faults: [`${what}; sipwhy reads at most ${MOST_KEYS}, so split or shorten the longest lists`] };
  }
  return {
    ok: true,
    snapshot: new Snapshot({ trunks: json.inbound_trunks.map(readTrunk), rules }),
  };
}

/** Reads one trunk of LiveKit's JSON. Throws on another shape; for untrusted input use `readSnapshot`. */
export function parseTrunk(json: unknown): InboundTrunk {
  return readTrunk(trunkShape.Parse(json));
}

/** Reads one dispatch rule of LiveKit's JSON. Throws on another shape. */
export function parseRule(json: unknown): DispatchRule {
  return readRule(ruleShape.Parse(json));
}

function readTrunk(json: Static<typeof TrunkJson>): InboundTrunk {
  const { sip_trunk_id, name, numbers, allowed_addresses, allowed_numbers, auth_username, auth_password, ...rest } =
    json;
  const ringingTimeout = readDuration(rest.ringing_timeout);
  return {
    sip_trunk_id,
    name: name ?? '',
    numbers: numbers ?? [],
    allowed_addresses: allowed_addresses ?? [],
    allowed_numbers: allowed_numbers ?? [],
    auth_username: auth_username ?? '',
    has_password: Boolean(auth_password),
    ...(ringingTimeout !== undefined && { ringing_timeout_seconds: ringingTimeout }),
    rest: restOf(rest),
  };
}

function restOf(fields: object): Record<string, unknown> {
  return namesOnly(
    Object.fromEntries(Object.entries(fields).filter(([key, value]) => !key.endsWith('_at') && isSet(value))),
  );
}

function isSet(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

function readRule(json: Static<typeof RuleJson>): DispatchRule {
  const { sip_dispatch_rule_id, name, rule: given, trunk_ids, inbound_numbers, numbers, ...rest } = json;
  const body = given ?? {};
  const kind: RuleKind | undefined = body.dispatch_rule_direct
    ? 'direct'
    : body.dispatch_rule_individual
      ? 'individual'
      : body.dispatch_rule_callee
        ? 'callee'
        : undefined;
  const { pin, ...ofKind } =
    body.dispatch_rule_direct ?? body.dispatch_rule_individual ?? body.dispatch_rule_callee ?? {};
  return {
    sip_dispatch_rule_id,
    name: name ?? '',
    kind,
    room: (kind === 'direct' ? ofKind.room_name : ofKind.room_prefix) ?? '',
    pin: pin ?? '',
    body: restOf(ofKind),
    trunk_ids: trunk_ids ?? [],
    inbound_numbers: inbound_numbers ?? [],
    numbers: numbers ?? [],
    rest: restOf(rest),
  };
}
