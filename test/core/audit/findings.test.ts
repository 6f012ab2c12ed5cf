import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { audit } from '../../../src/core/audit/audit.ts';
import { type FindingDefinition, SEVERITIES } from '../../../src/core/audit/finding.ts';
import { FINDINGS, type FindingId } from '../../../src/core/audit/findings.ts';
import { applyChanges } from '../../../src/core/fixes/apply.ts';
import { unreservedIn } from '../reserved.ts';
import { foundIn, snapshotOf } from './auditedConfiguration.ts';

const ALL: readonly FindingDefinition<FindingId>[] = FINDINGS;
const FILES = new URL('../../../src/core/audit/findings/', import.meta.url);

for (const { id, severity, examples } of ALL) {
  describe(id, () => {
    for (const { shows, configuration, want } of examples) {
      test(want ? shows : `is not there: ${shows}`, () => {
        const found = foundIn(id, configuration);
        assert.deepEqual(
          found.map(({ trunk, what }) => ({ trunk, what })),
          want ? [want] : [],
        );
        for (const one of found) {
          assert.equal(one.severity, severity);
          assert.ok(one.fixes.length > 0);
        }
      });
    }
    test('ends with each of its fixes, and the configuration gets no worse', () => {
      for (const { configuration } of examples) {
        const { sbcAddresses = [], strictAddresses = false } = configuration;
        const before = snapshotOf(configuration);
        const criticalIn = (snapshot: typeof before) =>
          audit(snapshot, { sbcAddresses, strictAddresses }).findings.filter((one) => one.severity === 'critical');
        for (const { fixes } of foundIn(id, configuration)) {
          for (const { action, change } of fixes.filter((fix) => fix.change)) {
            const after = applyChanges(before, change ? [change] : []);
            const { findings } = audit(after, { sbcAddresses, strictAddresses });
            assert.equal(findings.filter(({ finding }) => finding === id).length, 0, action);
            const known = new Set(criticalIn(before).map(({ finding }) => finding));
            assert.deepEqual(
              criticalIn(after).filter(({ finding }) => !known.has(finding)),
              [],
              action,
            );
          }
        }
      }
    });
  });
}

describe('a rule of an unknown kind', () => {
  test('counts under the trunks that exist', () => {
    const found = foundIn('dispatch_rule_of_unknown_kind', {
      trunks: { ST_1: {} },
      rules: { SDR_1: { trunk_ids: ['ST_missing', 'ST_1'], rule: {} } },
    });
    assert.deepEqual(
      found.map(({ trunk, trunks }) => [trunk, trunks]),
      [['ST_1', ['ST_1']]],
    );
  });
});

describe('each finding', () => {
  test('is one file, named after it, and in the registry', async () => {
    const files = readdirSync(FILES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    assert.deepEqual(files.map((file) => basename(file)).toSorted(), ALL.map(({ id }) => `${id}.ts`).toSorted());
    for (const file of files) {
      const exported: unknown[] = Object.values(await import(new URL(file, FILES).href));
      const [finding, ...more] = exported.filter((value) => ALL.some((registered) => registered === value));
      assert.deepEqual([finding && `${(finding as FindingDefinition).id}.ts`, more.length], [basename(file), 0], file);
    }
  });

  test('has an example with it, and one that nearly has it', () => {
    for (const { id, examples } of ALL) {
      assert.ok(
        examples.some(({ want }) => want),
        `${id} has no example with it`,
      );
      assert.ok(
        examples.some(({ want }) => !want),
        `${id} has no example that nearly has it`,
      );
    }
  });

  test('is named and weighed in the words that there are', () => {
    for (const { id, severity } of ALL) {
      assert.match(id, /^[a-z]+(_[a-z]+)+$/);
      assert.ok(SEVERITIES.includes(severity), id);
    }
  });

  test('speaks in sentences, under a title that is part of one', () => {
    for (const { id, title, fix, runbook } of ALL) {
      const { meaning, impact, diagnosis, mitigation } = runbook;
      for (const text of [fix, meaning, impact, ...diagnosis, ...mitigation]) {
        assert.match(text, /^(`|[A-Z]|allowed_numbers ).*[.?]$/, id);
      }
      assert.match(title, /^[\w].*[^.]$/, id);
      assert.doesNotMatch(`${title} ${meaning} ${fix}`, /`/, `${id} is shown as plain text`);
      assert.match(mitigation.at(-1) ?? '', /^Verify that /, id);
    }
  });

  test('says what it found in sentences', () => {
    for (const { id, examples } of ALL) {
      for (const { shows, want } of examples) {
        assert.doesNotMatch(shows, /\.$/, id);
        if (want) assert.match(want.what, /^\w.*\.$/, id);
      }
    }
  });
});

test('no two examples of a finding are the same', () => {
  for (const { id, examples } of ALL) {
    assert.equal(new Set(examples.map(({ shows }) => shows)).size, examples.length, id);
    assert.equal(new Set(examples.map(({ configuration }) => JSON.stringify(configuration))).size, examples.length, id);
  }
});

test('examples use reserved numbers and addresses only', () => {
  for (const { id, examples } of ALL) assert.deepEqual(unreservedIn(examples), [], id);
});
