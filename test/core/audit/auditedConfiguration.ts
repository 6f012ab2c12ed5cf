import assert from 'node:assert/strict';
import { type AuditFinding, audit } from '../../../src/core/audit/audit.ts';
import type { ExampleConfiguration } from '../../../src/core/audit/finding.ts';
import type { FindingId } from '../../../src/core/audit/findings.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { bodiesOf } from '../fixes/runCommands.ts';

const INDIVIDUAL = { dispatch_rule_individual: { room_prefix: 'call-' } };

export function snapshotOf({ trunks = {}, rules = {} }: ExampleConfiguration): Snapshot {
  return new Snapshot({
    trunks: Object.entries(trunks).map(([id, fields]) => parseTrunk({ sip_trunk_id: id, ...fields })),
    rules: Object.entries(rules).map(([id, fields]) =>
      parseRule({ sip_dispatch_rule_id: id, rule: INDIVIDUAL, ...fields }),
    ),
  });
}

/** Everything that the audit finds in a configuration. */
export function auditOf(configuration: ExampleConfiguration): readonly AuditFinding[] {
  const { sbcAddresses = [], strictAddresses = false } = configuration;
  const { findings, errors } = audit(snapshotOf(configuration), { sbcAddresses, strictAddresses });
  assert.deepEqual(errors, []);
  return findings;
}

/** The places that have one finding. */
export function foundIn(id: FindingId, configuration: ExampleConfiguration): readonly AuditFinding[] {
  return auditOf(configuration).filter(({ finding }) => finding === id);
}

/** The fixes of the first place that has a finding. */
export function fixesOf(id: FindingId, configuration: ExampleConfiguration) {
  return foundIn(id, configuration)[0]?.fixes ?? [];
}

/** The API calls of each fix that has some. */
export function updatesOf(id: FindingId, configuration: ExampleConfiguration): unknown[] {
  return fixesOf(id, configuration).flatMap(bodiesOf);
}

/** What these fixes say. */
export function actionsOf(id: FindingId, configuration: ExampleConfiguration): string[] {
  return fixesOf(id, configuration).map(({ action }) => action);
}
