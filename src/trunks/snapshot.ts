import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * An inbound trunk as far as matching needs it. Field names are LiveKit's own.
 * The password is dropped at the door: only whether one is set is kept.
 */
export interface InboundTrunk {
  readonly sip_trunk_id: string;
  readonly name: string;
  readonly numbers: readonly string[];
  readonly allowed_addresses: readonly string[];
  readonly allowed_numbers: readonly string[];
  readonly auth_username: string;
  readonly has_password: boolean;
  /** How long LiveKit rings before it answers 486; `undefined` where the trunk does not set it. */
  readonly ringing_timeout_seconds?: number;
  /** What else LiveKit says of the trunk, unread and without the password: `lk` replaces a trunk as a whole. */
  readonly rest: Readonly<Record<string, unknown>>;
}

export type RuleKind = 'direct' | 'individual' | 'callee';

export interface DispatchRule {
  readonly sip_dispatch_rule_id: string;
  readonly name: string;
  /** `undefined` for a kind that this version does not know: such a rule never matches. */
  readonly kind: RuleKind | undefined;
  /** Room name of a direct rule, room prefix of the others. */
  readonly room: string;
  readonly pin: string;
  /** The fields of the kind as LiveKit gives them, without the pin. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Trunks the rule is bound to; empty for a wildcard rule. */
  readonly trunk_ids: readonly string[];
  /** Callers. */
  readonly inbound_numbers: readonly string[];
  /** Called numbers. */
  readonly numbers: readonly string[];
  /** What else LiveKit says of the rule, unread: some of its fields can only be changed by replacing it as a whole. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** LiveKit's SIP configuration at one time. */
export interface Snapshot {
  readonly trunks: readonly InboundTrunk[];
  readonly rules: readonly DispatchRule[];
}

// LiveKit's JSON leaves empty fields out or sends null; enums, numbers and new fields pass unread.
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
  /** `faults` name the field and what is wrong with it. */
  | { readonly ok: false; readonly faults: readonly string[] };

/** Reads `{"inbound_trunks": […], "dispatch_rules": […]}` in LiveKit's JSON. */
export function readSnapshot(json: unknown): ReadSnapshot {
  if (!snapshotShape.Check(json)) {
    return { ok: false, faults: [...snapshotShape.Errors(json)].map((e) => `${e.instancePath || '/'} ${e.message}`) };
  }
  return {
    ok: true,
    snapshot: { trunks: json.inbound_trunks.map(readTrunk), rules: json.dispatch_rules.map(readRule) },
  };
}

/** Reads one trunk of LiveKit's JSON. Throws on another shape; use `readSnapshot` for what comes from outside. */
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
  return Object.fromEntries(Object.entries(fields).filter(([key, value]) => !key.endsWith('_at') && isSet(value)));
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

// Protobuf's JSON writes a duration as "20s"; lk and older dumps as {"seconds": 20}. Zero means unset.
function readDuration(value: unknown): number | undefined {
  const seconds =
    typeof value === 'string'
      ? Number.parseFloat(value)
      : typeof value === 'object' && value !== null && 'seconds' in value
        ? Number(value.seconds)
        : Number.NaN;
  return seconds > 0 ? seconds : undefined;
}
