import { type AuditReport, auditInSteps } from '../core/audit/audit.ts';
import { toJson } from '../core/audit/auditReport.ts';
import type { AuditContext } from '../core/audit/finding.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import { inSlices } from '../loop/slices.ts';

/** A version of LiveKit's configuration with its audit. */
export interface Audited {
  readonly report: AuditReport;
  /** Both as JSON text. */
  json(): Uint8Array;
}

/** Audits each version of LiveKit's configuration once, in slices, because thousands of trunks take a second. */
export function auditEachOnce(site: AuditContext): (snapshot: Snapshot) => Promise<Audited> {
  let latest: { readonly snapshot: Snapshot; readonly audited: Promise<Audited> } | undefined;
  return (snapshot) => {
    if (latest?.snapshot !== snapshot) latest = { snapshot, audited: auditOnce(snapshot, site) };
    return latest.audited;
  };
}

async function auditOnce(snapshot: Snapshot, site: AuditContext): Promise<Audited> {
  const report = await inSlices(auditInSteps(snapshot, site));
  let text: Uint8Array | undefined;
  return {
    report,
    json() {
      text ??= Buffer.from(JSON.stringify(toJson(snapshot, report)));
      return text;
    },
  };
}
