import { normaliseNumber } from '../number.ts';
import type { DispatchRule, RuleKind } from '../snapshot.ts';

/** The inputs of LiveKit's choice of a dispatch rule. */
export interface DispatchCall {
  readonly from_user: string;
  readonly to_user: string;
  /** The pin that the caller entered; empty before LiveKit asked for one. */
  readonly pin: string;
  /** Whether to leave out rules with a pin. */
  readonly no_pin: boolean;
}

export type DispatchMatch =
  | { readonly ok: true; readonly rule: DispatchRule; readonly result: 'ACCEPT' | 'REQUEST_PIN' }
  | { readonly ok: false; readonly error: 'no_rule' }
  | { readonly ok: false; readonly error: 'conflict'; readonly between: readonly [DispatchRule, DispatchRule] }
  /** A rule of an unknown kind. LiveKit's check then refuses the whole set of rules. */
  | { readonly ok: false; readonly error: 'invalid_rule'; readonly rule: DispatchRule };

/**
 * Chooses the dispatch rule of a call as LiveKit does. `trunkId` is `undefined` if no trunk matched. Then only wildcard
 * rules count, and one of them admits the call although no trunk does.
 *
 * `inbound_numbers` (callers) and `numbers` (called numbers) are compared exactly as written. The conflict check does
 * not depend on the call: it covers every rule, in order, and stops at the first clash.
 * Source: github.com/livekit/protocol v1.54.0, `sip.MatchDispatchRuleIter` and `sip.EvaluateDispatchRule`.
 */
export function matchDispatch(
  rules: readonly DispatchRule[],
  trunkId: string | undefined,
  call: DispatchCall,
): DispatchMatch {
  const seen = new Map<string, DispatchRule>();
  let specific: DispatchRule | undefined;
  let wildcard: DispatchRule | undefined;

  for (const rule of rules) {
    if (rule.kind === undefined) return { ok: false, error: 'invalid_rule', rule };
    const clash = register(seen, rule);
    if (clash) return { ok: false, error: 'conflict', between: [rule, clash] };
    if (!takesNumbers(rule, call) || !takesPin(rule, call)) continue;
    if (rule.trunk_ids.length === 0) {
      if (!wildcard || comesBefore(rule, wildcard)) wildcard = rule;
    } else if (trunkId !== undefined && rule.trunk_ids.includes(trunkId)) {
      if (!specific || comesBefore(rule, specific)) specific = rule;
    }
  }

  const rule = specific ?? wildcard;
  if (!rule) return { ok: false, error: 'no_rule' };
  return { ok: true, rule, result: rule.pin !== '' && call.pin === '' ? 'REQUEST_PIN' : 'ACCEPT' };
}

/** Whether the rule accepts the caller and the called number, both compared as written. */
export function takesNumbers(rule: DispatchRule, call: Pick<DispatchCall, 'from_user' | 'to_user'>): boolean {
  return (
    (rule.inbound_numbers.length === 0 || rule.inbound_numbers.includes(call.from_user)) &&
    (rule.numbers.length === 0 || rule.numbers.includes(call.to_user))
  );
}

const KIND_PRIORITY: Record<RuleKind, number> = { direct: 0, individual: 1, callee: 2 };

/**
 * LiveKit's priority of a rule; lower wins. A rule with a pin comes before one without, direct before individual before
 * callee, and a number list before none.
 */
export function dispatchPriority(rule: DispatchRule): number {
  if (rule.kind === undefined) return 0x7fffffff;
  return (
    KIND_PRIORITY[rule.kind] +
    (rule.pin === '' ? 100 : 0) +
    (rule.inbound_numbers.length === 0 ? 1000 : 0) +
    (rule.numbers.length === 0 ? 1000 : 0)
  );
}

function takesPin(rule: DispatchRule, call: DispatchCall): boolean {
  if (call.no_pin) return rule.pin === '';
  // After a pin was sent, a rule without a pin no longer matches.
  return call.pin === '' || rule.pin === call.pin;
}

/** Whether LiveKit prefers the first rule. Neither comes before the other if priority and room are equal. */
export function comesBefore(a: DispatchRule, b: DispatchRule): boolean {
  const difference = dispatchPriority(a) - dispatchPriority(b);
  return difference !== 0 ? difference < 0 : hasLowerBytes(a.room, b.room);
}

// Go compares strings by UTF-8 bytes, JavaScript by UTF-16 units. The orders differ above U+FFFF.
function hasLowerBytes(a: string, b: string): boolean {
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b;
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}

const SURROGATE = /[\ud800-\udfff]/;

/** Registers the rule under each of its keys. Returns the rule that already has one of them; `undefined` if there is none. */
function register(seen: Map<string, DispatchRule>, rule: DispatchRule): DispatchRule | undefined {
  const any = [''];
  for (const trunk of rule.trunk_ids.length > 0 ? rule.trunk_ids : any) {
    for (const inbound of rule.inbound_numbers.length > 0 ? rule.inbound_numbers : any) {
      for (const number of rule.numbers.length > 0 ? rule.numbers : any) {
        const key = JSON.stringify([rule.pin, trunk, normaliseNumber(inbound), normaliseNumber(number)]);
        const other = seen.get(key);
        if (other) return other;
        seen.set(key, rule);
      }
    }
  }
  return undefined;
}
