import { listsAddress, listsNumber, type Trunk } from './generatedLivekit.ts';
import type { World } from './world.ts';

/** Where the number dialled is like none of any trunk, another trunk with no more faults may have been meant. */
export function meantOtherwise(world: World, isSeen: boolean): string[][] {
  const { configuration, called, caller, source, trunk, credentials } = world;
  if (configuration.inbound_trunks.some(({ numbers }) => listsNumber(numbers, called))) return [];
  const tail = called.replace(/\D/g, '').slice(-6);
  const isAlike = tail.length === 6 && trunk.numbers.some((number) => number.replace(/\D/g, '').endsWith(tail));
  if (isAlike) return [];
  const faultsOf = (other: Trunk) => {
    const set = ['called_number_not_on_trunk'];
    if (!listsAddress(other.allowed_addresses, source, '')) set.push('source_address_not_allowed');
    if (!listsNumber(other.allowed_numbers, caller)) set.push('caller_not_allowed');
    if (isSeen && other.auth_username && other.auth_password) {
      if (!credentials) set.push('auth_missing');
      else if (credentials.username !== other.auth_username) set.push('auth_rejected');
    }
    const rules = configuration.dispatch_rules;
    const isBound = rules.some(({ trunk_ids }) => trunk_ids.includes(other.sip_trunk_id));
    if (rules.length === 0) set.push('no_dispatch_rule');
    else if (!isBound) {
      const isWild = rules.some(({ trunk_ids }) => trunk_ids.length === 0);
      set.push(isWild ? 'dispatch_rule_number_mismatch' : 'dispatch_rule_other_trunk');
    }
    return set;
  };
  const sets = configuration.inbound_trunks.filter((other) => other !== trunk).map(faultsOf);
  // Whoever has made a rule for a trunk has rather meant that one.
  const ruled = sets.filter((set) => !set.some((cause) => cause.includes('dispatch')));
  return [...shortest(sets), ...shortest(ruled)];
}

function shortest(sets: readonly string[][]): string[][] {
  const fewest = Math.min(...sets.map(({ length }) => length));
  return sets.filter(({ length }) => length === fewest);
}
