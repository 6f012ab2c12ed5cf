import { isListed } from '../trunks/number.ts';
import type { DispatchRule, InboundTrunk } from '../trunks/snapshot.ts';
import {
  areTooLong,
  type Fix,
  inWords,
  type Paste,
  plainFix,
  pretty,
  type RuleList,
  ruleName,
  trunkName,
} from './fix.ts';
import { curlPaste, isForLk, lkPaste } from './liveKitCommand.ts';

/**
 * A dispatch rule for one trunk; bound to it, since an unbound one also takes calls that no trunk matched. It dispatches
 * the agents that all other rules dispatch, if there are any.
 */
export function newRule(trunk: InboundTrunk, agents: readonly string[]): Fix {
  const body = { dispatch_rule: newRuleBody(trunk.sip_trunk_id, agents) };
  return {
    action: `Create a dispatch rule for ${trunkName(trunk)}. ${agentsOfNewRule(agents)}`,
    pastes: [
      lkPaste([['sip', 'dispatch', 'create', pretty(body)]]),
      curlPaste([{ method: 'CreateSIPDispatchRule', body }]),
    ],
    change: { kind: 'new_rule', trunk_ids: [trunk.sip_trunk_id] },
  };
}

/** Which agents a new rule dispatches, in a sentence. LiveKit dispatches an agent with a name only where it is named. */
export function agentsOfNewRule(agents: readonly string[]): string {
  return agents.length > 0
    ? `Like every other rule, it dispatches ${inWords(agents.map((name) => JSON.stringify(name)))}.`
    : 'If the worker has an agent_name, name it in room_config.agents of the rule: otherwise the call rings, and no agent joins.';
}

export function newRuleBody(trunkId: string, agents: readonly string[]): object {
  return {
    rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
    trunk_ids: [trunkId],
    ...(agents.length > 0 && { room_config: { agents: agents.map((agent_name) => ({ agent_name })) } }),
  };
}

/** Sets the trunks of a rule; every other field stays. Not for an empty list: that makes a wildcard rule. */
export function setTrunks(rule: DispatchRule, trunkIds: readonly [string, ...string[]], action: string): Fix {
  if (areTooLong(trunkIds)) return plainFix(action);
  const { sip_dispatch_rule_id } = rule;
  const flags = trunkIds.flatMap((trunk) => ['--trunks', trunk]);
  return {
    action,
    pastes: [
      ...(trunkIds.every(isForLk)
        ? [lkPaste([['sip', 'dispatch', 'update', '--id', sip_dispatch_rule_id, ...flags]])]
        : []),
      curlPaste([
        { method: 'UpdateSIPDispatchRule', body: { sip_dispatch_rule_id, update: { trunk_ids: { set: trunkIds } } } },
      ]),
    ],
    change: { kind: 'rule', sip_dispatch_rule_id, lists: { trunk_ids: trunkIds } },
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
    pastes: replaceRules([{ ...rule, ...lists }]),
    change: { kind: 'rule', sip_dispatch_rule_id: rule.sip_dispatch_rule_id, lists },
  };
}

/** Names the agent that a rule dispatches, which the person has to fill in. Matching does not depend on it. */
export function nameAgent(rule: DispatchRule, action: string): Fix {
  const { room_config: config } = rule.rest;
  const room_config = { ...(config ?? {}), agents: [{ agent_name: '<the agent_name of the worker>' }] };
  return { action, pastes: replaceRules([{ ...rule, rest: { ...rule.rest, room_config } }]) };
}

/** Limits two rules to called numbers of their own: those that only one lists, and what only a person knows. */
export function numbersApart(a: DispatchRule, b: DispatchRule, action: string): Fix {
  const apart = (rule: DispatchRule, other: DispatchRule): DispatchRule => {
    const own = rule.numbers.filter((number) => !isListed(number, other.numbers));
    return { ...rule, numbers: [...own, `<a called number whose calls ${rule.sip_dispatch_rule_id} takes>`] };
  };
  return { action, pastes: replaceRules([apart(a, b), apart(b, a)]) };
}

/** Replaces whole rules, for fields that LiveKit's API can't update. Nothing to paste if the kind of one is unknown. */
function replaceRules(rules: readonly DispatchRule[]): Paste[] {
  const isUnfit = ({ kind, trunk_ids, inbound_numbers, numbers }: DispatchRule) =>
    kind === undefined || areTooLong(trunk_ids, inbound_numbers, numbers);
  if (rules.some(isUnfit)) return [];
  const replaced = rules.map((rule) => ({ id: rule.sip_dispatch_rule_id, replace: replacementOf(rule) }));
  return [
    lkPaste(replaced.map(({ id, replace }) => ['sip', 'dispatch', 'update', '--id', id, pretty(replace)])),
    curlPaste(
      replaced.map(({ id, replace }) => ({
        method: 'UpdateSIPDispatchRule',
        body: { sip_dispatch_rule_id: id, replace },
      })),
    ),
  ];
}

/** The whole rule as LiveKit's API takes it. */
export function replacementOf({
  sip_dispatch_rule_id: _,
  kind,
  room: __,
  pin,
  body,
  rest,
  ...known
}: DispatchRule): object {
  const ofKind = { ...body, ...(pin !== '' && { pin: '<the pin of the rule>' }) };
  const filled = Object.entries(known).filter(([, value]) => value.length > 0);
  return { rule: { [`dispatch_rule_${kind}`]: ofKind }, ...Object.fromEntries(filled), ...rest };
}

export function deleteRule(rule: DispatchRule, when: string): Fix {
  const { sip_dispatch_rule_id } = rule;
  return {
    action: `Delete ${ruleName(rule)}${when}.`,
    pastes: [
      lkPaste([['sip', 'dispatch', 'delete', sip_dispatch_rule_id]]),
      curlPaste([{ method: 'DeleteSIPDispatchRule', body: { sip_dispatch_rule_id } }]),
    ],
    change: { kind: 'delete_rule', sip_dispatch_rule_id },
  };
}
