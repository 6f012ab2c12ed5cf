import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registries } from './registries.ts';

// Writes all generated files. With --check it only lists stale files, and fails if there are any.

interface GeneratedFile {
  readonly path: string;
  readonly content: string;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const isCheck = process.argv.includes('--check');
/** Generated pages, by their paths. Runbooks of alerts are written by hand. */
const PAGE = /^docs\/(causes|findings)\//;

// Everything else imports the registries, so they are written first.
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

/** Writes stale files, except with --check. Returns their paths. */
function write(files: readonly GeneratedFile[]): string[] {
  const changed = files.filter(({ path, content }) => textOf(path) !== content);
  for (const { path, content } of isCheck ? [] : changed) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), content);
  }
  return changed.map(({ path }) => path);
}

/** Removes pages that are no longer generated, except with --check. Returns their paths. */
function removeLeft(files: readonly GeneratedFile[]): string[] {
  const wanted = new Set(files.map(({ path }) => path));
  const left = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((path) => `docs/${path}`)
    .filter((path) => PAGE.test(path) && !wanted.has(path));
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
