import { type Fix, plainFix, ruleName } from '../../../fixes/fix.ts';
import { deleteRule, setTrunks } from '../../../fixes/ruleFix.ts';
import type { DispatchRule, Snapshot } from '../../../trunks/snapshot.ts';
import { few, roomName } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

/** More trunks than anybody wants to paste. */
const MOST_TRUNKS = 20;

export const wildcardRuleAdmitsUnmatchedCalls = defineFinding({
  id: 'wildcard_rule_admits_unmatched_calls',
  severity: 'critical',
  title: 'a dispatch rule without trunk_ids admits calls that no trunk matched',
  why:
    'When no trunk matches a call, LiveKit still looks for a dispatch rule without trunk_ids, and accepts the call on it. ' +
    'Such a call is past allowed_addresses, allowed_numbers and the password of every trunk: anybody who can reach the ' +
    'SIP host talks to the agents.',
  fix: 'Bind the rule to the trunks that it is meant for.',
  *find(snapshot) {
    for (const rule of snapshot.ruleIndex.wildcards) {
      // A rule of a kind that is not known here may be one that LiveKit refuses.
      if (rule.kind === undefined) continue;
      yield { trunks: [], rules: [rule.sip_dispatch_rule_id], what: describe(rule), fixes: fixesFor(rule, snapshot) };
    }
  },
});

function describe(rule: DispatchRule): string {
  const to = rule.numbers.length === 0 ? 'to any number' : `to ${few(rule.numbers)}`;
  const from =
    rule.inbound_numbers.length === 0
      ? 'from any caller'
      : `from a caller that says it is ${few(rule.inbound_numbers)}`;
  const pin = rule.pin === '' ? 'unasked' : 'once it has given the pin';
  return `${ruleName(rule)} has no trunk_ids: a call that no trunk matched, ${to}, ${from} and any address, gets into ${roomName(rule)} ${pin}.`;
}

function fixesFor(rule: DispatchRule, snapshot: Snapshot): Fix[] {
  if (snapshot.trunks.length === 0) return [plainFix(`Create an inbound trunk, and bind ${ruleName(rule)} to it.`)];
  // Only trunks that no other rule is bound to need this one; beside other rules, binding it might make it clash.
  const needing: string[] = [];
  for (const [id, trunk] of snapshot.trunksById) {
    if (snapshot.ruleIndex.boundTo(id).length === 0 && snapshot.canTake(rule, trunk)) needing.push(id);
    if (needing.length > MOST_TRUNKS) break;
  }
  const [first, ...others] = needing;
  if (first === undefined)
    return [deleteRule(rule, ': no trunk needs it, since all that it could serve have rules of their own')];
  if (needing.length > MOST_TRUNKS) {
    return [
      plainFix(`Bind ${ruleName(rule)} to the trunks that have no rule of their own: ${few(needing)} and others.`),
    ];
  }
  return [setTrunks(rule, [first, ...others], `Bind ${ruleName(rule)} to ${needing.join(', ')}.`)];
}
