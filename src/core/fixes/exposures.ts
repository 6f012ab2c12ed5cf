import { isDeepStrictEqual } from 'node:util';
import { readAddresses, versionsAllowed } from '../trunks/allowedAddresses.ts';
import type { InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import { inWords, ruleName, trunkName } from './fix.ts';
import { OTHER_CALLER, OTHER_NUMBER } from './sampleCalls.ts';

/** What a change opens to more callers, in words; empty if nothing. */
export function exposures(before: Snapshot, after: Snapshot): string[] {
  const known = new Map(before.trunks.map((trunk) => [trunk.sip_trunk_id, trunk]));
  const ofTrunks = after.trunks.flatMap((trunk) => {
    const old = known.get(trunk.sip_trunk_id);
    const name = trunkName(trunk);
    const found: string[] = [];
    if (isOpenToAll(trunk) && !(old && isOpenToAll(old)))
      found.push(`${name} accepts calls from every address without a password`);
    if (!old) return found;
    for (const field of ['allowed_addresses', 'allowed_numbers', 'numbers'] as const) {
      if (trunk[field].length === 0 && old[field].length > 0)
        found.push(`${field} of ${name} becomes empty: ${MEANS[field]}`);
    }
    return found;
  });
  return [...ofTrunks, ...leftOpen(before, after), ...exposuresOfRules(before, after)];
}

const MEANS = {
  allowed_addresses: 'every address passes',
  allowed_numbers: 'every caller passes',
  numbers: 'the trunk accepts every called number',
};

/** How many called numbers and callers of a changed trunk are tried. */
const MOST_NUMBERS = 50;
const MOST_CALLERS = 8;

/**
 * Calls that a change leaves to a trunk without a password and without an address list, while a trunk that has either
 * takes them today, alone or beside it; in words.
 */
export function leftOpen(before: Snapshot, after: Snapshot): string[] {
  const found = new Map<InboundTrunk, string[]>();
  for (const trunk of before.trunks) {
    const now = after.trunksById.get(trunk.sip_trunk_id);
    if (now === trunk) continue;
    const callers = [...trunk.allowed_numbers.slice(0, MOST_CALLERS), OTHER_CALLER];
    for (const called of numbersAffected(trunk, now)) {
      const taker = callers.map((caller) => newOpenTaker(before, after, { called, caller })).find(Boolean);
      if (taker) found.set(taker, [...(found.get(taker) ?? []), called]);
    }
  }
  return [...found].map(([trunk, numbers]) => {
    const listed = numbers.filter((number) => number !== OTHER_NUMBER);
    const what =
      listed.length > 0 ? `calls to ${inWords([...new Set(listed)])}` : 'calls to numbers that no trunk lists';
    return `${trunkName(trunk)} takes ${what} from every address without a password`;
  });
}

/** The called numbers whose calls a change of a trunk may lead elsewhere. */
function numbersAffected(old: InboundTrunk, now: InboundTrunk | undefined): string[] {
  const isSame = now && isDeepStrictEqual(old.numbers, now.numbers);
  const before = new Set(old.numbers);
  if (isSame && isDeepStrictEqual(old.allowed_numbers, now.allowed_numbers)) return [];
  const kept = new Set(now && !isSame ? now.numbers.filter((number) => before.has(number)) : []);
  const numbers = [...old.numbers, ...(now?.numbers ?? [])].filter((number) => !kept.has(number));
  const takesAny = old.numbers.length === 0 || now?.numbers.length === 0;
  return [...new Set([...numbers.slice(0, MOST_NUMBERS), ...(takesAny ? [OTHER_NUMBER] : [])])];
}

/** The open trunk that gets a call which a guarded one takes today, alone or beside it; `undefined` if there is none. */
function newOpenTaker(before: Snapshot, after: Snapshot, call: { readonly called: string; readonly caller: string }) {
  const [taker, ...others] = takersOf(after, call);
  if (!taker || others.length > 0 || !isOpenToAll(taker)) return undefined;
  const isGuarded = (trunk: InboundTrunk) => trunk.sip_trunk_id !== taker.sip_trunk_id && !isOpenToAll(trunk);
  return takersOf(before, call).some(isGuarded) ? taker : undefined;
}

/** The trunk that takes a call from an address that every list allows, or the two that both match it. */
function takersOf({ trunkIndex }: Snapshot, call: { readonly called: string; readonly caller: string }) {
  const choice = trunkIndex.choose({ ...call, sources: [], fromHost: undefined, strictAddresses: false }, 'pass');
  const judged = 'trunk' in choice ? [choice.trunk] : 'between' in choice ? choice.between : [];
  return judged.map(({ trunk }) => trunk);
}

function exposuresOfRules(before: Snapshot, after: Snapshot): string[] {
  if (before.rules === after.rules) return [];
  const same = new Set(before.rules);
  return after.rules
    .filter((rule) => !same.has(rule))
    .flatMap((rule) =>
      before
        .rulesWithId(rule.sip_dispatch_rule_id)
        .flatMap((old) =>
          (['trunk_ids', 'inbound_numbers', 'numbers'] as const)
            .filter((field) => rule[field].length === 0 && old[field].length > 0)
            .map((field) => `${field} of ${ruleName(rule)} becomes empty: ${RULE_MEANS[field]}`),
        ),
    );
}

const RULE_MEANS = {
  trunk_ids: 'the rule also accepts calls that no trunk matched',
  inbound_numbers: 'every caller that the trunk admits passes',
  numbers: 'the rule accepts every called number',
};

/** Whether a trunk admits calls from every address, or from every one of IPv4 or IPv6, without a password. */
export function isOpenToAll(trunk: InboundTrunk): boolean {
  return !asksForPassword(trunk) && allowsAll(trunk.allowed_addresses);
}

/** Long lists are asked for again and again. */
const openLists = new WeakMap<readonly string[], boolean>();

function allowsAll(list: readonly string[]): boolean {
  const isOpen = openLists.get(list) ?? versionsAllowed(readAddresses(list, false)).length > 0;
  openLists.set(list, isOpen);
  return isOpen;
}

export function asksForPassword({ auth_username, has_password }: InboundTrunk): boolean {
  return auth_username !== '' && has_password;
}
