import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PATIENCE_MS } from '../machineSpeed.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Not copied: what is built, what is installed, and what the package is not made from. */
const LEFT_OUT = /^(\.git|\.ci|node_modules|dist|test|coverage|artifacts|.*\.(tgz|db|db-wal|db-shm))$/;

/** What `npm pack --json` says of a package. */
interface Packed {
  readonly tarball: string;
  /** A digest of its bytes. */
  readonly integrity: string;
  /** The paths of its files. */
  readonly files: readonly string[];
}

/** Copies the checkout, so that packing builds nothing in it: other tests use what is built there. */
export function copyCheckout(into: string): void {
  const top = (path: string) => path.slice(ROOT.length).split('/')[0] ?? '';
  cpSync(ROOT, into, { recursive: true, filter: (path) => path === ROOT || !LEFT_OUT.test(top(path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(into, 'node_modules'));
}

/** Packs a copy of the checkout, as it is released. */
export function pack(checkout: string): Packed {
  const [{ filename, integrity, files }] = JSON.parse(run('npm', ['pack', '--json'], checkout));
  const paths = files.map(({ path }: { path: string }) => path);
  return { tarball: join(checkout, filename), integrity, files: paths };
}

/** Installs a tarball as `npm i -g` does into an empty folder, with production dependencies alone. */
export function installGlobally(tarball: string, prefix: string): void {
  mkdirSync(join(prefix, 'lib'), { recursive: true });
  const quiet = ['--omit=dev', '--prefer-offline', '--no-audit', '--no-fund'];
  run('npm', ['install', '--global', '--prefix', prefix, ...quiet, tarball], prefix);
}

/** The output of a command that must succeed. The tests' own Node comes first, and nothing of `npm test` is passed on. */
export function run(command: string, args: readonly string[], cwd: string): string {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_config_(local_)?prefix|NODE_OPTIONS|NODE_TEST_CONTEXT)$/.test(name),
  );
  const env = { ...Object.fromEntries(inherited), PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) };
  return execFileSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
  });
}
