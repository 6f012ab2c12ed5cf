import { agentNamesOf } from '../trunks/agents.ts';
import { isListed, normaliseNumber, withoutRepeats } from '../trunks/number.ts';
import type { DispatchRule, InboundTrunk } from '../trunks/snapshot.ts';
import { asksForPassword, isOpenToAll } from './exposures.ts';
import { type Fix, inWords, ruleName, trunkName } from './fix.ts';
import { deleteRule, numbersApart, setNumbers, setTrunks } from './ruleFix.ts';
import { addressesApart, callersApart, deleteTrunkFix, trunkListFix } from './trunkFix.ts';

interface Call {
  readonly called: string;
  readonly caller: string | undefined;
  /** The addresses of the SBCs; empty if none is configured. */
  readonly sources: readonly string[];
}

/** One of two trunks that match a call, with the rule that would take the call from it. */
export interface Side {
  readonly trunk: InboundTrunk;
  readonly rule: DispatchRule | undefined;
}

/** Leaves the call to one of two trunks that both match it. A trunk is deleted only if it has no other number. */
export function separateTrunks(a: Side, b: Side, call: Call): Fix[] {
  return [
    ...narrowed(b, a, call),
    ...narrowed(a, b, call),
    apart([a.trunk, b.trunk], call),
    ...deleted(b, a, call),
    ...deleted(a, b, call),
  ];
}

/** The application can’t choose the SBC’s address, so addresses don’t tell the trunks’ calls apart if both come from it. */
function apart(trunks: readonly [InboundTrunk, InboundTrunk], { sources }: Call): Fix {
  const names = trunks.map(trunkName).join(' and ');
  const both = `Give ${names} callers (allowed_numbers) or addresses (allowed_addresses) that don’t overlap.`;
  if (sources.length === 0) return addressesApart(trunks, both);
  const needs = `only if one of the two gets no calls from ${inWords(sources)}, which Jambonz sends from.`;
  if (trunks.some(({ allowed_addresses }) => allowed_addresses.length > 0))
    return addressesApart(trunks, `${both} Addresses help ${needs}`);
  const callers = `Give ${names} callers (allowed_numbers) that don’t overlap: all other callers are then refused.`;
  return callersApart(trunks, `${callers} Addresses (allowed_addresses) help ${needs}`);
}

function deleted(side: Side, other: Side, { called }: Call): Fix[] {
  const { trunk } = side;
  if (clashing(trunk, called).length < trunk.numbers.length) return [];
  const fix = deleteTrunkFix(trunk, '');
  return [{ ...fix, action: `${fix.action}${whatTakes(other, side)}` }];
}

/** What the trunk that keeps the call asks of it, and whether its rule calls an agent where the other trunk’s does. */
function whatTakes({ trunk, rule }: Side, other: Side): string {
  const name = trunkName(trunk);
  const words: string[] = [];
  if (asksForPassword(trunk))
    words.push(`${name} asks for the username ${JSON.stringify(trunk.auth_username)} and its password.`);
  else if (isOpenToAll(trunk)) words.push(`${name} accepts calls from every address without a password.`);
  const isDispatched = (one: DispatchRule | undefined) => one !== undefined && agentNamesOf(one).length > 0;
  if (rule && !isDispatched(rule) && isDispatched(other.rule))
    words.push(`${ruleName(rule)}, its rule, names no agent: only a worker without an agent_name joins.`);
  return words.map((sentence) => ` ${sentence}`).join('');
}

function clashing({ numbers }: InboundTrunk, called: string): string[] {
  return numbers.filter((number) => isListed(called, [number]));
}

/** Takes the call off a trunk, without making it a trunk for every number or for every caller. */
function narrowed(side: Side, other: Side, { called, caller }: Call): Fix[] {
  const { trunk } = side;
  const name = trunkName(trunk);
  const otherName = trunkName(other.trunk);
  const then = whatTakes(other, side);
  if (trunk.numbers.length === 0) {
    const action = `Add ${called} to the numbers of ${name}: it then takes only calls to ${called}, before ${otherName}.${whatTakes(side, other)}`;
    return [trunkListFix(trunk, 'numbers', { add: [called] }, action)];
  }
  const shared = clashing(trunk, called);
  if (shared.length < trunk.numbers.length)
    return [trunkListFix(trunk, 'numbers', { remove: shared }, `Remove ${inWords(shared)} from ${name}.${then}`)];
  if (caller === undefined) return [];
  const own = trunk.allowed_numbers.filter((entry) => normaliseNumber(entry) === normaliseNumber(caller));
  if (own.length === 0 || own.length === trunk.allowed_numbers.length) return [];
  const action = `Remove ${inWords(own)} from allowed_numbers of ${name}, so that ${otherName} takes the caller.${then}`;
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
