import type { SnapshotFields } from './snapshot.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Stands for a value that is not kept, also in what there is to paste. */
const NOT_STORED = '<not stored by sipwhy>';

/** Fields with texts that decide something, or that say which agent is called. */
const KEPT_TEXTS: ReadonlySet<string> = new Set([
  'agent_name',
  'codec',
  'mime',
  'name',
  'rate',
  'room_name',
  'room_prefix',
  'room_preset',
]);
/** Maps whose values are never kept, whatever their type. */
const MAPS: ReadonlySet<string> = new Set([
  'attributes',
  'attributes_to_headers',
  'headers',
  'headers_to_attributes',
  'metadata',
]);
/** LiveKit's enums, durations and codecs. */
const PLAIN = /^(SIP_[A-Z_]+|\d+(\.\d+)?s|audio\/[\w-]+)$/;

/**
 * The fields of a trunk or rule that matching does not use, with the values of headers, attributes, metadata and unknown
 * texts left out: they may hold credentials. Names, numbers, switches and enums are kept.
 */
export function namesOnly(fields: Fields, inMap = false): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, keptValue(name, value, inMap || MAPS.has(name))]),
  );
}

function keptValue(name: string, value: unknown, inMap: boolean): unknown {
  if (Array.isArray(value)) return value.map((entry) => keptValue(name, entry, inMap));
  if (typeof value === 'object' && value !== null) return namesOnly(value as Fields, inMap);
  // An empty text tells nothing, and in its place no paste may write a placeholder into LiveKit.
  if (value === '') return value;
  if (inMap) return NOT_STORED;
  if (typeof value !== 'string' || KEPT_TEXTS.has(name) || PLAIN.test(value)) return value;
  return NOT_STORED;
}

/** A configuration that an older version stored with the values. */
export function withoutValues({ trunks, rules }: SnapshotFields): SnapshotFields {
  return {
    trunks: trunks.map((trunk) => ({ ...trunk, rest: namesOnly(trunk.rest) })),
    rules: rules.map((rule) => ({ ...rule, body: namesOnly(rule.body), rest: namesOnly(rule.rest) })),
  };
}
