import { arrivalOf, type SampleCall } from '../fixes/landing.ts';
import { OTHER_CALLER, OTHER_NUMBER, type Sender } from '../fixes/sampleCalls.ts';
import { readAddresses } from '../trunks/allowedAddresses.ts';
import { normaliseNumber, numberSet } from '../trunks/number.ts';
import { asCarried, isCarried } from '../trunks/numberEntry.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import { addressOf } from './addressList.ts';
import type { AuditContext } from './finding.ts';

/** How many entries of one list are tried. */
const MOST_TRIED = 10;
/** How many rules are read for entries. */
const MOST_RULES = 200;
/** For documentation, so nobody's. */
const SOME_ADDRESS = '192.0.2.254';

/**
 * Calls that are meant for a trunk, from each sender: to its numbers, or to one that no trunk lists if it lists none that
 * calls carry; from outside callers that it lists, or from one that no list has. Calls that the rules list come too.
 */
export function callsTo(
  trunk: InboundTrunk,
  senders: readonly Sender[],
  rules: readonly DispatchRule[],
): readonly SampleCall[] {
  const numbers = trunk.numbers.filter(isCarried);
  const callers = trunk.allowed_numbers.filter(isCarried);
  // A trunk's own number is no outside caller.
  const own = numberSet(trunk.numbers);
  const outside = callers.filter((caller) => !own.has(normaliseNumber(caller)));
  const ofRules = (field: 'numbers' | 'inbound_numbers', list: readonly string[]) =>
    rules
      .slice(0, MOST_RULES)
      .flatMap((rule) =>
        rule[field].filter((number) => list.length === 0 || numberSet(list).has(normaliseNumber(number))),
      )
      .slice(0, MOST_TRIED);
  const tried = (list: readonly string[], other: string) =>
    list.length > 0 ? list.slice(0, MOST_TRIED).map(asCarried) : [other];
  const called = new Set([...tried(numbers, OTHER_NUMBER), ...ofRules('numbers', numbers)]);
  const calling = new Set([...tried(outside, OTHER_CALLER), ...ofRules('inbound_numbers', callers)]);
  return [...called].flatMap((number) =>
    [...calling].flatMap((caller) => senders.map((sender) => ({ called: number, caller, ...sender }))),
  );
}

/** The SBCs, or if none is known a sender that the trunk allows. */
export function sendersTo(trunk: InboundTrunk, { sbcAddresses, strictAddresses }: AuditContext): readonly Sender[] {
  if (sbcAddresses.length > 0) return sbcAddresses.slice(0, MOST_TRIED).map((address) => ({ address, fromHost: '' }));
  const { prefixes, hosts } = readAddresses(trunk.allowed_addresses, strictAddresses);
  const [prefix] = prefixes;
  return [{ address: prefix ? addressOf(prefix) : SOME_ADDRESS, fromHost: hosts[0] ?? '' }];
}

/** Whether LiveKit admits the call, through a trunk or past all trunks. */
export function getsIn(snapshot: Snapshot, call: SampleCall, strictAddresses: boolean): boolean {
  const { kind } = arrivalOf(snapshot, call, strictAddresses);
  return kind === 'admitted' || kind === 'past_trunks';
}
