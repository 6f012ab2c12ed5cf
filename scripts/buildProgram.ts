import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeWhole } from './wholeFile.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const INTO = join(ROOT, 'dist/program');
/** Loaded from where they are installed, because they look for files beside their own. */
const INSTALLED = ['pino', 'pino-pretty', '@fastify/swagger-ui', 'pg-native', 'bufferutil', 'utf-8-validate'];
/** Packages in CommonJS call `require`, which an ES module doesn't have. */
const REQUIRE = `import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);`;
/** A running service may still load parts of what was built before. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/**
 * Builds the program from its sources and the packages that they use. Few large files start several times as fast as
 * 1,600 small ones, and take half of the memory.
 */
export async function buildProgram(into: string = INTO): Promise<void> {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { main: 'src/main.ts', thread: 'src/engine/thread.ts' },
    outdir: into,
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24.5',
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160,
    external: INSTALLED,
    banner: { js: REQUIRE },
    legalComments: 'none',
    metafile: true,
    logLevel: 'error',
  });
  mkdirSync(into, { recursive: true });
  const names = new Set(outputFiles.map(({ path }) => basename(path)));
  // The entries last, so that all that they load is there.
  const isEntry = (path: string) => /\/(main|thread)\.js$/.test(path);
  const inOrder = outputFiles.toSorted((a, b) => Number(isEntry(a.path)) - Number(isEntry(b.path)));
  writeWhole(join(into, 'licences.txt'), licencesOf(Object.keys(metafile.inputs)));
  for (const { path, contents } of inOrder) writeWhole(path, contents);
  for (const name of readdirSync(into)) {
    const path = join(into, name);
    const isOld = name.endsWith('.js') && !names.has(name) && Date.now() - statSync(path).mtimeMs > KEPT_MS;
    if (isOld) rmSync(path, { force: true });
  }
}

/** The licences of the packages whose code is in the program, which demand that they come with it. */
function licencesOf(inputs: readonly string[]): string {
  const folders = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  const texts = [...new Set(folders)].sort().flatMap((folder) => {
    const file = readdirSync(join(ROOT, folder)).find((name) => /^licen[cs]e(\.\w+)?$/i.test(name));
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const { license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    return [
      `${name} (${license})\n\n${file === undefined ? '' : readFileSync(join(ROOT, folder, file), 'utf8').trim()}`,
    ];
  });
  return `The files beside this one hold code of these packages.\n\n${texts.join('\n\n----\n\n')}\n`;
}

if (import.meta.main) {
  await buildProgram().catch((error: Error) => {
    console.error(`The program could not be built: ${error.message}`);
    process.exitCode = 1;
  });
}
