import { type Fix, plainFix, ruleName } from '../../../fixes/fix.ts';
import { deleteRule, setNumbers, setTrunks } from '../../../fixes/ruleFix.ts';
import type { Clash } from '../../../trunks/judge/clashes.ts';
import { withoutRepeats } from '../../../trunks/number.ts';
import { few } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

/** Clashes told one by one; the rest is only counted. */
const CLASHES_LISTED = 50;

export const dispatchRulesConflict = defineFinding({
  id: 'dispatch_rules_conflict',
  severity: 'critical',
  title: 'dispatch rules clash, and every call to their trunk is answered 503',
  why:
    'LiveKit cannot decide between two rules with the same trunk, caller, called number and pin. It checks this before it ' +
    'looks at the call, so that one clash refuses every call to the trunk, also those to other numbers. Two forms of one ' +
    'number in one rule clash as well.',
  fix: 'Delete one of the two rules, or make their trunks, numbers, callers or pins differ.',
  *find(snapshot) {
    // Without one of its trunks a clash never comes to a call.
    const clashes = snapshot.clashes
      .map((clash) => ({ clash, trunkIds: [...clash.trunkIds].filter((id) => snapshot.trunksById.has(id)) }))
      .filter(({ clash, trunkIds }) => trunkIds.length > 0 || clash.trunkIds.size === 0);
    for (const { clash, trunkIds } of clashes.slice(0, CLASHES_LISTED)) {
      const ids = new Set([clash.rule.sip_dispatch_rule_id, clash.other.sip_dispatch_rule_id]);
      yield { trunks: trunkIds, rules: [...ids], what: describe(clash, trunkIds), fixes: fixesFor(clash) };
    }
    const unlisted = clashes.length - CLASHES_LISTED;
    if (unlisted > 0) {
      yield {
        trunks: [],
        rules: [],
        what: `${unlisted} more pairs of dispatch rules clash.`,
        fixes: [],
        count: unlisted,
      };
    }
  },
});

function describe({ rule, other, caller, called }: Clash, trunkIds: readonly string[]): string {
  const where = trunkIds.length === 0 ? 'every trunk' : few(trunkIds);
  const effect = `every call to ${where} is answered 503`;
  if (rule === other) return `${ruleName(rule)} names ${repeated(rule)}, and so clashes with itself: ${effect}.`;
  const to = called === undefined ? 'any number' : called;
  const from = caller === undefined ? 'any caller' : caller;
  const pin = rule.pin === '' ? 'without a pin' : 'with the same pin';
  const bound = trunkIds.length === 0 ? 'without trunk_ids' : `on ${where}`;
  return `${ruleName(other)} and ${ruleName(rule)} both take calls from ${from} to ${to} ${pin}, ${bound}: ${effect}.`;
}

function repeated({ trunk_ids, numbers, inbound_numbers }: Clash['rule']): string {
  if (new Set(trunk_ids).size < trunk_ids.length) return 'one trunk twice';
  const list = withoutRepeats(numbers).length < numbers.length ? numbers : inbound_numbers;
  const kept = new Set(withoutRepeats(list));
  const extra = list.filter((number) => !kept.has(number));
  return extra.length > 0 ? `${few(extra)} a second time in another form` : 'a number twice';
}

function fixesFor({ rule, other }: Clash): Fix[] {
  if (rule !== other) {
    const apart = `Make trunk_ids, inbound_numbers, numbers or pins of ${ruleName(other)} and ${ruleName(rule)} differ.`;
    return [plainFix(apart), deleteRule(rule, `, if ${ruleName(other)} is the one that is wanted`)];
  }
  const [first, ...others] = new Set(rule.trunk_ids);
  if (first !== undefined && others.length + 1 < rule.trunk_ids.length) {
    return [setTrunks(rule, [first, ...others], `Name each trunk once in ${ruleName(rule)}.`)];
  }
  const lists = { numbers: withoutRepeats(rule.numbers), inbound_numbers: withoutRepeats(rule.inbound_numbers) };
  return [setNumbers(rule, lists, `Leave one form of each number in ${ruleName(rule)}: the one that is sent.`)];
}
