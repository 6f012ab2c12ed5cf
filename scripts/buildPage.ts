import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { isNewerThan } from '../bin/freshProgram.js';
import { BUILT_PAGE } from '../src/settings/installation.ts';
import { writeWhole } from './wholeFile.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = join(ROOT, 'page');

/** Licences of packages in the page that require a notice. */
const NOTICE = '/* Holds preact and @preact/signals, (c) Jason Miller and the Preact Team, MIT licence. */';

/** Builds the page into a folder: a shell, and assets named by their content, each also compressed. */
export async function buildPage(into: string = BUILT_PAGE): Promise<void> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    absWorkingDir: SOURCES,
    entryPoints: { main: 'main.tsx', theme: 'theme.ts', style: 'style/style.css' },
    entryNames: '[name]-[hash]',
    outdir: 'assets',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    banner: { js: NOTICE },
    logLevel: 'error',
  });
  const assets = outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
  let shell = readFileSync(join(SOURCES, 'index.html'), 'utf8');
  for (const { name } of assets) {
    shell = shell.replace(`{{${name.slice(0, name.lastIndexOf('-'))}}}`, `assets/${name}`);
  }

  mkdirSync(join(into, 'assets'), { recursive: true });
  for (const { name, contents } of assets) writeCompressed(join(into, 'assets', name), contents);
  // The shell last, so that every asset it names already exists.
  writeCompressed(join(into, 'index.html'), Buffer.from(shell));
  for (const file of readdirSync(join(into, 'assets'))) {
    if (!assets.some(({ name }) => file.startsWith(name))) rmSync(join(into, 'assets', file), { force: true });
  }
}

function writeCompressed(path: string, contents: Uint8Array): void {
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeWhole(`${path}.br`, brotliCompressSync(contents, { params }));
  writeWhole(`${path}.gz`, gzipSync(contents, { level: 9 }));
  writeWhole(path, contents);
}

/** Builds the page if it is missing or older than its sources. A published package has no sources. */
export async function buildPageIfStale(into: string = BUILT_PAGE): Promise<void> {
  const shell = join(into, 'index.html');
  if (!isNewerThan(shell, [SOURCES, join(ROOT, 'package-lock.json')])) await buildPage(into);
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code !== 'ERR_MODULE_NOT_FOUND') return message;
  return 'esbuild is not installed. This checkout has production dependencies only: run `npm ci`, or install the package.';
}

if (import.meta.main) {
  if (process.argv.includes('--if-stale')) {
    // The service works without its page: it starts, and `/` says what is missing.
    await buildPageIfStale().catch((error: NodeJS.ErrnoException) =>
      console.error(`The page could not be built: ${reasonOf(error)}`),
    );
  } else {
    await buildPage();
  }
}
