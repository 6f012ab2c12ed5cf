import { allows, readAddresses, readSource } from '../trunks/allowedAddresses.ts';
import type { Judgement } from '../trunks/judge/judge.ts';
import { judgeDispatch } from '../trunks/judge/judgeDispatch.ts';
import { normaliseNumber } from '../trunks/number.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import { type Class, OTHER_CALLER, type Sender, sampleCalls } from './sampleCalls.ts';

/** A call of which everything is known. */
export interface SampleCall extends Sender {
  readonly called: string;
  readonly caller: string;
}

/** Where a call of which everything is known ends up. A call that gets in past all trunks counts as `no_trunk`. */
export type Landing =
  | { readonly kind: 'admitted'; readonly trunk: InboundTrunk; readonly rule: DispatchRule }
  | { readonly kind: 'no_trunk' | 'no_rule' | 'conflict' };

export function landingOf(
  snapshot: Snapshot,
  { called, caller, address, fromHost }: SampleCall,
  strictAddresses: boolean,
): Landing {
  const asked = { called, caller, sources: [address], fromHost, strictAddresses };
  const choice = snapshot.trunkIndex.choose(asked, 'fail');
  if (choice.kind === 'empty' || choice.kind === 'none') return { kind: 'no_trunk' };
  if (choice.kind !== 'specific' && choice.kind !== 'default') return { kind: 'conflict' };
  const dispatch = judgeDispatch(snapshot, choice.trunk, { called, caller });
  switch (dispatch.kind) {
    case 'rule':
      return { kind: 'admitted', trunk: choice.trunk.trunk, rule: dispatch.rule };
    case 'conflict':
      return { kind: 'conflict' };
    case 'none':
      return { kind: 'no_rule' };
  }
}

/** The same, with the wildcard rule of a call that gets in past all trunks. */
export function arrivalOf(
  snapshot: Snapshot,
  call: SampleCall,
  strictAddresses: boolean,
): Landing | { readonly kind: 'past_trunks'; readonly rule: DispatchRule } {
  const landing = landingOf(snapshot, call, strictAddresses);
  if (landing.kind !== 'no_trunk') return landing;
  const rule = snapshot.ruleIndex.chooseUnmatched(call.caller, call.called);
  return rule ? { kind: 'past_trunks', rule } : landing;
}

/** Whether two calls get the same room and agents, with the same credentials. */
export function isSamePlace(a: Landing, b: Landing): boolean {
  if (a.kind !== 'admitted' || b.kind !== 'admitted') return a.kind === b.kind;
  const isSameRule = a.rule.sip_dispatch_rule_id === b.rule.sip_dispatch_rule_id;
  return isSameRule && askedFor(a.trunk) === askedFor(b.trunk);
}

function askedFor({ auth_username, has_password }: InboundTrunk): string {
  return has_password ? auth_username : '';
}

/** How many callers of a trunk’s list are tried, and beside how many other trunks. */
const MOST_USUAL = 20;
const MOST_TRUNKS = 200;

/**
 * Whether the trunk that takes the call also takes the callers and senders that it means to admit: one of each entry of
 * its lists or, if a list is empty, one that no list has.
 */
export function admitsUsualCallers(snapshot: Snapshot, { choice, call }: Judgement): boolean {
  if (choice.kind !== 'matched') return true;
  const { trunk } = choice.trunk;
  const { called, strictAddresses } = call;
  const trunks = snapshot.trunkIndex.accepting([called], MOST_TRUNKS) ?? [trunk];
  const list = readAddresses(trunk.allowed_addresses, strictAddresses);
  const isUsual = ({ names, value }: Class<Sender>) =>
    list.isOpen
      ? names === undefined
      : names && allows(list, readSource(value.address, strictAddresses), value.fromHost);
  const senders = sampleCalls({ trunks, rules: [] }, [], false, strictAddresses).senders.filter(isUsual);
  const callers = trunk.allowed_numbers.length > 0 ? trunk.allowed_numbers.slice(0, MOST_USUAL) : [OTHER_CALLER];
  return callers.every((caller) =>
    senders.every(({ value }) => isAdmitted(snapshot, { called, caller, ...value }, strictAddresses)),
  );
}

/** In some form of the caller's number. A call from a caller that is in no list may be one that a rule refuses. */
function isAdmitted(snapshot: Snapshot, call: SampleCall, strictAddresses: boolean): boolean {
  const normalised = normaliseNumber(call.caller);
  const forms = [call.caller, normalised, normalised.replace(/^\+/, '')];
  return forms.some((caller) => {
    const { kind } = landingOf(snapshot, { ...call, caller }, strictAddresses);
    return kind === 'admitted' || (call.caller === OTHER_CALLER && kind === 'no_rule');
  });
}
