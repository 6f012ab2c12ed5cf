/**
 * The fields of one kind of object in LiveKit's SIP configuration, by their names in the API. A field with a form holds
 * such an object, or a list of them; any other field is kept as it is.
 */
export interface Form {
  readonly fields: ReadonlyMap<string, Form | undefined>;
  /** The name of each field in the API (`sip_trunk_id`), by it and by its name in protobuf's JSON (`sipTrunkId`). */
  readonly names: ReadonlyMap<string, string>;
  /** Whether a field that isn't known is kept. Otherwise it is a fault, since it might be a misspelt restriction. */
  readonly isOpen: boolean;
}

const strict = (names: string, nested: Readonly<Record<string, Form>> = {}) => form(names, nested, false);
const open = (names: string, nested: Readonly<Record<string, Form>> = {}) => form(names, nested, true);

function form(list: string, nested: Readonly<Record<string, Form>>, isOpen: boolean): Form {
  const plain = list
    .split(/\s+/)
    .filter(Boolean)
    .map((name) => [name, undefined] as const);
  const fields = new Map<string, Form | undefined>([...plain, ...Object.entries(nested)]);
  // Made once, because there are thousands of trunks.
  const names = [...fields.keys()].flatMap((api) => [[jsonName(api), api] as const, [api, api] as const]);
  return { fields, names: new Map(names), isOpen };
}

const MEDIA = strict('only_listed_codecs encryption media_timeout', { codecs: strict('name rate') });

/** livekit.SIPInboundTrunkInfo */
export const TRUNK_FORM = strict(
  `sip_trunk_id name metadata numbers allowed_addresses allowed_numbers auth_username auth_password auth_realm headers
  headers_to_attributes attributes_to_headers include_headers ringing_timeout max_call_duration krisp_enabled
  media_encryption created_at updated_at`,
  { media: MEDIA },
);

const AGENT = open('agent_name metadata');

/** livekit.SIPDispatchRuleInfo */
export const RULE_FORM = strict(
  `sip_dispatch_rule_id trunk_ids hide_phone_number inbound_numbers numbers name metadata attributes room_preset
  krisp_enabled media_encryption created_at updated_at`,
  {
    rule: strict('', {
      dispatch_rule_direct: strict('room_name pin'),
      dispatch_rule_individual: strict('room_prefix pin no_randomness'),
      dispatch_rule_callee: strict('room_prefix pin randomize'),
    }),
    room_config: open(
      'empty_timeout departure_timeout max_participants min_playout_delay max_playout_delay sync_streams',
      {
        agents: AGENT,
      },
    ),
    media: MEDIA,
  },
);

/** A field's name in protobuf's JSON: `sipTrunkId` for `sip_trunk_id`. */
export function jsonName(field: string): string {
  return field.replace(/_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}
