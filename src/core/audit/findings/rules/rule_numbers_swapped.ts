import { type Fix, ruleName } from '../../../fixes/fix.ts';
import { setNumbers } from '../../../fixes/ruleFix.ts';
import type { LikeNumbers } from '../../../trunks/judge/likeNumbers.ts';
import { normaliseNumber, withoutRepeats } from '../../../trunks/number.ts';
import type { DispatchRule, InboundTrunk } from '../../../trunks/snapshot.ts';
import { few, written } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const ruleNumbersSwapped = defineFinding({
  id: 'rule_numbers_swapped',
  severity: 'critical',
  title: 'a dispatch rule has callers and called numbers swapped',
  runbook: {
    meaning:
      'In a dispatch rule, inbound_numbers are callers and numbers are called numbers, although the names suggest otherwise. This rule has called numbers or callers in the wrong list. It accepts no outside call, or only those of the callers that stand beside them.',
    impact:
      'Calls that are meant for this rule go to the room of another rule. If no other rule accepts them, they get one 180 and then silence, or a 404 from newer builds.',
    diagnosis: [
      '`sipwhy audit` names the numbers that are in the wrong list, and the trunk that has them.',
      '`sipwhy history` shows when the rule was created or changed. Scripts often make this mistake, because LiveKit’s comment on the older form of CreateSIPDispatchRule describes inbound_numbers as the called numbers.',
    ],
    mitigation: [
      'Move the called numbers to numbers, and the callers to inbound_numbers. `sipwhy audit` prints the change to paste. LiveKit’s API replaces the whole rule, so fill in the pin if the rule has one.',
      'Don’t add callers to inbound_numbers one by one: an empty list accepts every caller.',
      'Verify that `sipwhy audit` no longer lists the rule, and that `sipwhy check <number> --caller <caller>` names it.',
    ],
  },
  fix: 'Move called numbers to numbers, and callers to inbound_numbers.',
  *find({ rules, calledNumbers, callers }) {
    for (const rule of rules) {
      yield undefined;
      const bound = rule.trunk_ids.length === 0 ? undefined : new Set(rule.trunk_ids);
      const isItsTrunk = (trunk: InboundTrunk) => bound?.has(trunk.sip_trunk_id) ?? true;
      const trunkOf = (numbers: LikeNumbers<InboundTrunk>, number: string) =>
        numbers.find(number).flatMap((like) => like.owners.find(isItsTrunk) ?? [])[0];
      const calledOn = (number: string) => trunkOf(calledNumbers, number);
      const callingOn = (number: string) => trunkOf(callers, number);
      // An empty entry is no number of anybody's.
      const isCalled = (number: string) => number.trim() !== '' && calledOn(number) !== undefined;
      const isCaller = (number: string) => number.trim() !== '' && callingOn(number) !== undefined && !isCalled(number);

      // A rule for calls between two of a trunk's own numbers lists called numbers on both sides.
      const isInternal = rule.numbers.some(isCalled) && !overlap(rule.numbers, rule.inbound_numbers);
      const swapped: Swapped = {
        inbound: isInternal ? [] : rule.inbound_numbers.filter(isCalled),
        numbers: rule.numbers.every(isCaller) ? rule.numbers : [],
      };
      const [trunk] = swapped.inbound.length > 0 ? swapped.inbound.map(calledOn) : swapped.numbers.map(callingOn);
      if (!trunk) continue;
      // The rule compares its numbers as written, so they move in the trunk's form.
      const asOnTrunk = (number: string) =>
        calledNumbers.find(number).find((like) => like.owners.some(isItsTrunk))?.number ?? number;
      yield {
        trunks: [trunk.sip_trunk_id],
        rules: [rule.sip_dispatch_rule_id],
        describe: () => ({
          what: describe(rule, swapped, trunk.sip_trunk_id),
          fixes: fixesFor(rule, swapped, asOnTrunk),
        }),
      };
    }
  },
  examples: [
    {
      shows: 'the trunk’s number is listed as a caller',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], inbound_numbers: ['15550100'] } },
      },
      want: {
        trunk: 'ST_1',
        what: 'SDR_1 has 15550100 in inbound_numbers, although ST_1 accepts calls to it.',
      },
    },
    {
      shows: 'both lists are swapped',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], allowed_numbers: ['+15550123'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], inbound_numbers: ['+15550100'], numbers: ['+15550123'] } },
      },
      want: {
        trunk: 'ST_1',
        what: 'SDR_1 has +15550100 in inbound_numbers, although ST_1 accepts calls to it, and +15550123 in numbers, although ST_1 accepts calls from it.',
      },
    },
    {
      shows: 'a caller is listed as a called number',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], allowed_numbers: ['+15550123'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['+15550123'] } },
      },
      want: { trunk: 'ST_1', what: 'SDR_1 has +15550123 in numbers, although ST_1 accepts calls from it.' },
    },
    {
      shows: 'a rule without trunk_ids lists the number of a trunk as a caller',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { inbound_numbers: ['+15550100'] } },
      },
      want: { trunk: 'ST_1', what: 'SDR_1 has +15550100 in inbound_numbers, although ST_1 accepts calls to it.' },
    },
    {
      shows: 'each number is in the right list',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], allowed_numbers: ['+15550123'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], inbound_numbers: ['+15550123'], numbers: ['+15550100'] } },
      },
    },
    {
      shows: 'an outside caller beside the trunk’s number',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], inbound_numbers: ['+15550123', '+15550100'] } },
      },
      want: {
        trunk: 'ST_1',
        what: 'SDR_1 has +15550100 in inbound_numbers, although ST_1 accepts calls to it. Of outside callers it accepts only +15550123.',
      },
    },
    {
      shows: 'an empty entry in both lists, which is no number',
      configuration: {
        trunks: { ST_1: { numbers: ['', '+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], inbound_numbers: [''] } },
      },
    },
    {
      shows: 'outside callers only',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], inbound_numbers: ['+15550123', '+15550124'] } },
      },
    },
    {
      shows: 'calls between two of a trunk’s own numbers',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100', '+15550101'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], inbound_numbers: ['+15550100'], numbers: ['+15550101'] } },
      },
    },
    {
      shows: 'the number of a trunk that the rule is not bound to is listed as a caller',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'] }, ST_2: { numbers: ['+15550101'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], inbound_numbers: ['+15550101'] } },
      },
    },
    {
      shows: 'the trunk admits its own number as a caller, and the rule accepts calls to it',
      configuration: {
        trunks: { ST_1: { numbers: ['+15550100'], allowed_numbers: ['+15550100'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], numbers: ['+15550100'] } },
      },
    },
  ],
});

