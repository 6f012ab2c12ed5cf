import type { AuditJson } from '../api/types.ts';
import type { KeyValue } from '../parts/keyValues.tsx';

export type Trunk = AuditJson['trunks'][number];
export type Rule = AuditJson['dispatch_rules'][number];

const ENTRIES_SHOWN = 8;

/** The names of trunks and dispatch rules by id; the id where one has no name. */
export function namesIn({ trunks, dispatch_rules }: AuditJson): ReadonlyMap<string, string> {
  return new Map([
    ...trunks.map(({ sip_trunk_id: id, name }) => [id, name || id] as const),
    ...dispatch_rules.map(({ sip_dispatch_rule_id: id, name }) => [id, name || id] as const),
  ]);
}

/** The entries of a list; `any` for an empty one, which admits everything. */
export function entries(values: readonly string[], whenEmpty = 'any'): string {
  if (values.length === 0) return whenEmpty;
  const more = values.length > ENTRIES_SHOWN ? ` and ${values.length - ENTRIES_SHOWN} more` : '';
  // White space at the ends is a frequent fault, and invisible without quotes.
  const shown = values.slice(0, ENTRIES_SHOWN).map((value) => (value === value.trim() ? value : JSON.stringify(value)));
  return shown.join(', ') + more;
}

/** `user, password set`, or what is missing. */
export function authOf({ auth_username, auth_password }: Trunk): string {
  if (auth_username === '') return auth_password === 'set' ? 'password, no username' : 'none';
  return `${auth_username}, password ${auth_password}`;
}

/** `room_prefix call-`, or the room of a direct rule. */
export function roomOf({ kind, room }: Rule): string {
  return `${kind ?? 'unknown kind'}: ${room || 'no name'}`;
}

export function trunkRows(trunk: Trunk): KeyValue[] {
  return [
    { name: 'numbers', value: entries(trunk.numbers) },
    { name: 'allowed_addresses', value: entries(trunk.allowed_addresses) },
    { name: 'allowed_numbers', value: entries(trunk.allowed_numbers) },
    { name: 'auth', value: authOf(trunk) },
  ];
}

export function ruleRows(rule: Rule): KeyValue[] {
  return [
    { name: 'room', value: roomOf(rule) },
    { name: 'trunk_ids', value: entries(rule.trunk_ids) },
    { name: 'inbound_numbers', value: entries(rule.inbound_numbers) },
    { name: 'numbers', value: entries(rule.numbers) },
    { name: 'agents', value: entries(rule.agents, 'none by name') },
  ];
}
