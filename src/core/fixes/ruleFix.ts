import type { DispatchRule, InboundTrunk } from '../trunks/snapshot.ts';
import {
  areTooLong,
  type Fix,
  inWords,
  type Paste,
  pasteOf,
  plainFix,
  pretty,
  type RuleList,
  ruleName,
  trunkName,
} from './fix.ts';

/**
 * A dispatch rule for one trunk; bound to it, since an unbound one also takes calls that no trunk matched. It dispatches
 * the agents that all other rules dispatch, if there are any.
 */
export function newRule(trunk: InboundTrunk, agents: readonly string[]): Fix {
  return {
    action: `Create a dispatch rule for ${trunkName(trunk)}. ${agentsOfNewRule(agents)}`,
    pastes: [newRulePaste(trunk.sip_trunk_id, agents)],
    change: { kind: 'new_rule', trunk_ids: [trunk.sip_trunk_id] },
  };
}

/** Which agents a new rule dispatches, in a sentence. LiveKit dispatches an agent with a name only where it is named. */
export function agentsOfNewRule(agents: readonly string[]): string {
  return agents.length > 0
    ? `Like every other rule, it dispatches ${inWords(agents.map((name) => JSON.stringify(name)))}.`
    : 'If the worker has an agent_name, name it in room_config.agents of the rule: otherwise the call rings, and no agent joins.';
}

export function newRulePaste(trunkId: string, agents: readonly string[]): Paste {
  const dispatch_rule = {
    rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
    trunk_ids: [trunkId],
    ...(agents.length > 0 && { room_config: { agents: agents.map((agent_name) => ({ agent_name })) } }),
  };
  const unnamed = agents.length > 0 ? '' : '; it names no agent in room_config.agents';
  return pasteOf('json', `rule.json, for: lk sip dispatch create rule.json${unnamed}`, pretty({ dispatch_rule }));
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
      pasteOf('shell', 'or with lk', `lk sip dispatch update --id ${id} ${flags}`),
    ],
    change: { kind: 'rule', sip_dispatch_rule_id: id, lists: { trunk_ids: trunkIds } },
  };
}

/**
 * Sets number lists of a rule. LiveKit's API has no update for them. If the rule's kind is unknown or its lists are long,
 * there is nothing to paste.
 */
export function setNumbers(
  rule: DispatchRule,
  lists: { readonly [List in Exclude<RuleList, 'trunk_ids'>]?: readonly string[] },
  action: string,
): Fix {
  // A rule of an unknown kind never matches, whatever its lists.
  if (rule.kind === undefined || areTooLong(rule.trunk_ids, rule.inbound_numbers, rule.numbers))
    return plainFix(action);
  return {
    action,
    pastes: replaceRule({ ...rule, ...lists }),
    change: { kind: 'rule', sip_dispatch_rule_id: rule.sip_dispatch_rule_id, lists },
  };
}

/** Names the agent that a rule dispatches, which the person has to fill in. Matching does not depend on it. */
export function nameAgent(rule: DispatchRule, action: string): Fix {
  const { room_config: config } = rule.rest;
  const room_config = { ...(config ?? {}), agents: [{ agent_name: '<the agent_name of the worker>' }] };
  return { action, pastes: replaceRule({ ...rule, rest: { ...rule.rest, room_config } }) };
}

/** Replaces the whole rule, for fields that LiveKit's API can't update. Nothing to paste if the rule's kind is unknown. */
function replaceRule({
  sip_dispatch_rule_id,
  kind,
  room: _,
  pin,
  body: ofKind,
  rest,
  ...known
}: DispatchRule): Paste[] {
  if (kind === undefined || areTooLong(known.trunk_ids, known.inbound_numbers, known.numbers)) return [];
  const body = { ...ofKind, ...(pin !== '' && { pin: '<the pin of the rule>' }) };
  const filled = Object.entries(known).filter(([, value]) => value.length > 0);
  const replace = { rule: { [`dispatch_rule_${kind}`]: body }, ...Object.fromEntries(filled), ...rest };
  return [updateRule({ sip_dispatch_rule_id, replace }, ', which replaces the whole rule')];
}

export function deleteRule(rule: DispatchRule, when: string): Fix {
  const id = rule.sip_dispatch_rule_id;
  return {
    action: `Delete ${ruleName(rule)}${when}.`,
    pastes: [
      pasteOf(
        'json',
        'LiveKit API: POST /twirp/livekit.SIP/DeleteSIPDispatchRule',
        pretty({ sip_dispatch_rule_id: id }),
      ),
      pasteOf('shell', 'or with lk', `lk sip dispatch delete ${id}`),
    ],
    change: { kind: 'delete_rule', sip_dispatch_rule_id: id },
  };
}

function updateRule(body: object, extent = ''): Paste {
  return pasteOf('json', `LiveKit API: POST /twirp/livekit.SIP/UpdateSIPDispatchRule${extent}`, pretty(body));
}
