import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Compiled code is kept for the other test files, and for the processes that they start: compiling takes half of their start.
const COMPILED = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url));
enableCompileCache(COMPILED);
process.env.NODE_COMPILE_CACHE = COMPILED;

// Loaded before each test file. A test that failed before it could end the process it had started would keep its file,
// and with it the whole run, waiting for ever.

/** How long, in milliseconds, the tests of one file may take: many times what the longest takes on two slow cores. */
const FILE_WITHIN_MS = 1_200_000;

const children = new Set<ChildProcess>();
subscribe('child_process', (message) => {
  // The cast: Node documents this channel's messages to hold the new process.
  const { process: child } = message as { process: ChildProcess };
  children.add(child);
  child.once('exit', () => children.delete(child));
});
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
// The runner itself loads this too, and outlasts each file.
const isTestFile = process.env.NODE_TEST_CONTEXT !== undefined;
const givingUp = setTimeout(() => {
  if (!isTestFile) return;
  console.error(`${process.argv[1]} has not ended after ${FILE_WITHIN_MS / 1000} s: it is given up`);
  process.exit(1);
}, FILE_WITHIN_MS);
givingUp.unref();
