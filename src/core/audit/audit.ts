import { atOnce } from '../atOnce.ts';
import type { Fix } from '../fixes/fix.ts';
import { withLockouts } from '../fixes/rankFixes.ts';
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
  /**
   * By severity, then by id, then in the order of the configuration. Of places with one finding, the first are listed, and
   * the last entry stands for the others.
   */
  readonly findings: readonly AuditFinding[];
  /** Of all places. */
  readonly counts: readonly FindingCount[];
  /** Findings whose rule threw. What the rule found before that stays. */
  readonly errors: readonly { readonly finding: FindingId; readonly message: string }[];
}

/** How many places with one finding are listed. */
const LISTED = 100;

/** Looks for every finding in a configuration. Never throws: reports a rule that does. */
export function audit(
  snapshot: Snapshot,
  context: AuditContext,
  definitions: readonly FindingDefinition<FindingId>[] = FINDINGS,
): AuditReport {
  return atOnce(auditInSteps(snapshot, context, definitions));
}

/** The same in short steps, so that other work can run between them. */
export function* auditInSteps(
  snapshot: Snapshot,
  context: AuditContext,
  definitions: readonly FindingDefinition<FindingId>[] = FINDINGS,
): Generator<void, AuditReport> {
  const findings: AuditFinding[] = [];
  const errors: { finding: FindingId; message: string }[] = [];
  const counts = new Map<string, FindingCount>();
  const known = snapshot.trunksById;
  yield* snapshot.prepareNumbers();
  for (const definition of definitions) {
    const { id, severity, title, runbook, fix } = definition;
    const common = { finding: id, severity, title, why: runbook.meaning, fix };
    let listed = 0;
    let unlisted = 0;
    try {
      // Called as a method, because a rule may read its own `fix`.
      for (const hit of definition.find(snapshot, context)) {
        yield;
        if (!hit) continue;
        const { trunks, rules, count = 1 } = hit;
        const existing = new Set(trunks.filter((trunkId) => known.has(trunkId)));
        // A finding about two trunks counts under both, one about none under `none`.
        for (const trunk of existing.size > 0 ? existing : ['none']) {
          const key = JSON.stringify([id, trunk]);
          counts.set(key, { finding: id, severity, trunk, count: (counts.get(key)?.count ?? 0) + count });
        }
        listed += 1;
        if (listed > LISTED) unlisted += count;
        else {
          const [trunk = 'none'] = existing;
          const { what, fixes } = hit.describe();
          const ranked = withLockouts(fixes, snapshot, context.strictAddresses);
          findings.push({ ...common, trunk, trunks, rules, count, what, fixes: ranked });
        }
      }
    } catch (error) {
      errors.push({ finding: id, message: error instanceof Error ? error.message : String(error) });
    }
    if (unlisted > 0) {
      const what = `${unlisted} more places have this finding.`;
      findings.push({ ...common, trunk: 'none', trunks: [], rules: [], count: unlisted, what, fixes: [] });
    }
  }
  findings.sort((a, b) => rank(a) - rank(b) || compare(a.finding, b.finding));
  return { findings, counts: [...counts.values()], errors };
}

/** One series of `sipwhy_audit_findings`. */
export interface FindingCount {
  readonly finding: FindingId;
  readonly severity: Severity;
  readonly trunk: string;
  readonly count: number;
}

function rank({ severity }: AuditFinding): number {
  return SEVERITIES.indexOf(severity);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
