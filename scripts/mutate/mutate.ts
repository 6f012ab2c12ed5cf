import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chooseMutants, type FileMutant } from './chooseMutants.ts';
import { filesIn, importersOf } from './importers.ts';
import { mutantsOf, mutated, stripped } from './mutators.ts';
import type { TestFile } from './testMessages.ts';
import { testsOf } from './testsOf.ts';
import { TestWorker } from './testWorker.ts';

// Changes one decision of the core at a time and runs the fast tests of the core that reach it: a change that no test
// notices is a decision that no test holds in place.
//
//   npm run mutate [-- --sample 200] [--seed 1] [--all] [--only src/core/trunks] [--at-least 90]
//
// Exits with 1 if the tests notice a smaller share than `--at-least`, in per cent.

/** Generated, or only shown: nothing in them decides. */
const NOT_MUTATED = new Set([
  'src/core/diagnose/causes.ts',
  'src/core/audit/findings.ts',
  'src/core/explain/explanationSchema.ts',
]);
const PROCESSES = 2;
/** A file that many tests use. */
const CONTROL = 'src/core/call/leg.ts';
const BASELINE_WITHIN_MS = 300_000;
/** How long, in milliseconds, a mutant's slowest test file may take beyond twice its time without it. */
const SPARE_MS = 10_000;

const { values: options } = parseArgs({
  options: {
    sample: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    all: { type: 'boolean', default: false },
    only: { type: 'string', default: 'src/core' },
    'at-least': { type: 'string', default: '90' },
  },
});

const root = fileURLToPath(new URL('../../', import.meta.url));
const sources = filesIn(root, 'src/core');
const tests = filesIn(root, 'test/core');
const importers = importersOf(root, [...sources, ...tests]);

async function measureTests(): Promise<readonly TestFile[]> {
  const worker = new TestWorker();
  const isFastTest = (file: string) => file.endsWith('.test.ts') && !file.endsWith('.property.test.ts');
  const answer = await worker.ask({ kind: 'baseline', tests: tests.filter(isFastTest) }, BASELINE_WITHIN_MS);
  worker.stop();
  if (answer?.kind !== 'baseline') throw new Error('the tests did not end: run `npm run test:fast`');
  const failed = answer.files.filter(({ ok }) => !ok).map(({ test }) => test);
  if (failed.length > 0) throw new Error(`tests fail without any mutant: ${failed.join(', ')}`);
  return answer.files;
}

/** How the tests notice a mutant: one fails, or they do not end; `undefined` where they notice nothing. */
async function noticed(
  worker: TestWorker,
  id: number,
  mutant: FileMutant,
  all: readonly TestFile[],
): Promise<'failed' | 'hung' | undefined> {
  const { file } = mutant;
  const anew = importers.get(file) ?? new Set();
  const reaching = testsOf(mutant, anew, all);
  if (reaching.length === 0) return undefined;
  const text = mutated(readFileSync(`${root}/${file}`, 'utf8'), mutant);
  const withinMs = SPARE_MS + 2 * Math.max(...reaching.map(({ ms }) => ms));
  const paths = reaching.map(({ test }) => test);
  const answer = await worker.ask({ kind: 'mutant', id, file, text, anew: [...anew], tests: paths }, withinMs);
  if (answer?.kind !== 'mutant') return 'hung';
  return answer.killedBy === undefined ? undefined : 'failed';
}

function describe({ file, start, end, replacement, operator }: FileMutant): string {
  const text = stripped(readFileSync(`${root}/${file}`, 'utf8'));
  const lines = text.slice(0, start).split('\n');
  const inLine = (part: string) => part.replaceAll(/\s+/g, ' ').trim();
  const place = `${file}:${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
  return `${place}  ${inLine(text.slice(start, end))} → ${inLine(replacement)}  (${operator})`;
}

function scoreOf(killed: number, all: number): string {
  return `${killed} of ${all} killed (${Math.floor((100 * killed) / all)} %)`;
}

const all = sources
  .filter((file) => !NOT_MUTATED.has(file) && file.startsWith(options.only))
  .flatMap((file) => mutantsOf(readFileSync(`${root}/${file}`, 'utf8')).map((mutant) => ({ ...mutant, file })));
const chosen = options.all ? all : chooseMutants(all, Number(options.sample), Number(options.seed));
if (chosen.length === 0) throw new Error(`no mutants in ${options.only}`);

const baseline = await measureTests();
// A mutant that changes nothing must go unnoticed, or the score means nothing.
const nothing = { operator: 'none', start: 0, end: 0, replacement: '', reachedAt: 0, atLoad: true, file: CONTROL };
const control = new TestWorker();
const falsely = await noticed(control, -1, nothing, baseline);
control.stop();
if (falsely) throw new Error(`the tests ${falsely} without any change in ${CONTROL}`);
const survivors = new Set<FileMutant>();
let hung = 0;
const queue = chosen.entries();
await Promise.all(
  Array.from({ length: PROCESSES }, async () => {
    const worker = new TestWorker();
    for (const [id, mutant] of queue) {
      const how = await noticed(worker, id, mutant, baseline);
      if (how === 'hung') hung += 1;
      if (how) continue;
      survivors.add(mutant);
      console.log(describe(mutant));
    }
    worker.stop();
  }),
);

console.log();
const byFolder = Map.groupBy(chosen, ({ file }) => dirname(file));
for (const [folder, mutants] of [...byFolder].sort(([a], [b]) => (a < b ? -1 : 1))) {
  console.log(`${folder.padEnd(40)} ${scoreOf(mutants.filter((one) => !survivors.has(one)).length, mutants.length)}`);
}
const killed = chosen.length - survivors.size;
if (hung > 0) console.log(`\n${hung} of those that were killed kept the tests from ending`);
console.log(`\nmutation score: ${scoreOf(killed, chosen.length)}`);
process.exitCode = 100 * killed >= Number(options['at-least']) * chosen.length ? 0 : 1;
