import { posix } from 'node:path';

export interface Source {
  /** Its path, from src. */
  readonly file: string;
  readonly text: string;
}

interface Import {
  readonly from: string;
  readonly to: string;
}

/** What of a file imports another: static, for its effects, by a call, or as a type. */
const IMPORTS = /\bfrom '(\.[^']+)'|\bimport '(\.[^']+)'|\bimport\('(\.[^']+)'\)/g;

/** Every import of one of the files in another, by their paths. */
export function importsOf(files: readonly Source[]): Import[] {
  const known = new Set(files.map(({ file }) => file));
  return files.flatMap(({ file, text }) =>
    [...text.matchAll(IMPORTS)]
      .map(([, from, effects, call]) => posix.join(posix.dirname(file), from ?? effects ?? call ?? ''))
      .filter((to) => known.has(to))
      .map((to) => ({ from: file, to })),
  );
}

/** The folder on the first level, or a part of the core; the file itself where it is in none. */
function folderOf(file: string): string {
  const [folder = file, part, ...rest] = file.split('/');
  return folder === 'core' && rest.length > 0 ? `${folder}/${part}` : folder;
}

/**
 * The shortest circle of folders through each folder that is in one, each circle once: as the imports, one for each two
 * folders, that make it.
 */
export function circlesOf(files: readonly Source[]): string[][] {
  const edges = new Map<string, Map<string, Import>>();
  for (const one of importsOf(files)) {
    const [from, to] = [folderOf(one.from), folderOf(one.to)];
    if (from === to) continue;
    const out = edges.get(from) ?? new Map<string, Import>();
    edges.set(from, out.set(to, out.get(to) ?? one));
  }
  const circles = new Map<string, string[]>();
  for (const start of [...edges.keys()].sort()) {
    const circle = shortestBack(start, edges);
    if (!circle) continue;
    const key = circle
      .map(({ from }) => folderOf(from))
      .sort()
      .join();
    if (!circles.has(key))
      circles.set(
        key,
        circle.map(({ from, to }) => `${from} > ${to}`),
      );
  }
  return [...circles.values()];
}

/** The shortest way from a folder back to itself. */
function shortestBack(start: string, edges: ReadonlyMap<string, ReadonlyMap<string, Import>>): Import[] | undefined {
  let ways: Import[][] = [...(edges.get(start)?.values() ?? [])].map((first) => [first]);
  const seen = new Set<string>();
  while (ways.length > 0) {
    const next: Import[][] = [];
    for (const way of ways) {
      const folder = folderOf(way.at(-1)?.to ?? '');
      if (folder === start) return way;
      if (seen.has(folder)) continue;
      seen.add(folder);
      for (const one of edges.get(folder)?.values() ?? []) next.push([...way, one]);
    }
    ways = next;
  }
  return undefined;
}
