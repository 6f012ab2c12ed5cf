import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mutantsOf, mutated } from '../../scripts/mutate/mutators.ts';

/** The text with each of its mutants, as one line each. */
function allOf(source: string): string[] {
  return mutantsOf(source).map((mutant) => mutated(source, mutant).replaceAll(/\s+/g, ' ').trim());
}

describe('the mutants of a decision', () => {
  for (const [source, wanted] of [
    ['f(a < b);', [';', 'f(a <= b);', 'f(a >= b);']],
    ['f(a >= b);', [';', 'f(a > b);', 'f(a < b);']],
    ['f(a === b);', [';', 'f(a !== b);']],
    ['f(a && b);', [';', 'f(a || b);']],
    ['f(a ?? b);', [';', 'f(a);']],
    ['f(a + b);', [';', 'f(a - b);']],
    ['f(!a);', [';', 'f(a);']],
    ['f(true);', [';', 'f(false);']],
    ['const LIMIT_MS = 500;', ['const LIMIT_MS = 0;', 'const LIMIT_MS = 1000;']],
    ['const none = 0;', ['const none = 1;']],
    ['f(a > 2);', [';', 'f(a >= 2);', 'f(a <= 2);', 'f(a > 0);', 'f(a > 4);', 'f(a > 3);']],
    ["const set = ['x', 'y'];", ["const set = ['y'];", "const set = ['x'];"]],
    ["const set = ['x'];", ['const set = [];']],
    ['const x = a ? b : c;', ['const x = !(a) ? b : c;']],
    ['const g = () => { if (a) return b; };', ['const g = () => { ; };', 'const g = () => { if (!(a)) return b; };']],
    ['const x = a.some(f);', ['const x = a.every(f);']],
    ['const x = a.filter(f).length;', ['const x = a.length;']],
    ['const x = Math.min(a, b);', ['const x = Math.max(a, b);']],
    [
      'const g = function* () { yield a; yield* b; };',
      ['const g = function* () { ; yield* b; };', 'const g = function* () { yield a; ; };'],
    ],
    ['const x = a.sort(f);', ['const x = a.sort((a, b) => (f)(b, a));']],
  ] as const) {
    it(`are found in ${source}`, () => {
      assert.deepEqual(allOf(source).sort(), wanted.toSorted());
    });
  }
});

describe('code that decides nothing', () => {
  for (const source of [
    "import { a } from './a.ts';",
    'type A = Map<string, 1 | 2>; interface B { a?: true }',
    '// a < b && true\nconst x = f<number>("a < b");',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
    'const x = `${a}` + "!" + b;',
    'switch (a) { default: a.kind satisfies never; }',
    'const text = seconds.toFixed(1);',
    'const cause = { runbook: { a: 1 < 2 }, examples: [true, false] };',
    'const g = function* () { yield; yield undefined; };',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
    'const g = () => { throw new RangeError(`${a - b}`); };',
  ]) {
    it(`has no mutants: ${source}`, () => assert.deepEqual(allOf(source), []));
  }
});

describe('a mutant', () => {
  it('has the position of the original, with its types', () => {
    const source = 'const limit: number = 5;\nexport const isOver = (count: number): boolean => count > limit;\n';
    const relation = mutantsOf(source).find(({ replacement }) => replacement === '>=');
    assert.equal(relation?.start, source.lastIndexOf('>'));
  });

  it('is reached wherever what it changes begins to run', () => {
    const source = 'const isEither = (a, b) => a || b;';
    const logic = mutantsOf(source).find(({ operator }) => operator === 'logic');
    assert.deepEqual([logic?.start, logic?.reachedAt], [source.indexOf('||'), source.indexOf('a ||')]);
  });

  it('tells whether it takes effect while its module loads', () => {
    const source = 'const LIMIT = 5;\nconst isOver = (count) => count > LIMIT;\n';
    assert.deepEqual(
      mutantsOf(source).map(({ replacement, atLoad }) => [replacement, atLoad]),
      [
        ['0', true],
        ['10', true],
        ['>=', false],
        ['<=', false],
      ],
    );
  });
});
