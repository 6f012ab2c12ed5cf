import { type AuditReport, auditInSteps } from '../core/audit/audit.ts';
import type { AuditContext } from '../core/audit/finding.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import { inSlices } from '../loop/slices.ts';

/** Audits each version of LiveKit's configuration once, in slices, because thousands of trunks take a second. */
export function auditEachOnce(site: AuditContext): (snapshot: Snapshot) => Promise<AuditReport> {
  let latest: { readonly snapshot: Snapshot; readonly report: Promise<AuditReport> } | undefined;
  return (snapshot) => {
    if (latest?.snapshot !== snapshot) latest = { snapshot, report: inSlices(auditInSteps(snapshot, site)) };
    return latest.report;
  };
}
