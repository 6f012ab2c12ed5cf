import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedFiles as alertFiles } from '../alerts/generate.ts';
import { generatedFiles as dashboardFiles } from '../dashboards/generate.ts';
import { causePages } from './causePages.ts';
import { metricsPage } from './metricsPage.ts';
import { readmeWithParts } from './readme.ts';

// Writes everything that is generated from the code; with --check it only says what is stale, and fails then.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const isCheck = process.argv.includes('--check');
const CAUSES = 'docs/causes';

const files = [
  ...alertFiles(),
  ...dashboardFiles(),
  ...causePages(CAUSES),
  { path: 'docs/metrics.md', content: await metricsPage() },
  { path: 'README.md', content: readmeWithParts(readFileSync(join(ROOT, 'README.md'), 'utf8')) },
];

const stale = files.filter(({ path, content }) => textOf(path) !== content).map(({ path }) => path);
// A page of a cause that is no more.
const wanted = new Set(files.map(({ path }) => path));
const left = listOf(CAUSES)
  .map((name) => `${CAUSES}/${name}`)
  .filter((path) => !wanted.has(path));

if (isCheck) {
  for (const path of [...stale, ...left]) process.stderr.write(`${path} is stale: run npm run generate\n`);
  process.exitCode = stale.length + left.length > 0 ? 1 : 0;
} else {
  for (const { path, content } of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), content);
  }
  for (const path of left) rmSync(join(ROOT, path));
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(join(ROOT, path), 'utf8');
  } catch {
    return undefined;
  }
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(join(ROOT, folder));
  } catch {
    return [];
  }
}
