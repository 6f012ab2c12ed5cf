import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readYaml } from '../../../../src/core/trunks/yamlText.ts';

function fromYaml(text: string): unknown {
  const reading = readYaml(text);
  assert.ok(reading.ok);
  return reading.value;
}

describe('YAML', () => {
  it('keeps a number as it is written', () => {
    assert.deepEqual(fromYaml('[+4930123456, 0049301234, 1e3, 0x10, 12.50, .inf, true, null, ~]'), [
      '+4930123456',
      '0049301234',
      '1e3',
      '0x10',
      '12.50',
      '.inf',
      true,
      null,
      null,
    ]);
  });
  it('is read up to a length', () => assert.equal(readYaml(' '.repeat(8_000_000)).ok, true));

  it('may have several fields, whose order counts for nothing', () => {
    assert.deepEqual(fromYaml('b: 2\na: [x, y]'), { a: ['x', 'y'], b: '2' });
  });

  for (const [what, text, line, fault] of [
    ['an alias', 'a: &a [1]\nb: *a\n', undefined, /alias/],
    ['an alias of text', 'a: &a x\nb: *a\n', undefined, /alias/],
    ['a key twice', 'a: 1\na: 2\n', 2, /^not YAML: duplicate key$/],
    ['a key of two lines', 'a:\n  b\n c: d', 2, /^not YAML: multiline implicit key$/],
    ['what is not YAML', 'a: "s3cret\nb: [', 2, /^not YAML: /],
    ['what nests without end', '- '.repeat(200_000), 1, /^not YAML: resource exhaustion$/],
    ['what is too long', ' '.repeat(8_000_001), undefined, /^longer than 8000000 characters$/],
  ] as const) {
    it(`with ${what} is refused, and not quoted`, () => {
      const reading = readYaml(text);
      assert.ok(!reading.ok);
      assert.match(reading.fault, fault);
      assert.doesNotMatch(reading.fault, /s3cret/);
      assert.equal(reading.line, line);
    });
  }
});
