import type { DeclaredAuth } from '../call/callEvent.ts';
import { parseSipUri, userPartOf } from '../call/sipUri.ts';
import type { Site } from '../diagnose/facts/site.ts';
import { verdictOf } from '../fixes/prove.ts';
import { agentNamesOf } from '../trunks/agents.ts';
import { allows, readAddresses, readSource } from '../trunks/allowedAddresses.ts';
import { type CallToJudge, type Judgement, judge, ruleThatAdmits } from '../trunks/judge/judge.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';

/** Where LiveKit takes a call that it admits. */
export interface Place {
  /** Absent where a wildcard rule admits the call past all trunks. */
  readonly trunk?: string;
  readonly rule: string;
  readonly roomKind: DispatchRule['kind'];
  /** The room of a direct rule, or the prefix of the others. */
  readonly room: string;
  /** Sorted. */
  readonly agents: readonly string[];
}

/**
 * Calls that LiveKit's matching treats alike, and that connected: one caller's calls to one number, or those of all callers
 * that no list has. Plain data.
 */
export interface CallKind {
  /** The dialled SIP URI. */
  readonly to: string;
  /** The user part of the From header, or its hash; absent if no webhook told it. Of a group, one of its callers. */
  readonly caller?: string;
  /** It stands for callers that no list of trunks and rules has. */
  readonly isGroup?: true;
  /** The addresses that the calls may have come from. Empty if nothing is known. */
  readonly sources: readonly string[];
  /** What is known of the credentials. Calls that a trunk with a password admitted had the right ones. */
  readonly auth?: DeclaredAuth;
  /** Where they landed when they connected last. */
  readonly place: Place;
  /** Whether all fields that decided are known. */
  readonly isKnown: boolean;
}

/** A connected call to LiveKit. */
export interface ConnectedCall {
  readonly to: string;
  readonly from: string | undefined;
  readonly declaredAuth: DeclaredAuth | undefined;
}

/** How many callers stand for those that no list has, to one number. */
const GROUP_MEMBERS = 5;
/** How many entries of a trunk's addresses are tried, if the addresses of the SBCs are unknown. */
const MOST_SOURCES = 20;

/** What tells kinds apart, as one text. A later call of the same kind replaces what was known of it. */
export function keyOfKind({ to, caller, isGroup }: CallKind): string {
  return JSON.stringify([to, isGroup ? memberOf(caller ?? '') : `caller ${caller ?? ''}`]);
}

/** Spreads callers over the members of a group, by the last character of their number or hash. */
function memberOf(caller: string): number {
  return (caller.codePointAt(caller.length - 1) ?? 0) % GROUP_MEMBERS;
}

/** The kind of a call that connected under a configuration; `undefined` if that configuration would have refused it. */
export function kindOf(site: Site, snapshot: Snapshot, call: ConnectedCall): CallKind | undefined {
  const called = parseSipUri(call.to)?.user;
  if (called === undefined) return undefined;
  const caller = call.from === undefined ? undefined : userPartOf(call.from);
  const asked = toJudge(site, { to: call.to, caller, sources: site.sbcAddresses, auth: call.declaredAuth });
  const first = judge(snapshot, asked);
  const trunk = first.wildcardBypass ? undefined : first.likelyTrunk?.trunk;
  const sources = trunk ? sourcesFor(trunk, site) : site.sbcAddresses;
  const auth = trunk ? authFor(trunk, call.declaredAuth) : call.declaredAuth;
  const judgement = judge(snapshot, { ...asked, sources, declaredAuth: auth });
  const verdict = verdictOf(judgement);
  const place = placeOf(judgement);
  if (verdict === 'refused' || !place) return undefined;
  const isGroup = first.listedCaller === undefined || !snapshot.listsCaller(first.listedCaller);
  return {
    to: call.to,
    ...(caller !== undefined && { caller }),
    ...(isGroup && { isGroup }),
    sources,
    ...(auth && { auth }),
    place,
    isKnown: verdict === 'admitted',
  };
}

/** A kind as a call to match. */
export function toJudge(
  site: Site,
  {
    to,
    caller,
    sources,
    auth,
  }: Pick<CallKind, 'to' | 'sources'> & { caller?: string | undefined; auth?: DeclaredAuth | undefined },
): CallToJudge {
  return {
    called: parseSipUri(to)?.user ?? to,
    caller,
    hashKey: site.hashKey,
    sources,
    declaredAuth: auth,
    strictAddresses: site.strictAddresses,
  };
}

/** Where an admitted call lands; `undefined` if no rule takes it. */
export function placeOf(judgement: Judgement): Place | undefined {
  const { likelyTrunk, wildcardBypass } = judgement;
  const rule = ruleThatAdmits(judgement);
  if (!rule) return undefined;
  const trunk = wildcardBypass ? undefined : likelyTrunk?.trunk.sip_trunk_id;
  return {
    ...(trunk !== undefined && { trunk }),
    rule: rule.sip_dispatch_rule_id,
    roomKind: rule.kind,
    room: rule.room,
    agents: [...agentNamesOf(rule)].sort(),
  };
}

/** The SBCs' addresses that the trunk admits. If none is known, the call came from some entry of the trunk's list. */
function sourcesFor({ allowed_addresses }: InboundTrunk, { sbcAddresses, strictAddresses }: Site): readonly string[] {
  const list = readAddresses(allowed_addresses, strictAddresses);
  if (list.isOpen) return sbcAddresses;
  const allowed = sbcAddresses.filter((address) => allows(list, readSource(address, strictAddresses), ''));
  if (allowed.length > 0) return allowed;
  return list.prefixes.slice(0, MOST_SOURCES).map(({ text }) => text.replace(/\/\d+$/, '').replace(/^\[(.*)\]$/, '$1'));
}

/** A trunk that asks for credentials admits only calls that sent them. */
function authFor({ auth_username, has_password }: InboundTrunk, declared: DeclaredAuth | undefined) {
  if (auth_username === '' || !has_password) return declared;
  return { sent: true as const, username: auth_username };
}
