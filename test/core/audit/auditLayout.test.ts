import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditJson, toText } from '../../../src/core/audit/auditReport.ts';
import { foundIn } from './auditedConfiguration.ts';

const FINDING: AuditJson['findings'][number] = {
  id: 'trunk_open',
  severity: 'warning',
  title: 'title',
  what: 'what',
  why: 'why',
  fix: 'fix',
  trunk: 'ST_1',
  trunk_name: 'Desk',
  trunks: ['ST_1'],
  dispatch_rules: [],
  fixes: [],
  count: 1,
};

function textOf(...findings: readonly Partial<AuditJson['findings'][number]>[]): string {
  const all = findings.map((more) => ({ ...FINDING, ...more }));
  return toText({ trunks: [], dispatch_rules: [], findings: all, errors: [] });
}

describe('a line of an audit', () => {
  // "  Fix: " has seven columns.
  const word = (columns: number) => 'x'.repeat(columns);

  it('has 110 columns at most', () => {
    assert.ok(textOf({ fix: `${word(90)} ${word(12)}` }).includes(`\n  Fix: ${word(90)} ${word(12)}\n`));
    assert.ok(textOf({ fix: `${word(90)} ${word(13)}` }).includes(`\n  Fix: ${word(90)}\n  ${word(13)}\n`));
  });

  it('is longer for one long word', () => {
    assert.ok(textOf({ fix: `${word(120)} ${word(5)}` }).includes(`\n  ${word(120)}\n  ${word(5)}\n`));
  });
});

describe('the count of findings', () => {
  it('adds the places of each severity', () => {
    const text = textOf({ count: 140 }, { count: 2 }, { severity: 'info', count: 3 });
    assert.match(text, /^Found: warning 142, info 3$/m);
  });
});

describe('each finding', () => {
  it('ends with an empty line', () => {
    assert.match(textOf({ what: 'one place' }, { id: 'trunk_without_rule' }), /^ {2}- one place\n\n\[/m);
  });
});

describe('the places of a finding', () => {
  for (const [count, last] of [
    [100, undefined],
    [101, '1 more places have this finding.'],
    [103, '3 more places have this finding.'],
  ] as const) {
    it(`are listed up to a hundred: ${count}`, () => {
      const trunks = Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`ST_${i}`, { numbers: [`+1555${i}`] }]),
      );
      const found = foundIn('trunk_without_rule', { trunks });
      assert.equal(found.length, Math.min(count, 101));
      assert.equal(found.at(100)?.what, last);
      assert.equal(found.at(100)?.count, last && count - 100);
    });
  }

  it('are shown up to twenty', () => {
    const places = (count: number) => textOf(...Array.from({ length: count }, (_, i) => ({ what: `place ${i + 1}` })));
    assert.match(places(20), /^ {2}- place 20$/m);
    assert.doesNotMatch(places(20), /more of this kind/);
    assert.doesNotMatch(places(21), /place 21/);
    assert.match(places(21), /^ {2}and 1 more of this kind; /m);
  });
});
