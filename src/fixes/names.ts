import type { DispatchRule, InboundTrunk } from '../trunks/snapshot.ts';

/** A trunk by its id, and its name where it has one. */
export function trunkName(trunk: InboundTrunk): string {
  return trunk.name === '' ? trunk.sip_trunk_id : `${trunk.sip_trunk_id} "${trunk.name}"`;
}

/** A dispatch rule by its id, and its name where it has one. */
export function ruleName(rule: DispatchRule): string {
  return rule.name === '' ? rule.sip_dispatch_rule_id : `${rule.sip_dispatch_rule_id} "${rule.name}"`;
}
