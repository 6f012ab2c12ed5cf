import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { shippedPackages } from './shippedPackages.ts';

// Writes sbom.cdx.json, the list of what the published package ships, in CycloneDX. `npm sbom --omit dev` alone leaves out
// what a development dependency needs too, and what is bundled into the page.

interface Sbom {
  readonly metadata: { readonly component: object; readonly timestamp?: string };
  readonly components: readonly { readonly 'bom-ref': string; readonly name: string; readonly version: string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'];
const all: Sbom = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 50_000_000 }));

const shipped = new Set(shippedPackages().map(({ name, version }) => `${name}@${version}`));
const components = all.components.filter(({ name, version }) => shipped.has(`${name}@${version}`));
const found = new Set(components.map(({ name, version }) => `${name}@${version}`));
const missing = [...shipped].filter((name) => !found.has(name));
if (missing.length > 0) throw new Error(`npm’s list lacks ${missing.join(', ')}`);

const root = all.dependencies[0]?.ref ?? '';
const refs = new Set([root, ...components.map((component) => component['bom-ref'])]);
const dependencies = all.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }));
// npm names the program after its folder, and adds the time and a random number. Both are left out or replaced, so that the
// same sources give the same package.
const { timestamp: _, ...known } = all.metadata;
const metadata = { ...known, component: { ...all.metadata.component, name: 'sipwhy' } };
const list = { ...all, metadata, components, dependencies };
const sbom = { ...list, serialNumber: serialNumberOf(JSON.stringify({ ...list, serialNumber: undefined })) };
writeFileSync(`${ROOT}/sbom.cdx.json`, `${JSON.stringify(sbom, undefined, 2)}\n`);

/** A UUID that follows from the content (RFC 9562, version 8). */
function serialNumberOf(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join('-')}`;
}
