import type { InboundTrunk } from '../trunks/snapshot.ts';
import { areTooLong, type Fix, type Paste, plainFix, type TrunkList, trunkName } from './fix.ts';
import { creationPastes, curlPaste, isForLk, lkPaste } from './liveKitCommand.ts';
import { agentsOfNewRule, newRuleBody } from './ruleFix.ts';

/**
 * Adds entries to, or takes them off, one list of a trunk; every other field stays. lk can set the numbers. For the
 * other lists it has only a file, which replaces the whole trunk with its password, so it is not offered.
 */
export function trunkListFix(
  trunk: InboundTrunk,
  field: TrunkList,
  change: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
  action: string,
): Fix {
  if (areTooLong(change.add, change.remove)) return plainFix(action);
  const { sip_trunk_id } = trunk;
  // LiveKit removes an entry once each time it is named.
  const remove = change.remove?.flatMap((entry) => trunk[field].filter((listed) => listed === entry));
  const update = { [field]: { ...change, ...(remove && { remove }) } };
  return {
    action,
    pastes: [
      ...(field === 'numbers' ? lkNumbers(trunk, change) : []),
      curlPaste([{ method: 'UpdateSIPInboundTrunk', body: { sip_trunk_id, update } }]),
    ],
    change: { kind: 'trunk', sip_trunk_id, field, ...change },
  };
}

/**
 * Lets a caller through a trunk's list. An entry for callers who withhold their number admits all of them. A call without
 * any caller is on no list.
 */
export function allowCaller(trunk: InboundTrunk, caller: string): Fix {
  const name = trunkName(trunk);
  if (caller === '') {
    return plainFix(
      `Decide whether ${name} should accept every caller, with an empty allowed_numbers: the call carries no caller, which no number on the list matches.`,
    );
  }
  const all = isWithheld(caller) ? ' That admits every caller who withholds the number.' : '';
  return trunkListFix(
    trunk,
    'allowed_numbers',
    { add: [caller] },
    `Add ${caller} to allowed_numbers of ${name}.${all}`,
  );
}

/** Whether the text stands for any number that isn't sent. LiveKit compares it as written. */
export function isWithheld(caller: string): boolean {
  return /^(anonymous|blocked|private|restricted|unavailable|unknown|withheld)$/i.test(caller);
}

/** lk sets the whole list. It is not offered for a long list, or for numbers that it would change. */
function lkNumbers(
  { sip_trunk_id, numbers }: InboundTrunk,
  { add = [], remove = [] }: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
): Paste[] {
  const kept = numbers.filter((number) => !remove.includes(number));
  const list = [...kept, ...add.filter((number) => !kept.includes(number))];
  if (list.length === 0 || areTooLong(list) || !list.every(isForLk)) return [];
  return [
    lkPaste([['sip', 'inbound', 'update', '--id', sip_trunk_id, ...list.flatMap((number) => ['--numbers', number])]]),
  ];
}

/** Limits trunks to addresses of their own, which only a person knows. */
export function addressesApart(trunks: readonly InboundTrunk[], action: string): Fix {
  const calls = trunks.map(({ sip_trunk_id }) => ({
    method: 'UpdateSIPInboundTrunk',
    body: {
      sip_trunk_id,
      update: { allowed_addresses: { set: [`<an address from which calls for ${sip_trunk_id} come>`] } },
    },
  }));
  return { action, pastes: [curlPaste(calls)] };
}

/** Limits trunks to callers of their own, which only a person knows. One that lists callers keeps its list. */
export function callersApart(trunks: readonly InboundTrunk[], action: string): Fix {
  const open = trunks.filter(({ allowed_numbers }) => allowed_numbers.length === 0);
  const calls = (open.length > 0 ? open : trunks).map(({ sip_trunk_id }) => ({
    method: 'UpdateSIPInboundTrunk',
    body: {
      sip_trunk_id,
      update: { allowed_numbers: { set: [`<a caller whose calls ${sip_trunk_id} takes>`] } },
    },
  }));
  return { action, pastes: [curlPaste(calls)] };
}

/** A trunk for a number, only for the given addresses where there are any, with a dispatch rule of its own. */
export function newTrunkFix(number: string, addresses: readonly string[], agents: readonly string[]): Fix {
  const trunk = { name: 'Jambonz', numbers: [number], ...(addresses.length > 0 && { allowed_addresses: addresses }) };
  return {
    action: `Create an inbound trunk for ${number}, and a dispatch rule for the trunk. ${agentsOfNewRule(agents)}`,
    pastes: creationPastes(trunk, (trunkId) => newRuleBody(trunkId, agents)),
    change: { kind: 'new_trunk', numbers: [number], allowed_addresses: addresses },
  };
}

/** Deletes a trunk; `when` ends the sentence. */
export function deleteTrunkFix(trunk: InboundTrunk, when: string): Fix {
  const { sip_trunk_id } = trunk;
  return {
    action: `Delete ${trunkName(trunk)}${when}.`,
    pastes: [
      lkPaste([['sip', 'inbound', 'delete', sip_trunk_id]]),
      curlPaste([{ method: 'DeleteSIPTrunk', body: { sip_trunk_id } }]),
    ],
    change: { kind: 'delete_trunk', sip_trunk_id },
  };
}
