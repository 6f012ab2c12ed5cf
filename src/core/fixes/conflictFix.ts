import { isListed, normaliseNumber, withoutRepeats } from '../trunks/number.ts';
import type { DispatchRule, InboundTrunk } from '../trunks/snapshot.ts';
import { type Fix, inWords, ruleName, trunkName } from './fix.ts';
import { deleteRule, numbersApart, setNumbers, setTrunks } from './ruleFix.ts';
import { addressesApart, deleteTrunkFix, trunkListFix } from './trunkFix.ts';

interface Call {
  readonly called: string;
  readonly caller: string | undefined;
}

/** Leaves the call to one of two trunks that both match it. A trunk is deleted only if it has no other number. */
export function separateTrunks(a: InboundTrunk, b: InboundTrunk, call: Call): Fix[] {
  const names = `${trunkName(a)} and ${trunkName(b)}`;
  const apart = `Give ${names} callers (allowed_numbers) or addresses (allowed_addresses) that don’t overlap.`;
  const isNeedless = (trunk: InboundTrunk) => clashing(trunk, call.called).length === trunk.numbers.length;
  return [
    ...narrowed(b, a, call),
    ...narrowed(a, b, call),
    addressesApart([a, b], apart),
    ...[b, a].filter(isNeedless).map((trunk) => deleteTrunkFix(trunk, '')),
  ];
}

function clashing({ numbers }: InboundTrunk, called: string): string[] {
  return numbers.filter((number) => isListed(called, [number]));
}

/** Takes the call off a trunk, without making it a trunk for every number or for every caller. */
function narrowed(trunk: InboundTrunk, other: InboundTrunk, { called, caller }: Call): Fix[] {
  const name = trunkName(trunk);
  if (trunk.numbers.length === 0) {
    const action = `Add ${called} to the numbers of ${name}: it then takes only calls to ${called}, before ${trunkName(other)}.`;
    return [trunkListFix(trunk, 'numbers', { add: [called] }, action)];
  }
  const shared = clashing(trunk, called);
  if (shared.length < trunk.numbers.length)
    return [trunkListFix(trunk, 'numbers', { remove: shared }, `Remove ${inWords(shared)} from ${name}.`)];
  if (caller === undefined) return [];
  const own = trunk.allowed_numbers.filter((entry) => normaliseNumber(entry) === normaliseNumber(caller));
  if (own.length === 0 || own.length === trunk.allowed_numbers.length) return [];
  const action = `Remove ${inWords(own)} from allowed_numbers of ${name}, so that ${trunkName(other)} takes the caller.`;
  return [trunkListFix(trunk, 'allowed_numbers', { remove: own }, action)];
}

/** Leaves calls to one of two rules that LiveKit can't decide between, or mends a rule that clashes with itself. */
export function separateRules(rule: DispatchRule, other: DispatchRule): Fix[] {
  if (rule !== other) {
    const apart = `Give ${ruleName(other)} and ${ruleName(rule)} different numbers, or different trunk_ids, inbound_numbers or pins.`;
    return [numbersApart(other, rule, apart), deleteRule(rule, `, if ${ruleName(other)} should get the calls`)];
  }
  const [first, ...others] = new Set(rule.trunk_ids);
  if (first !== undefined && others.length + 1 < rule.trunk_ids.length) {
    return [setTrunks(rule, [first, ...others], `List each trunk once in ${ruleName(rule)}.`)];
  }
  const lists = { numbers: withoutRepeats(rule.numbers), inbound_numbers: withoutRepeats(rule.inbound_numbers) };
  const action = `List each number once in ${ruleName(rule)}, in the format that calls carry. If calls carry several formats, empty the list instead, provided the rule may accept every number of its trunk.`;
  return [setNumbers(rule, lists, action)];
}
