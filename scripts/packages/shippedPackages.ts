import { readFileSync } from 'node:fs';

/** A package whose code users of sipwhy run. */
export interface ShippedPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression; `undefined` if the package names none. */
  readonly licence: string | undefined;
  /** Its code is part of the page that sipwhy serves, and not installed as a dependency. */
  readonly isBundled: boolean;
}

interface LockEntry {
  readonly version: string;
  readonly license?: string;
  readonly dev?: true;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** What the page imports. esbuild puts it into the page's files. */
const BUNDLED = ['preact', '@preact/signals'];
const FOLDER = 'node_modules/';

/** Every package that is shipped, by the lock file, in the order of their names. */
export function shippedPackages(): ShippedPackage[] {
  const file = new URL('../../package-lock.json', import.meta.url);
  const entries: Readonly<Record<string, LockEntry>> = JSON.parse(readFileSync(file, 'utf8')).packages;
  const bundled = new Set<string>();
  const add = (name: string) => {
    bundled.add(FOLDER + name);
    for (const dependency of Object.keys(entries[FOLDER + name]?.dependencies ?? {})) add(dependency);
  };
  for (const name of BUNDLED) add(name);
  return Object.entries(entries)
    .filter(([path, { dev }]) => path !== '' && (!dev || bundled.has(path)))
    .map(([path, { version, license, dev }]) => ({
      name: path.slice(path.lastIndexOf(FOLDER) + FOLDER.length),
      version,
      licence: license,
      isBundled: dev === true,
    }))
    .sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}
