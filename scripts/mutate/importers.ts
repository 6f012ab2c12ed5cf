import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** What of a file loads another; `import type` loads nothing. */
const LOADS = /^(?:import|export)(?! type\b)[^;]*?\bfrom '(\.[^']+)'|^import '(\.[^']+)'/gm;

/** The TypeScript files below a folder, by their paths from the root. */
export function filesIn(root: string, folder: string): string[] {
  return readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`)
    .sort();
}

/** For each file, all that load it, directly or through others, and itself. */
export function importersOf(root: string, files: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const loadedBy = new Map<string, string[]>(files.map((file) => [file, []]));
  for (const file of files) {
    for (const [, from, effects] of readFileSync(`${root}/${file}`, 'utf8').matchAll(LOADS)) {
      loadedBy.get(posix.join(posix.dirname(file), from ?? effects ?? ''))?.push(file);
    }
  }
  return new Map(files.map((file) => [file, reached(file, loadedBy)]));
}

function reached(from: string, edges: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set([from]);
  for (const file of found) for (const next of edges.get(file) ?? []) found.add(next);
  return found;
}
