import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';

const require = createRequire(import.meta.url);

/**
 * The test files that share the process of a group: those of its folder and the folders below, but for the property
 * tests, which take long, and for folders that have a group of their own.
 */
export function filesTogether(folder: string): string[] {
  const others = globSync('*/**/*.group.ts', { cwd: folder }).map((group) => `${dirname(group)}/**`);
  return globSync('**/*.test.ts', { cwd: folder, exclude: ['**/*.property.test.ts', ...others] }).sort();
}

/**
 * Runs the tests of a folder in this process, each file in a suite of its name. A process of its own takes a small file
 * several times as long as its tests: it must start and load the sources.
 */
export function runTogether(folder: string): void {
  for (const file of filesTogether(folder)) {
    describe(file, () => {
      try {
        // With an import, the file's tests would not belong to its suite.
        require(join(folder, file));
      } catch (error) {
        // A suite that throws fails, but is not counted in the summary.
        test('the file can be loaded', () => {
          throw error;
        });
      }
    });
  }
  let haveAllRun = false;
  after(() => {
    haveAllRun = true;
  });
  process.once('exit', () => {
    if (haveAllRun) return;
    console.error(`${folder}: the process ended before all tests had run`);
    process.exitCode = 1;
  });
}
