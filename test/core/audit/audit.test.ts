import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { audit } from '../../../src/core/audit/audit.ts';
import type { ExampleConfiguration } from '../../../src/core/audit/finding.ts';
import { trunkOpen } from '../../../src/core/audit/findings/trunks/trunk_open.ts';
import { trunkUsernameWithoutPassword } from '../../../src/core/audit/findings/trunks/trunk_username_without_password.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import { bodiesOf } from '../fixes/runCommands.ts';
import { recordedCases } from '../recordedCases.ts';
import { auditOf, snapshotOf } from './auditedConfiguration.ts';

const CONTEXT = { sbcAddresses: [], strictAddresses: false };

const INCIDENT: ExampleConfiguration = {
  trunks: {
    ST_GjeZjGQjrsvC: {
      name: 'Jambonz Inbound',
      numbers: ['4991874350352'],
      allowed_addresses: ['54.236.168.131'],
      allowed_numbers: ['4991874350352'],
      auth_username: 'livekit_client',
      auth_password: 'not to be shown',
    },
  },
  rules: { SDR_ZyY3ewVGtwEd: { trunk_ids: ['ST_GjeZjGQjrsvC'] } },
  sbcAddresses: ['54.236.168.131'],
};

describe('the incident this began with', () => {
  it('has its own number in allowed_numbers, and nothing else that the configuration alone shows', () => {
    assert.deepEqual(
      auditOf(INCIDENT).map(({ finding, severity, trunk }) => [finding, severity, trunk]),
      [
        ['allowed_numbers_are_own_numbers', 'critical', 'ST_GjeZjGQjrsvC'],
        ['rule_names_no_agent', 'info', 'none'],
      ],
    );
  });

  it('is fixed by what is to be pasted', () => {
    const [found] = auditOf(INCIDENT);
    assert.deepEqual(bodiesOf(found?.fixes[0] ?? assert.fail())[0], {
      sip_trunk_id: 'ST_GjeZjGQjrsvC',
      update: { allowed_numbers: { remove: ['4991874350352'] } },
    });
    const trunks = { ST_GjeZjGQjrsvC: { ...INCIDENT.trunks?.ST_GjeZjGQjrsvC, allowed_numbers: [] } };
    assert.deepEqual(
      auditOf({ ...INCIDENT, trunks }).map(({ finding }) => finding),
      ['rule_names_no_agent'],
    );
  });
});

