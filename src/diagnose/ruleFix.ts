import type { TrunkJudgement } from '../trunks/judge.ts';
import type { DispatchRule } from '../trunks/snapshot.ts';
import { trunkName } from './claims.ts';
import { type Fix, type Paste, pretty } from './fix.ts';

/** A dispatch rule for one trunk; bound to it, since an unbound one also takes calls that no trunk matched. */
export function newRuleFix(meant: TrunkJudgement | undefined): Fix {
  const request = {
    dispatch_rule: {
      rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
      ...(meant && { trunk_ids: [meant.trunk.sip_trunk_id] }),
    },
  };
  return {
    action: `Create a dispatch rule${meant ? ` for ${trunkName(meant)}` : ''}.`,
    pastes: [
      {
        label: 'rule.json, for: lk sip dispatch create rule.json',
        format: 'json',
        text: pretty(request),
      },
    ],
  };
}

/** Binds a rule to one more trunk; every other field stays as it is. */
export function bindRuleFix(rule: DispatchRule, trunkId: string, action: string): Fix {
  const id = rule.sip_dispatch_rule_id;
  const trunks = [...rule.trunk_ids, trunkId].map((trunk) => `--trunks ${trunk}`).join(' ');
  return {
    action,
    pastes: [
      updateRule({ sip_dispatch_rule_id: id, update: { trunk_ids: { add: [trunkId] } } }),
      { label: 'or with lk', format: 'shell', text: `lk sip dispatch update --id ${id} ${trunks}` },
    ],
  };
}

/**
 * Adds a number to a list of a rule. LiveKit's API has no update for these lists, so the rule is replaced as a whole by
 * all that is known of it.
 */
export function ruleNumberFix(
  rule: DispatchRule,
  field: 'inbound_numbers' | 'numbers',
  add: string,
  action: string,
): Fix {
  const { sip_dispatch_rule_id, kind = 'individual', room, pin, body: ofKind, rest, ...known } = rule;
  const body = { ...ofKind, ...(pin !== '' && { pin: '<the pin of the rule>' }) };
  const lists = Object.entries({ ...known, [field]: [...rule[field], add] }).filter(([, value]) => value.length > 0);
  const replace = { rule: { [`dispatch_rule_${kind}`]: body }, ...Object.fromEntries(lists), ...rest };
  return { action, pastes: [updateRule({ sip_dispatch_rule_id, replace })] };
}

function updateRule(body: object): Paste {
  return {
    label: 'LiveKit API: POST /twirp/livekit.SIP/UpdateSIPDispatchRule',
    format: 'json',
    text: pretty(body),
  };
}

export function ruleName(rule: DispatchRule): string {
  return rule.name === '' ? rule.sip_dispatch_rule_id : `${rule.sip_dispatch_rule_id} "${rule.name}"`;
}
