import { ruleName } from '../../../fixes/fix.ts';
import { setNumbers } from '../../../fixes/ruleFix.ts';
import type { LikeNumbers } from '../../../trunks/judge/likeNumbers.ts';
import { normaliseNumber, withoutRepeats } from '../../../trunks/number.ts';
import type { DispatchRule, InboundTrunk } from '../../../trunks/snapshot.ts';
import { few } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const ruleNumbersSwapped = defineFinding({
  id: 'rule_numbers_swapped',
  severity: 'critical',
  title: 'a dispatch rule has callers and called numbers swapped',
  why:
    'In a dispatch rule inbound_numbers are the callers and numbers the called numbers, though the names suggest otherwise. ' +
    'Swapped, the rule takes no call: nobody calls from the trunk’s number, and nobody calls the caller.',
  fix: 'Move called numbers to numbers, and callers to inbound_numbers.',
  *find({ rules, calledNumbers: called, callers }) {
    for (const rule of rules) {
      const ofRule = rule.trunk_ids.length === 0 ? undefined : new Set(rule.trunk_ids);
      const serves = (trunk: InboundTrunk) => ofRule?.has(trunk.sip_trunk_id) ?? true;
      const trunkOf = (numbers: LikeNumbers<InboundTrunk>, number: string) =>
        numbers.find(number).flatMap((like) => like.owners.find(serves) ?? [])[0];
      const isCalled = (number: string) => trunkOf(called, number) !== undefined;
      const isCaller = (number: string) => trunkOf(callers, number) !== undefined && !isCalled(number);

      // A rule for calls between two of a trunk's own numbers lists called numbers on both sides.
      const isInternal = rule.numbers.some(isCalled) && !overlap(rule.numbers, rule.inbound_numbers);
      const swapped = {
        inbound: !isInternal && rule.inbound_numbers.length > 0 && rule.inbound_numbers.every(isCalled),
        numbers: rule.numbers.length > 0 && rule.numbers.every(isCaller),
      };
      if (!swapped.inbound && !swapped.numbers) continue;
      const trunk = swapped.inbound
        ? trunkOf(called, rule.inbound_numbers[0] ?? '')
        : trunkOf(callers, rule.numbers[0] ?? '');
      // The rule compares its numbers as written, so they are moved in the form of the trunk.
      const asOnTrunk = (number: string) =>
        called.find(number).find((like) => like.owners.some(serves))?.number ?? number;
      yield {
        trunks: trunk ? [trunk.sip_trunk_id] : [],
        rules: [rule.sip_dispatch_rule_id],
        what: describe(rule, swapped, trunk?.sip_trunk_id ?? 'its trunks'),
        fixes: [setNumbers(rule, exchanged(rule, swapped, asOnTrunk), `Exchange the lists of ${ruleName(rule)}.`)],
      };
    }
  },
});

interface Swapped {
  readonly inbound: boolean;
  readonly numbers: boolean;
}

function describe(rule: DispatchRule, swapped: Swapped, trunk: string): string {
  const faults = [
    ...(swapped.inbound ? [`${few(rule.inbound_numbers)} in inbound_numbers, called on ${trunk}`] : []),
    ...(swapped.numbers ? [`${few(rule.numbers)} in numbers, allowed to call ${trunk}`] : []),
  ];
  return `${ruleName(rule)} has ${faults.join(', and ')}.`;
}

function exchanged(
  { numbers, inbound_numbers: inbound }: DispatchRule,
  swapped: Swapped,
  asOnTrunk: (number: string) => string,
) {
  const called = [...(swapped.numbers ? [] : numbers), ...(swapped.inbound ? inbound.map(asOnTrunk) : [])];
  const callers = [...(swapped.inbound ? [] : inbound), ...(swapped.numbers ? numbers : [])];
  return { numbers: withoutRepeats(called), inbound_numbers: withoutRepeats(callers) };
}

function overlap(a: readonly string[], b: readonly string[]): boolean {
  const inB = new Set(b.map(normaliseNumber));
  return a.some((number) => inB.has(normaliseNumber(number)));
}
