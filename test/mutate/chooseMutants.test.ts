import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseMutants } from '../../scripts/mutate/chooseMutants.ts';
import type { Range, TestFile } from '../../scripts/mutate/testMessages.ts';
import { testsOf } from '../../scripts/mutate/testsOf.ts';

const mutant = { operator: 'logic', start: 10, end: 12, replacement: '||', reachedAt: 8, atLoad: false, file: 'a.ts' };

describe('a sample of mutants', () => {
  const mutants = ['a.ts', 'b.ts', 'c.ts'].flatMap((file) =>
    ['logic', 'number', 'relation'].flatMap((operator) =>
      Array.from({ length: 10 }, (_, start) => ({ ...mutant, file, operator, start })),
    ),
  );

  it('is the same for the same seed, and differs for another', () => {
    assert.deepEqual(chooseMutants(mutants, 12, 7), chooseMutants(mutants, 12, 7));
    assert.notDeepEqual(chooseMutants(mutants, 12, 7), chooseMutants(mutants, 12, 8));
  });

  it('takes equally many of each file, and of each another operator each time', () => {
    const chosen = chooseMutants(mutants, 9, 7);
    const counts = [...Map.groupBy(chosen, ({ file }) => file).values()].map(({ length }) => length);
    assert.deepEqual(counts, [3, 3, 3]);
    assert.equal(new Set(chosen.map(({ file, operator }) => `${file} ${operator}`)).size, 9);
  });

  it('takes the same of a file, whatever changes in others', () => {
    const others = mutants.filter(({ file, start }) => file === 'a.ts' || (file === 'b.ts' && start < 5));
    const ofA = (chosen: typeof mutants) => chosen.filter(({ file }) => file === 'a.ts');
    assert.deepEqual(ofA(chooseMutants(others, 6, 7)), ofA(chooseMutants(mutants, 9, 7)));
  });

  it('takes each once if it asks for more than there are', () => {
    assert.equal(new Set(chooseMutants(mutants, 500, 7)).size, mutants.length);
  });
});

describe('the tests of a mutant', () => {
  const ran = (...ranges: [number, number, boolean][]): { 'a.ts': Range[] } => ({
    'a.ts': ranges.map(([start, end, did]) => ({ start, end, ran: did })),
  });
  const testFile = (test: string, ms: number, inTests: { 'a.ts': Range[] }, atLoad = ran()): TestFile => ({
    test,
    ms,
    inTests,
    atLoad,
    ok: true,
  });
  const slow = testFile('slow', 90, ran([0, 50, true]));
  const quick = testFile('quick', 5, ran([0, 50, true], [5, 20, true]));
  const elsewhere = testFile('elsewhere', 1, ran([0, 50, true], [5, 20, false]));
  const all = [slow, elsewhere, quick];
  const importers = new Set(['slow', 'quick', 'elsewhere']);

  it('are those that run it, the quickest first', () => {
    assert.deepEqual(testsOf(mutant, importers, all), [quick, slow]);
  });

  it('import the file', () => {
    assert.deepEqual(testsOf(mutant, new Set(['slow']), all), [slow]);
  });

  it('are all that import the file where it takes effect at load, those that use the file first', () => {
    const unused = testFile('unused', 2, ran());
    const tests = testsOf({ ...mutant, atLoad: true }, new Set([...importers, 'unused']), [unused, ...all]);
    assert.deepEqual(tests, [elsewhere, quick, slow, unused]);
  });

  it('are all that import the file where it ran while a module was loaded', () => {
    const first = testFile('elsewhere', 1, ran(), ran([0, 50, true]));
    assert.deepEqual(testsOf(mutant, importers, [slow, first]), [slow, first]);
  });
});
