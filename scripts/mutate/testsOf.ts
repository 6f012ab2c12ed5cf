import type { FileMutant } from './chooseMutants.ts';
import type { Range, TestFile } from './testMessages.ts';

/** The test files that can tell a mutant from the original, the one that is likely to tell it soonest first. */
export function testsOf(mutant: FileMutant, importers: ReadonlySet<string>, all: readonly TestFile[]): TestFile[] {
  const { file, atLoad, reachedAt } = mutant;
  const loading = all.filter(({ test }) => importers.has(test)).sort((a, b) => a.ms - b.ms);
  // What is made while a module loads is used by all that load it, though it runs in the first of them alone.
  const isMadeAtLoad = atLoad || all.some((one) => runs(one.atLoad[file], reachedAt));
  const runsIt = (one: TestFile) =>
    atLoad ? (one.inTests[file] ?? []).some(({ ran }) => ran) : runs(one.inTests[file], reachedAt);
  const [running, others] = [loading.filter(runsIt), loading.filter((one) => !runsIt(one))];
  return isMadeAtLoad ? [...running, ...others] : running;
}

/** Whether what stands at a position ran. */
function runs(ranges: readonly Range[] = [], at: number): boolean {
  const around = ranges.filter(({ start, end }) => start <= at && at < end);
  if (around.length === 0) return false;
  return around.reduce((a, b) => (b.end - b.start <= a.end - a.start ? b : a)).ran;
}