describe('an audit', () => {
  it('of a sound configuration finds nothing', () => {
    assert.deepEqual(
      auditOf({
        trunks: { ST_1: { numbers: ['+15550100'], allowed_addresses: ['192.0.2.1'] } },
        rules: { SDR_1: { trunk_ids: ['ST_1'], room_config: { agents: [{ agent_name: 'desk-agent' }] } } },
        sbcAddresses: ['192.0.2.1'],
      }),
      [],
    );
  });

  it('of an empty configuration finds nothing', () => assert.deepEqual(auditOf({}), []));

  it('is sorted by severity, then by id', () => {
    const found = auditOf({
      trunks: {
        ST_1: { numbers: ['+15550100'], auth_username: 'u' },
        ST_2: { allowed_addresses: ['192.0.2.1 ', '192.0.2.2'] },
      },
      rules: { SDR_1: {} },
    });
    assert.deepEqual(
      found.map(({ finding }) => finding),
      [
        'trunk_username_without_password',
        'wildcard_rule_admits_unmatched_calls',
        'allowed_address_ignored',
        'trunk_open',
        'rule_names_no_agent',
      ],
    );
  });

  it('names a trunk that the snapshot knows, or none', () => {
    const found = auditOf({
      trunks: { ST_1: { numbers: ['+15550100'], allowed_addresses: ['192.0.2.1'] } },
      rules: { SDR_1: { trunk_ids: ['ST_old', 'ST_1'] }, SDR_2: { trunk_ids: ['ST_old'] } },
    });
    assert.deepEqual(
      found.filter(({ finding }) => finding === 'rule_for_missing_trunk').map(({ trunk, trunks }) => [trunk, trunks]),
      [
        ['none', ['ST_old']],
        ['none', ['ST_old']],
      ],
    );
  });

  it('continues after a rule that throws, and reports it', () => {
    const broken = {
      ...trunkOpen,
      find: () => {
        throw new Error('a list that is none');
      },
    };
    const snapshot = snapshotOf({ trunks: { ST_1: { auth_username: 'u' } } });
    const report = audit(snapshot, CONTEXT, [broken, trunkUsernameWithoutPassword]);
    assert.deepEqual(report.errors, [{ finding: 'trunk_open', message: 'a list that is none' }]);
    assert.deepEqual(
      report.findings.map(({ finding }) => finding),
      ['trunk_username_without_password'],
    );
  });

  it('lets a rule read its own fix', () => {
    const named = {
      ...trunkOpen,
      *find(this: { readonly fix: string }) {
        yield { trunks: [], rules: [], describe: () => ({ what: this.fix, fixes: [] }) };
      },
    };
    const report = audit(snapshotOf({}), CONTEXT, [named]);
    assert.deepEqual(report.errors, []);
    assert.deepEqual(
      report.findings.map(({ what }) => what),
      [trunkOpen.fix],
    );
  });

  it('counts a conflict under both of its trunks', () => {
    const snapshot = snapshotOf({
      trunks: {
        ST_1: { numbers: ['+15550100'], allowed_addresses: ['192.0.2.1'] },
        ST_2: { numbers: ['+15550100'], allowed_addresses: ['192.0.2.1'] },
      },
      rules: { SDR_1: {} },
    });
    assert.deepEqual(audit(snapshot, CONTEXT).counts, [
      { finding: 'rule_names_no_agent', severity: 'info', trunk: 'none', count: 1 },
      { finding: 'trunk_conflicts_at_call_time', severity: 'critical', trunk: 'ST_1', count: 1 },
      { finding: 'trunk_conflicts_at_call_time', severity: 'critical', trunk: 'ST_2', count: 1 },
      { finding: 'wildcard_rule_admits_unmatched_calls', severity: 'critical', trunk: 'none', count: 1 },
    ]);
  });

  it('counts under none what is about a trunk that does not exist', () => {
    const snapshot = snapshotOf({
      trunks: { ST_1: { numbers: ['+15550100'], allowed_addresses: ['192.0.2.1'] } },
      rules: { SDR_1: { trunk_ids: ['ST_old', 'ST_older'] }, SDR_2: { trunk_ids: ['ST_1'] } },
    });
    assert.deepEqual(
      audit(snapshot, CONTEXT).counts.map(({ finding, trunk, count }) => [finding, trunk, count]),
      [
        ['rule_for_missing_trunk', 'none', 1],
        ['rule_names_no_agent', 'none', 2],
      ],
    );
  });

  it('of a thousand trunks and a thousand rules takes seconds at the most, also on a busy machine', () => {
    const places = Array.from({ length: 1_000 }, (_, i) => i);
    const number = (i: number) => `+1555${1_000_000 + i}`;
    const snapshot = snapshotOf({
      trunks: Object.fromEntries(
        places.map((i) => [`ST_${i}`, { numbers: ['+15550100', number(i)], allowed_numbers: [number(i)] }]),
      ),
      rules: Object.fromEntries(
        places.map((i) => [`SDR_${i}`, { trunk_ids: [`ST_${i}`, 'ST_0'], numbers: [number(i)] }]),
      ),
    });
    const before = performance.now();
    audit(snapshot, CONTEXT);
    assert.ok(performance.now() - before < 20_000);
  });
});

describe('the audit of a recorded configuration', () => {
  for (const { id, call, expected } of recordedCases()) {
    const read = readSnapshot(call.livekit);
    assert.ok(read.ok);
    const { snapshot } = read;
    it(`agrees with what happened to call ${id}`, () => {
      const found = new Set(audit(snapshot, CONTEXT).findings.map(({ finding }) => finding));
      assert.equal(found.has('trunk_conflicts_at_call_time'), expected.blocking.includes('trunk_conflict'));
      assert.equal(found.has('dispatch_rules_conflict'), expected.blocking.includes('dispatch_rule_conflict'));
      if (expected.admitted_without_trunk) assert.ok(found.has('wildcard_rule_admits_unmatched_calls'));
    });
  }
});
