import type { Site } from '../diagnose/site.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { type AuditReport, audit } from './audit.ts';

/** Audits each version of LiveKit's configuration once, whoever asks: thousands of trunks take a second. */
export function auditEachOnce(site: Site): (snapshot: Snapshot) => AuditReport {
  const reports = new WeakMap<Snapshot, AuditReport>();
  return (snapshot) => {
    const report = reports.get(snapshot) ?? audit(snapshot, site);
    reports.set(snapshot, report);
    return report;
  };
}
