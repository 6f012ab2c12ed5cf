import type { Fix } from '../fixes/fix.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { type AuditContext, type FindingDefinition, SEVERITIES, type Severity } from './finding.ts';
import { FINDINGS, type FindingId } from './findings.ts';

/** One place of the configuration that has a finding, and what the finding says. */
export interface AuditFinding {
  readonly finding: FindingId;
  readonly severity: Severity;
  readonly title: string;
  /** With the values as configured. */
  readonly what: string;
  /** The meaning from the finding's runbook. */
  readonly why: string;
  readonly fix: string;
  /** The trunk that it is counted under: the first affected one that exists, or `none`. */
  readonly trunk: string;
  readonly trunks: readonly string[];
  readonly rules: readonly string[];
  readonly fixes: readonly Fix[];
  /** How many places this stands for: more than 1 only where they are too many to list each. */
  readonly count: number;
}

export interface AuditReport {
  /** By severity, then by id, then in the order of the configuration. */
  readonly findings: readonly AuditFinding[];
  /** Findings whose rule threw. What the rule found before that stays. */
  readonly errors: readonly { readonly finding: FindingId; readonly message: string }[];
}

/** Looks for every finding in a configuration. Never throws: reports a rule that does. */
export function audit(
  snapshot: Snapshot,
  context: AuditContext,
  definitions: readonly FindingDefinition<FindingId>[] = FINDINGS,
): AuditReport {
  const findings: AuditFinding[] = [];
  const errors: { finding: FindingId; message: string }[] = [];
  const known = new Set(snapshot.trunks.map((trunk) => trunk.sip_trunk_id));
  for (const definition of definitions) {
    const { id, severity, title, runbook, fix } = definition;
    try {
      // Called as a method, because a rule may read its own `fix`.
      for (const { count = 1, ...hit } of definition.find(snapshot, context)) {
        const trunk = hit.trunks.find((trunkId) => known.has(trunkId)) ?? 'none';
        findings.push({ finding: id, severity, title, why: runbook.meaning, fix, trunk, count, ...hit });
      }
    } catch (error) {
      errors.push({ finding: id, message: error instanceof Error ? error.message : String(error) });
    }
  }
  findings.sort((a, b) => rank(a) - rank(b) || compare(a.finding, b.finding));
  return { findings, errors };
}

/** Audits each version of LiveKit's configuration once, because thousands of trunks take a second. */
export function auditEachOnce(site: AuditContext): (snapshot: Snapshot) => AuditReport {
  let latest: { readonly snapshot: Snapshot; readonly report: AuditReport } | undefined;
  return (snapshot) => {
    if (latest?.snapshot !== snapshot) latest = { snapshot, report: audit(snapshot, site) };
    return latest.report;
  };
}

/** One series of `sipwhy_audit_findings`. */
export interface FindingCount {
  readonly finding: FindingId;
  readonly severity: Severity;
  readonly trunk: string;
  readonly count: number;
}

/** How many findings each trunk has. A finding about two trunks counts under both, one about none under `none`. */
export function countByTrunk({ findings }: AuditReport, snapshot: Snapshot): FindingCount[] {
  const known = new Set(snapshot.trunks.map((trunk) => trunk.sip_trunk_id));
  const counts = new Map<string, FindingCount>();
  for (const { finding, severity, trunks, count } of findings) {
    const ofSnapshot = [...new Set(trunks)].filter((id) => known.has(id));
    for (const trunk of ofSnapshot.length > 0 ? ofSnapshot : ['none']) {
      const key = JSON.stringify([finding, trunk]);
      counts.set(key, { finding, severity, trunk, count: (counts.get(key)?.count ?? 0) + count });
    }
  }
  return [...counts.values()];
}

function rank({ severity }: AuditFinding): number {
  return SEVERITIES.indexOf(severity);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
