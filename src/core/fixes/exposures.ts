import { readAddresses, versionsAllowed } from '../trunks/allowedAddresses.ts';
import type { InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import { ruleName, trunkName } from './fix.ts';

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
  return [...ofTrunks, ...exposuresOfRules(before, after)];
}

const MEANS = {
  allowed_addresses: 'every address passes',
  allowed_numbers: 'every caller passes',
  numbers: 'the trunk accepts every called number',
};

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
  return !asksForPassword(trunk) && versionsAllowed(readAddresses(trunk.allowed_addresses, false)).length > 0;
}

export function asksForPassword({ auth_username, has_password }: InboundTrunk): boolean {
  return auth_username !== '' && has_password;
}
