import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stripped } from './mutators.ts';
import { outcomes } from './outcomes.ts';
import type { Answer, RangesByFile, Task, TestFile } from './testMessages.ts';

// Runs test files in this process, one after another, for one mutant after another. The sources on disk are never
// changed: for each mutant, the modules that load the mutated file are loaded anew, under addresses of their own.

const ROOT = new URL('../../', import.meta.url);
const CORE = new URL('src/core/', ROOT).href;
const texts = new Map<string, string>();

/** The mutant under test. */
let present:
  | { readonly id: number; readonly url: string; readonly text: string; readonly anew: Set<string> }
  | undefined;
let hasFailed = false;
outcomes.on('fail', () => {
  hasFailed = true;
});

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    return present?.anew.has(resolved.url) ? { ...resolved, url: `${resolved.url}?mutant=${present.id}` } : resolved;
  },
  load(url, context, next) {
    const [plain = url, query] = url.split('?mutant=');
    if (query === undefined) return next(url, context);
    const source = plain === present?.url ? present.text : textOf(plain);
    return { format: 'module', source, shortCircuit: true };
  },
});

function textOf(url: string): string {
  const text = texts.get(url) ?? stripped(readFileSync(fileURLToPath(url), 'utf8'));
  texts.set(url, text);
  return text;
}

function urlOf(path: string): string {
  return new URL(path, ROOT).href;
}

let files = 0;

/** Loads a test file and waits until its tests have ended; `false` where one failed. */
async function passes(path: string, onLoaded?: () => Promise<void>): Promise<boolean> {
  hasFailed = false;
  try {
    await import(urlOf(path));
  } catch {
    return false;
  }
  await onLoaded?.();
  // Tests run one at a time in the order in which they were made: when this one has ended, all of the file have.
  files += 1;
  const last = `end of file ${files}`;
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  // Listened to all the while: events come in one go, and `once` would miss those after the first.
  const onPass = (name: string) => name === last && resolve();
  outcomes.on('pass', onPass);
  test(last, () => {});
  await ended;
  outcomes.off('pass', onPass);
  return !hasFailed;
}

async function runMutant({ id, file, text, anew, tests }: Extract<Task, { kind: 'mutant' }>): Promise<Answer> {
  present = { id, url: urlOf(file), text, anew: new Set(anew.map(urlOf)) };
  for (const path of tests) {
    if (!(await passes(path))) return { kind: 'mutant', id, killedBy: path };
    answer({ kind: 'passed', id });
  }
  return { kind: 'mutant', id, killedBy: undefined };
}

async function runBaseline(tests: readonly string[]): Promise<Answer> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const taken: TestFile[] = [];
  for (const path of tests) {
    const startedAt = performance.now();
    let atLoad: RangesByFile = {};
    const ok = await passes(path, async () => {
      atLoad = await coverage(session);
    });
    const ms = performance.now() - startedAt;
    taken.push({ test: path, ok, ms, atLoad, inTests: await coverage(session) });
  }
  session.disconnect();
  return { kind: 'baseline', files: taken };
}

/** What of the core ran since this was last asked. */
async function coverage(session: Session): Promise<RangesByFile> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const root = pathToFileURL(fileURLToPath(ROOT)).href;
  return Object.fromEntries(
    result
      .filter(({ url }) => url.startsWith(CORE))
      .map(({ url, functions }) => [
        url.slice(root.length),
        functions
          .flatMap(({ ranges }) => ranges)
          .map(({ startOffset, endOffset, count }) => ({ start: startOffset, end: endOffset, ran: count > 0 })),
      ]),
  );
}

function answer(message: Answer): void {
  process.send?.(message);
}

process.on('message', async (task: Task) => {
  answer(task.kind === 'baseline' ? await runBaseline(task.tests) : await runMutant(task));
});
process.on('disconnect', () => process.exit());
answer({ kind: 'ready' });
