import { BlockList, isIP } from 'node:net';
import type { HasMedia } from './generatedMedia.ts';

// LiveKit's choice of trunk and rule, one by one as it is described: nothing here comes from the code under test.

export interface Trunk extends HasMedia {
  readonly sip_trunk_id: string;
  readonly name: string;
  numbers: string[];
  allowed_addresses: string[];
  allowed_numbers: string[];
  auth_username: string;
  auth_password: string;
  ringing_timeout?: string;
}

export interface Rule extends HasMedia {
  readonly sip_dispatch_rule_id: string;
  readonly name: string;
  rule: object;
  trunk_ids: string[];
  inbound_numbers: string[];
  numbers: string[];
}

export interface Configuration {
  inbound_trunks: Trunk[];
  dispatch_rules: Rule[];
}

export interface Invite {
  readonly called: string;
  readonly caller: string;
  readonly source: string;
  readonly fromHost: string;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
}

export type Admission =
  | { readonly kind: 'trunks_conflict' | 'challenged' | 'rejected' | 'rules_conflict' | 'refused' }
  /** Without a trunk it got in through a wildcard rule: a hole. */
  | { readonly kind: 'admitted'; readonly trunk: Trunk | undefined };

/** What LiveKit makes of an INVITE, in the order in which it checks. */
export function admit({ inbound_trunks, dispatch_rules }: Configuration, invite: Invite): Admission {
  const fitting = inbound_trunks.filter((trunk) => takes(trunk, invite));
  const specific = fitting.filter(({ numbers }) => numbers.length > 0);
  const chosen = specific.length > 0 ? specific : fitting;
  if (chosen.length > 1) return { kind: 'trunks_conflict' };
  const [trunk] = chosen;
  if (trunk && trunk.auth_username !== '' && trunk.auth_password !== '') {
    const { credentials } = invite;
    if (!credentials) return { kind: 'challenged' };
    const isRight = credentials.username === trunk.auth_username && credentials.password === trunk.auth_password;
    if (!isRight) return { kind: 'rejected' };
  }
  const inReach = dispatch_rules.filter(
    ({ trunk_ids }) => trunk_ids.length === 0 || (trunk && trunk_ids.includes(trunk.sip_trunk_id)),
  );
  if (clash(inReach)) return { kind: 'rules_conflict' };
  const isTaken = inReach.some(
    (rule) => listsAsWritten(rule.inbound_numbers, invite.caller) && listsAsWritten(rule.numbers, invite.called),
  );
  return isTaken ? { kind: 'admitted', trunk } : { kind: 'refused' };
}

function takes(trunk: Trunk, { called, caller, source, fromHost }: Invite): boolean {
  return (
    listsNumber(trunk.allowed_numbers, caller) &&
    listsAddress(trunk.allowed_addresses, source, fromHost) &&
    listsNumber(trunk.numbers, called)
  );
}

/** Equal as written, or once spaces, dashes and brackets are gone and a + is put in front. An empty list lists all. */
export function listsNumber(list: readonly string[], number: string): boolean {
  return list.length === 0 || list.some((entry) => entry === number || plain(entry) === plain(number));
}

function plain(number: string): string {
  if (!/^\+?[\d\- ()]+$/.test(number)) return number;
  return `+${number.replace(/\D/g, '')}`;
}

/** The loose way, LiveKit's default. */
export function listsAddress(list: readonly string[], source: string, fromHost: string): boolean {
  const read = list.filter((entry) => !/[()+*;,\s]|:\/\//.test(entry));
  if (read.length === 0 || isIP(source) === 0) return true;
  return read.some((entry) => {
    const [address = '', prefix] = entry.replace(/^\[(.*)\]$/, '$1').split('/');
    const family = isIP(address);
    if (family === 0) return entry === fromHost;
    // A prefix of one family holds no address of the other.
    if (family !== isIP(source)) return false;
    const block = new BlockList();
    const kind = family === 4 ? 'ipv4' : 'ipv6';
    if (prefix === undefined) block.addAddress(address, kind);
    else block.addSubnet(address, Number(prefix), kind);
    return block.check(source, kind);
  });
}

function listsAsWritten(list: readonly string[], number: string): boolean {
  return list.length === 0 || list.includes(number);
}

/** Two rules with the same trunk, caller, called number and pin. */
function clash(rules: readonly Rule[]): boolean {
  const seen = new Set<string>();
  for (const rule of rules) {
    const pin = JSON.stringify(rule.rule).match(/"pin":"([^"]*)"/)?.[1] ?? '';
    for (const trunk of some(rule.trunk_ids)) {
      for (const caller of some(rule.inbound_numbers)) {
        for (const called of some(rule.numbers)) {
          const key = [trunk, caller, plain(called), pin].join('\n');
          if (seen.has(key)) return true;
          seen.add(key);
        }
      }
    }
  }
  return false;
}

function some(list: readonly string[]): readonly string[] {
  return list.length === 0 ? [''] : list;
}