/** The numbers in the wrong list. */
interface Swapped {
  /** Called numbers in inbound_numbers, perhaps beside callers. */
  readonly inbound: readonly string[];
  /** Callers in numbers; empty unless all its entries are. */
  readonly numbers: readonly string[];
}

function describe(rule: DispatchRule, { inbound, numbers }: Swapped, trunk: string): string {
  const faults = [
    ...(inbound.length > 0
      ? [`${few(inbound)} in inbound_numbers, although ${trunk} accepts calls to ${it(inbound)}`]
      : []),
    ...(numbers.length > 0 ? [`${few(numbers)} in numbers, although ${trunk} accepts calls from ${it(numbers)}`] : []),
  ];
  const callers = callersBeside(rule, inbound);
  const only = callers.length === 0 ? '' : ` Of outside callers it accepts only ${few(callers.map(written))}.`;
  return `${ruleName(rule)} has ${faults.join(', and ')}.${only}`;
}

/** What stands in inbound_numbers beside called numbers. */
function callersBeside(rule: DispatchRule, inbound: readonly string[]): string[] {
  return inbound.length === 0 ? [] : rule.inbound_numbers.filter((number) => !inbound.includes(number));
}

/** Never adds callers: if only some are listed beside the called numbers, an empty list accepts all. */
function fixesFor(rule: DispatchRule, swapped: Swapped, asOnTrunk: (number: string) => string): Fix[] {
  const name = ruleName(rule);
  const moves = [
    ...(swapped.inbound.length > 0 ? [`${few(swapped.inbound)} to numbers`] : []),
    ...(swapped.numbers.length > 0 ? [`${few(swapped.numbers)} to inbound_numbers`] : []),
  ];
  const action = `Move ${moves.join(' and ')} in ${name}.`;
  const lists = exchanged(rule, swapped, asOnTrunk);
  const callers = callersBeside(rule, swapped.inbound);
  if (callers.length === 0 || swapped.numbers.length > 0) return [setNumbers(rule, lists, action)];
  const emptied = setNumbers(
    rule,
    { ...lists, inbound_numbers: [] },
    `Move ${moves.join(' and ')} in ${name}, and empty inbound_numbers: the rule then accepts every caller${rule.trunk_ids.length > 0 ? ' that its trunk admits' : ', from any address'}.`,
  );
  const kept = setNumbers(
    rule,
    lists,
    `Only move ${moves.join(' and ')} in ${name}, if nobody but ${few(callers.map(written))} may call.`,
  );
  // The callers of a wildcard rule are all that limits who gets in.
  return rule.trunk_ids.length > 0 ? [emptied, kept] : [kept, emptied];
}

function it(numbers: readonly string[]): string {
  return numbers.length === 1 ? 'it' : 'them';
}

function exchanged(
  { numbers, inbound_numbers: inbound }: DispatchRule,
  swapped: Swapped,
  asOnTrunk: (number: string) => string,
) {
  const called = [...(swapped.numbers.length > 0 ? [] : numbers), ...swapped.inbound.map(asOnTrunk)];
  const callers = [...inbound.filter((number) => !swapped.inbound.includes(number)), ...swapped.numbers];
  return { numbers: withoutRepeats(called), inbound_numbers: withoutRepeats(callers) };
}

function overlap(a: readonly string[], b: readonly string[]): boolean {
  const inB = new Set(b.map(normaliseNumber));
  return a.some((number) => inB.has(normaliseNumber(number)));
}
