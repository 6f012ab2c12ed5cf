import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registries } from './registries.ts';

// Writes everything that is generated from the code; with --check it only says what is stale, and fails then.

interface GeneratedFile {
  readonly path: string;
  readonly content: string;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const isCheck = process.argv.includes('--check');
/** Folders that hold nothing but generated pages. */
const PAGES = ['docs/causes', 'docs/findings'];

// All else is derived from the registries, so they are written before it is loaded.
const stale = write(registries());
if (!(isCheck && stale.length > 0)) {
  const { derivedFiles } = await import('./derivedFiles.ts');
  const files = await derivedFiles(readFileSync(join(ROOT, 'README.md'), 'utf8'));
  stale.push(...write(files), ...removeLeft(files));
}
if (isCheck) {
  for (const path of stale) process.stderr.write(`${path} is stale: run npm run generate\n`);
  process.exitCode = stale.length > 0 ? 1 : 0;
}

/** Writes what is stale, unless only asked for it. Returns its paths. */
function write(files: readonly GeneratedFile[]): string[] {
  const changed = files.filter(({ path, content }) => textOf(path) !== content);
  for (const { path, content } of isCheck ? [] : changed) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), content);
  }
  return changed.map(({ path }) => path);
}

/** Removes pages of what is no more, unless only asked for them. Returns their paths. */
function removeLeft(files: readonly GeneratedFile[]): string[] {
  const wanted = new Set(files.map(({ path }) => path));
  const left = PAGES.flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`)).filter(
    (path) => !wanted.has(path),
  );
  for (const path of isCheck ? [] : left) rmSync(join(ROOT, path));
  return left;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(join(ROOT, path), 'utf8');
  } catch {
    return undefined;
  }
}
