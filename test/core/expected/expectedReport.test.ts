import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expectedToJunit, expectedToText } from '../../../src/core/expected/expectedReport.ts';
import type { ExpectedResult } from '../../../src/core/expected/judgeExpected.ts';

const PASSING: ExpectedResult = {
  name: 'strangers are kept out',
  to: '+4991874350352',
  from: null,
  ok: true,
  expected: ['refused'],
  got: ['refused: caller_not_allowed: the caller isn’t in the trunk’s allowed_numbers'],
  causes: ['caller_not_allowed'],
  why: null,
};
const FAILING: ExpectedResult = {
  name: 'support line',
  to: '+4991874350352',
  from: '+4915112345678',
  ok: false,
  expected: ['trunk ST_a', 'rule SDR_b'],
  got: ['trunk ST_c "other"', 'rule SDR_b'],
  causes: [],
  why: 'It connects, but differs in trunk.',
};
const FAILING_LINES = `FAIL  support line: +4915112345678 → +4991874350352
      expected  trunk ST_a, rule SDR_b
      got       trunk ST_c "other", rule SDR_b
      why       It connects, but differs in trunk.
`;

describe('the report of expected calls', () => {
  it('has those that fail, and how many pass', () => {
    assert.equal(expectedToText([PASSING, FAILING], false), `${FAILING_LINES}1 of 2 expected calls pass.\n`);
  });
  it('has all in the order of the file where it is verbose', () => {
    const passing = 'ok    strangers are kept out: any caller → +4991874350352\n';
    assert.equal(expectedToText([PASSING, FAILING], true), `${passing}${FAILING_LINES}1 of 2 expected calls pass.\n`);
  });
  it('of one call speaks of one', () => assert.equal(expectedToText([PASSING], false), '1 of 1 expected call pass.\n'));

  it('is JUnit XML with a case for each call', () => {
    assert.equal(
      expectedToJunit([PASSING, FAILING], 'calls.yml'),
      `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1" errors="0" skipped="0">
  <testsuite name="calls.yml" tests="2" failures="1" errors="0" skipped="0">
    <testcase classname="sipwhy" name="strangers are kept out: any caller → +4991874350352"/>
    <testcase classname="sipwhy" name="support line: +4915112345678 → +4991874350352">
      <failure message="expected trunk ST_a, rule SDR_b, got trunk ST_c &quot;other&quot;, rule SDR_b">expected  trunk ST_a, rule SDR_b
got       trunk ST_c &quot;other&quot;, rule SDR_b
why       It connects, but differs in trunk.</failure>
    </testcase>
  </testsuite>
</testsuites>
`,
    );
  });
  it('escapes what XML reserves, and replaces what it cannot hold', () => {
    const odd = { ...PASSING, name: `<a> & "b" 'c'\u0007 d\ud800`, from: 'x\ny' };
    assert.ok(
      expectedToJunit([odd], '<&>').includes(
        'name="&lt;a&gt; &amp; &quot;b&quot; &apos;c&apos;\ufffd d\ufffd: x&#10;y → +4991874350352"',
      ),
    );
    assert.ok(expectedToJunit([odd], '<&>').includes('<testsuite name="&lt;&amp;&gt;"'));
  });
});
