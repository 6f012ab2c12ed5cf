import { readAddresses, versionsAllowed } from '../trunks/allowedAddresses.ts';
import { isListed } from '../trunks/number.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';

/** Of more trunks than these that accept one number, some call is taken to match none. */
const MOST_TRUNKS = 500;

/**
 * Whether a wildcard rule accepts a call that may match no trunk. It doesn't if, for each of its numbers, one trunk takes
 * every call. Two that both take it conflict; once that is mended, they may not.
 */
export function mayGoUnmatched(snapshot: Snapshot, rule: DispatchRule, strictAddresses: boolean): boolean {
  const takesAll = (trunk: InboundTrunk) => takesEveryCall(trunk, rule, strictAddresses);
  const isTaken = (numbers: readonly string[]) => {
    const trunks = snapshot.trunkIndex.accepting(numbers, MOST_TRUNKS) ?? [];
    const tiers = [
      trunks.filter((trunk) => trunk.numbers.length > 0),
      trunks.filter((trunk) => trunk.numbers.length === 0),
    ];
    return tiers.some(([only, another]) => only && !another && takesAll(only));
  };
  return rule.numbers.length === 0 ? !isTaken([]) : !rule.numbers.every((number) => isTaken([number]));
}

/** Whether the trunk admits every address, and every caller whom the rule accepts. */
function takesEveryCall(trunk: InboundTrunk, { inbound_numbers }: DispatchRule, strictAddresses: boolean): boolean {
  const { allowed_numbers, allowed_addresses } = trunk;
  return (
    versionsAllowed(readAddresses(allowed_addresses, strictAddresses)).length === 2 &&
    (allowed_numbers.length === 0 ||
      (inbound_numbers.length > 0 && inbound_numbers.every((caller) => isListed(caller, allowed_numbers))))
  );
}
