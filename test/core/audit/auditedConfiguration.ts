import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditFinding, audit } from '../../../src/core/audit/audit.ts';
import type { FindingId } from '../../../src/core/audit/findings.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';

/** A configuration in LiveKit's own JSON, where the ids are keys, and what the operator has said. */
export interface Configuration {
  readonly trunks?: Readonly<Record<string, object>>;
  readonly rules?: Readonly<Record<string, object>>;
  readonly sbcAddresses?: readonly string[];
  readonly strictAddresses?: boolean;
}

const INDIVIDUAL = { dispatch_rule_individual: { room_prefix: 'call-' } };

export function snapshotOf({ trunks = {}, rules = {} }: Configuration): Snapshot {
  return new Snapshot({
    trunks: Object.entries(trunks).map(([id, fields]) => parseTrunk({ sip_trunk_id: id, ...fields })),
    rules: Object.entries(rules).map(([id, fields]) =>
      parseRule({ sip_dispatch_rule_id: id, rule: INDIVIDUAL, ...fields }),
    ),
  });
}

/** All that the audit finds in a configuration. */
export function auditOf(configuration: Configuration): readonly AuditFinding[] {
  const { sbcAddresses = [], strictAddresses = false } = configuration;
  const { findings, errors } = audit(snapshotOf(configuration), { sbcAddresses, strictAddresses });
  assert.deepEqual(errors, []);
  return findings;
}

/** What the audit finds of one kind. */
export function foundIn(id: FindingId, configuration: Configuration): readonly AuditFinding[] {
  return auditOf(configuration).filter(({ finding }) => finding === id);
}

/** A configuration that has the finding, or one that comes near and has it not. */
export type Row = readonly [name: string, configuration: Configuration, says?: RegExp];

/** Runs the table of one finding. In each row that has it, it is there once. */
export function tableOf(id: FindingId, { has, hasNot }: { has: readonly Row[]; hasNot: readonly Row[] }): void {
  describe(id, () => {
    for (const [name, configuration, says] of has) {
      it(name, () => {
        const found = foundIn(id, configuration);
        assert.equal(found.length, 1);
        if (says) assert.match(found[0]?.what ?? '', says);
        assert.ok(found[0]?.fixes.length);
      });
    }
    for (const [name, configuration] of hasNot) {
      it(`is not there: ${name}`, () => assert.deepEqual(foundIn(id, configuration), []));
    }
  });
}
