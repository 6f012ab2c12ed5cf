/** LiveKit's JSON of one trunk and one dispatch rule, by their number. Missing fields are empty. */
type Shape = (i: number, count: number) => readonly [trunk: object, rule: object];

const number = (i: number) => `+49${1_000_000_000 + i}`;
const caller = (i: number) => `+4915${10_000_000 + i}`;
const address = (i: number) => `10.${(i >> 8) & 255}.${i & 255}.1`;
const block = (i: number) => `10.${(i >> 8) & 255}.${i & 255}.0/24`;
const list = (length: number, entry: (i: number) => string) => Array.from({ length }, (_, i) => entry(i));
const room = (prefix: string, pin = '') => ({ rule: { dispatch_rule_individual: { room_prefix: prefix, pin } } });
const SHARED = '+4930123456';

/** Configurations that make matching expensive for whoever compares every trunk with every rule. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  'a number and a rule of its own': (i) => [{ numbers: [number(i)] }, { trunk_ids: [`ST_${i}`] }],
  'a number, and a wildcard rule for it': (i) => [{ numbers: [number(i)] }, { numbers: [number(i)] }],
  'a number, and a wildcard rule for one caller': (i) => [{ numbers: [number(i)] }, { inbound_numbers: [caller(i)] }],
  'a number, and an open rule': (i) => [{ numbers: [number(i)] }, {}],
  'one caller, and a rule of its own': (i) => [{ allowed_numbers: [caller(i)] }, { trunk_ids: [`ST_${i}`] }],
  'one address, and a rule of its own': (i) => [{ allowed_addresses: [address(i)] }, { trunk_ids: [`ST_${i}`] }],
  'one address, and a rule for no trunk': (i) => [{ allowed_addresses: [address(i)] }, { trunk_ids: [`ST_x${i}`] }],
  'one address, and a wildcard rule for one number': (i) => [
    { allowed_addresses: [address(i)] },
    { numbers: [number(i)] },
  ],
  'the same number, and one address': (i) => [
    { numbers: [SHARED], allowed_addresses: [address(i)] },
    { trunk_ids: [`ST_${i}`] },
  ],
  'the same number, open': () => [{ numbers: [SHARED] }, { numbers: [SHARED] }],
  'nothing at all': () => [{}, {}],
  'nothing, and a wildcard rule with its own pin': (i) => [{}, room(`call-${i}`, String(i))],
  'a number, with all rules for one trunk': (i) => [
    i === 0 ? {} : { numbers: [number(i)] },
    { trunk_ids: ['ST_0'], inbound_numbers: [caller(i)] },
  ],
  'a number, with all rules for one trunk clashing': (i) => [
    i === 0 ? {} : { numbers: [number(i)] },
    { trunk_ids: ['ST_0'] },
  ],
  'numbers that end alike': (i) => [{ numbers: [`+${100 + i}123456`] }, { trunk_ids: [`ST_${i}`] }],
  'a number of 250 digits': (i) => [{ numbers: [`${'1'.repeat(250)}${i}`] }, { numbers: [`${'1'.repeat(250)}${i}`] }],
  'white space around one number': (i) => [
    { numbers: [`${' '.repeat(i % 200)}${SHARED}${'\n'.repeat(i % 50)}`] },
    { trunk_ids: [`ST_${i}`] },
  ],
  'names instead of numbers': (i) => [
    { numbers: [`${'é'.repeat(50)}☎${i}`] },
    { numbers: [`${'é'.repeat(50)}☎${i}`], ...room(`😀${i}`) },
  ],
  'a number, with one trunk that has all the long lists': (i, count) => [
    i === 0
      ? { numbers: list(count, number), allowed_addresses: list(count, block), allowed_numbers: list(count, caller) }
      : { numbers: [number(count + i)] },
    i === 0 ? { numbers: list(count, (k) => number(k).slice(1)) } : { trunk_ids: [`ST_${i}`] },
  ],
  'a number, with one open trunk and long lists': (i, count) => [
    i === 0
      ? { allowed_addresses: list(count, block), allowed_numbers: list(count, caller) }
      : { numbers: [number(count + i)] },
    i === 0 ? { trunk_ids: list(count, (k) => `ST_${k}`), numbers: ['1'] } : { numbers: [number(i)] },
  ],
  'a rule for a hundred trunks': (i, count) => [
    {},
    { trunk_ids: list(100, (k) => `ST_${(k + i) % count}`), numbers: [number(i)] },
  ],
  'a number, with fifty rules for all trunks': (i, count) => [
    { numbers: [number(i)] },
    i < 50
      ? { trunk_ids: list(count, (k) => `ST_${k}`), inbound_numbers: [caller(i)] }
      : { trunk_ids: ['ST_x'], numbers: [number(i)] },
  ],
};

/** A configuration of `count` trunks and as many rules in this shape, as LiveKit's JSON. */
export function configurationOf(shape: Shape, count: number) {
  const pairs = Array.from({ length: count }, (_, i) => shape(i, count));
  return {
    inbound_trunks: pairs.map(([trunk], i) => ({ sip_trunk_id: `ST_${i}`, ...trunk })),
    dispatch_rules: pairs.map(([, rule], i) => ({ sip_dispatch_rule_id: `SDR_${i}`, ...room('call-'), ...rule })),
  };
}
