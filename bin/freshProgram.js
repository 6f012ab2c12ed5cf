// Plain JavaScript: Node's type stripping would stay in the memory of the service.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILT = join(ROOT, 'dist/program/main.js');
const SOURCES = join(ROOT, 'src/main.ts');

/**
 * The program of this checkout: built, and built again if a source is newer. Where it can't be built, it is the sources
 * themselves: the checkout may have production dependencies only, without esbuild, or belong to another user.
 */
export function freshProgram() {
  const sources = ['src', 'package-lock.json', 'scripts/buildProgram.ts'].map((path) => join(ROOT, path));
  if (isNewerThan(BUILT, sources)) return BUILT;
  const isBuilt = existsSync(join(ROOT, 'node_modules/esbuild')) && run('buildProgram.ts') === 0;
  return isBuilt ? BUILT : SOURCES;
}

/** Builds the page of this checkout if a source is newer. The service works without it, so a failure is only reported. */
export function freshPage() {
  const sources = ['page', 'package-lock.json'].map((path) => join(ROOT, path));
  if (!isNewerThan(join(ROOT, 'dist/page/index.html'), sources)) run('buildPage.ts', '--if-stale');
}

/** In a process of its own, because the builder stays in memory. */
function run(script, ...args) {
  const command = [join(ROOT, 'scripts', script), ...args];
  return spawnSync(process.execPath, command, { stdio: ['ignore', 'inherit', 'inherit'] }).status;
}

/** Whether a built file is there, and newer than each of its sources, which are files or folders. */
export function isNewerThan(built, sources) {
  const stats = statSync(built, { throwIfNoEntry: false });
  return stats !== undefined && sources.every((source) => changedAt(source) < stats.mtimeMs);
}

function changedAt(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => changedAt(join(path, name))));
}
