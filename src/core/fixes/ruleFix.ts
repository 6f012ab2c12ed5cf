import type { DispatchRule, InboundTrunk } from '../trunks/snapshot.ts';
import { areTooLong, type Fix, type Paste, plainFix, pretty, type RuleList, ruleName, trunkName } from './fix.ts';

/** A dispatch rule for one trunk; bound to it, since an unbound one also takes calls that no trunk matched. */
export function newRule(trunk: InboundTrunk): Fix {
  return {
    action: `Create a dispatch rule for ${trunkName(trunk)}.`,
    pastes: [newRulePaste(trunk.sip_trunk_id)],
    change: { kind: 'new_rule', trunk_ids: [trunk.sip_trunk_id] },
  };
}

export function newRulePaste(trunkId: string): Paste {
  const dispatch_rule = { rule: { dispatch_rule_individual: { room_prefix: 'call-' } }, trunk_ids: [trunkId] };
  return { label: 'rule.json, for: lk sip dispatch create rule.json', format: 'json', text: pretty({ dispatch_rule }) };
}

/** Sets the trunks of a rule; every other field stays. Not for an empty list: that makes a wildcard rule. */
export function setTrunks(rule: DispatchRule, trunkIds: readonly [string, ...string[]], action: string): Fix {
  if (areTooLong(trunkIds)) return plainFix(action);
  const id = rule.sip_dispatch_rule_id;
  const flags = trunkIds.map((trunk) => `--trunks ${trunk}`).join(' ');
  return {
    action,
    pastes: [
      updateRule({ sip_dispatch_rule_id: id, update: { trunk_ids: { set: trunkIds } } }),
      { label: 'or with lk', format: 'shell', text: `lk sip dispatch update --id ${id} ${flags}` },
    ],
    change: { kind: 'rule', sip_dispatch_rule_id: id, lists: { trunk_ids: trunkIds } },
  };
}

/**
 * Sets number lists of a rule. LiveKit's API has no update for them, so the fix replaces the whole rule with all that
 * is known about it. If the rule's kind is unknown or its lists are long, there is nothing to paste.
 */
export function setNumbers(
  rule: DispatchRule,
  lists: { readonly [List in Exclude<RuleList, 'trunk_ids'>]?: readonly string[] },
  action: string,
): Fix {
  const { sip_dispatch_rule_id, kind, room: _, pin, body: ofKind, rest, ...known } = rule;
  if (kind === undefined || areTooLong(rule.trunk_ids, rule.inbound_numbers, rule.numbers)) return plainFix(action);
  const body = { ...ofKind, ...(pin !== '' && { pin: '<the pin of the rule>' }) };
  const filled = Object.entries({ ...known, ...lists }).filter(([, value]) => value.length > 0);
  const replace = { rule: { [`dispatch_rule_${kind}`]: body }, ...Object.fromEntries(filled), ...rest };
  return {
    action,
    pastes: [updateRule({ sip_dispatch_rule_id, replace })],
    change: { kind: 'rule', sip_dispatch_rule_id, lists },
  };
}

export function deleteRule(rule: DispatchRule, when: string): Fix {
  const id = rule.sip_dispatch_rule_id;
  return {
    action: `Delete ${ruleName(rule)}${when}.`,
    pastes: [
      {
        label: 'LiveKit API: POST /twirp/livekit.SIP/DeleteSIPDispatchRule',
        format: 'json',
        text: pretty({ sip_dispatch_rule_id: id }),
      },
      { label: 'or with lk', format: 'shell', text: `lk sip dispatch delete ${id}` },
    ],
    change: { kind: 'delete_rule', sip_dispatch_rule_id: id },
  };
}

function updateRule(body: object): Paste {
  return { label: 'LiveKit API: POST /twirp/livekit.SIP/UpdateSIPDispatchRule', format: 'json', text: pretty(body) };
}
