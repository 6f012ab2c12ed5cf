import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import type { AuditReport } from './audit.ts';

/** A configuration and its audit as JSON: what the command prints and the API answers. Keys are public. */
export function toJson(snapshot: Snapshot, report: AuditReport) {
  return {
    trunks: snapshot.trunks.map(trunkJson),
    dispatch_rules: snapshot.rules.map(ruleJson),
    findings: report.findings.map(({ finding, rules, ...rest }) => ({ id: finding, ...rest, dispatch_rules: rules })),
    errors: report.errors.map(({ finding, message }) => ({ id: finding, message })),
  };
}

export type AuditJson = ReturnType<typeof toJson>;
export type TrunkJson = ReturnType<typeof trunkJson>;
export type RuleJson = ReturnType<typeof ruleJson>;

function trunkJson(trunk: InboundTrunk) {
  const { has_password, ringing_timeout_seconds, rest: _, ...known } = trunk;
  return {
    ...known,
    auth_password: isSet(has_password),
    ...(ringing_timeout_seconds !== undefined && { ringing_timeout_seconds }),
  };
}

function ruleJson(rule: DispatchRule) {
  const { kind = null, pin, body: _, rest: __, ...known } = rule;
  return { ...known, kind, pin: isSet(pin !== '') };
}

// Neither passwords nor pins leave this place; whether there is one is what people need to know.
function isSet(is: boolean): 'set' | 'not set' {
  return is ? 'set' : 'not set';
}
