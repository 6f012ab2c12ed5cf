import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import type { Cause } from '../../../src/core/diagnose/cause.ts';
import type { Example } from '../../../src/core/diagnose/causeExample.ts';
import { CAUSES } from '../../../src/core/diagnose/causes.ts';
import { explainExample } from '../examples.ts';
import { unreservedIn } from '../reserved.ts';

const ALL: readonly Cause[] = CAUSES;
const FILES = new URL('../../../src/core/diagnose/causes/', import.meta.url);

for (const { id, examples } of ALL) {
  describe(id, () => {
    for (const example of examples) {
      test(example.shows, () => assertExplained(example));
      for (const response of example.alike ?? []) {
        const [status, phrase, at] = response;
        const variant = { ...example, call: { ...example.call, response } };
        test(`${example.shows}: ${status} "${phrase}" after ${at} ms`, () => assertExplained(variant));
      }
    }
  });
}

function assertExplained(example: Example): void {
  const { want } = example;
  const got = explainExample(example);
  const { outcome, blocking, confidence, latent, alternatives, findings } = got;
  assert.deepEqual(
    { outcome, blocking, confidence, latent, alternatives, findings },
    {
      outcome: want.outcome ?? 'failed',
      blocking: want.blocking,
      confidence: want.confidence,
      latent: want.latent ?? [],
      alternatives: want.alternatives ?? [],
      findings: want.findings ?? [],
    },
  );
  assert.equal(got.cause, want.blocking[0] ?? null);
  if (want.trunk !== undefined) assert.equal(got.trunk, want.trunk);
}

const headlineOf = ({ want }: Example) => want.blocking[0];

describe('each cause', () => {
  test('is one file, named after it, and in the registry', async () => {
    const files = readdirSync(FILES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    assert.deepEqual(files.map((file) => basename(file)).toSorted(), ALL.map(({ id }) => `${id}.ts`).toSorted());
    for (const file of files) {
      const exported: unknown[] = Object.values(await import(new URL(file, FILES).href));
      const [cause, ...more] = exported.filter((value) => ALL.some((registered) => registered === value));
      assert.deepEqual([cause && `${(cause as Cause).id}.ts`, more.length], [basename(file), 0], file);
    }
  });

  test('needs the facts that its rule reads, and no others', () => {
    const files = readdirSync(FILES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    for (const file of files) {
      const [, read = ''] = /^ {2}match\((?:\{ (.*) \})?\)/m.exec(readFileSync(new URL(file, FILES), 'utf8')) ?? [];
      const needs = ALL.find(({ id }) => `${id}.ts` === basename(file))?.needs;
      assert.deepEqual(needs?.toSorted(), read.split(', ').filter(Boolean).toSorted(), file);
    }
  });

  test('has an example of its own, and one that nearly is', () => {
    for (const { id, examples } of ALL) {
      assert.ok(
        examples.some((example) => headlineOf(example) === id),
        `${id} has no example with this headline`,
      );
      assert.ok(
        examples.some((example) => ![id, undefined].includes(headlineOf(example))),
        `${id} has no example that nearly matches`,
      );
    }
  });

  test('declares the levels of confidence that examples see, and no others', () => {
    const seen = ALL.flatMap(({ examples }) =>
      examples.flatMap(({ want: { blocking, confidence } }) => (blocking[0] ? [`${blocking[0]} ${confidence}`] : [])),
    );
    const declared = ALL.flatMap(({ id, confidence }) => Object.keys(confidence).map((level) => `${id} ${level}`));
    assert.deepEqual([...new Set(seen)].toSorted(), declared.toSorted());
  });
});

test('no two examples are the same, and each names causes that there are', () => {
  const examples = ALL.flatMap((cause) => cause.examples);
  const same = Object.entries(Object.groupBy(examples, ({ shows }) => shows)).filter(
    ([, list = []]) => list.length > 1,
  );
  assert.deepEqual(
    same.map(([shows]) => shows),
    [],
  );
  const ids = new Set(ALL.map(({ id }) => id));
  const named = examples.flatMap(({ want }) => [
    ...want.blocking,
    ...(want.latent ?? []),
    ...(want.alternatives ?? []),
  ]);
  assert.deepEqual(
    named.filter((id) => !ids.has(id)),
    [],
  );
});

test('examples use reserved numbers and addresses only', () => {
  for (const { id, examples } of ALL) assert.deepEqual(unreservedIn(examples), [], id);
});
