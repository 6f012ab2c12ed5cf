import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const MIB = 1024 * 1024;
const gzipped = (byte: string, bytes: number) => gzipSync(Buffer.alloc(bytes, byte), { level: 1 });

/** Makes each file at a path. */
const MAKE = {
  'random bytes': write(() => Buffer.from(Array.from({ length: 65_536 }, (_, i) => (i * i * 31 + (i >> 3)) % 256))),
  'an empty file': write(() => ''),
  'UTF-16': write(() => Buffer.from('\ufeff{"id":"x"}', 'utf16le')),
  'JSON cut short': write(() => '{"id":"x"'),
  'JSON cut short in its third line': write(() => '{\n"inbound_trunks":\n[,]}'),
  null: write(() => 'null'),
  'an array': write(() => '[]'),
  'an object without keys': write(() => '{}'),
  'brackets that open 200,000 deep': write(() => '['.repeat(200_000)),
  'an object nested 100,000 deep': write(() => `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
  'a configuration whose metadata is nested 20,000 deep': write(
    () =>
      `{"inbound_trunks":[{"sip_trunk_id":"a","metadata":${'['.repeat(20_000)}${']'.repeat(20_000)}}],"dispatch_rules":[]}`,
  ),
  'eight million tiny values': write(() => `[${'{},'.repeat(8_000_000)}{}]`),
  'a line of 100 MB': (path: string) => {
    writeFileSync(path, '{"x":"');
    truncateSync(path, 100 * MIB);
  },
  'a gzip bomb of one line': write(() => gzipped('a', 300 * MIB)),
  'a gzip bomb of blank lines': write(() => gzipped('\n', 300 * MIB)),
  'a gzip file cut short': write(() => gzipped('\n', MIB).subarray(0, 500)),
  'gzip in name only': write(() => Buffer.from('\x1f\x8b junk', 'latin1')),
  'a directory': (path: string) => mkdirSync(path),
  'a link to itself': (path: string) => symlinkSync(path, path),
  'a pipe to which nobody writes': (path: string) => execFileSync('mkfifo', [path]),
  'a socket': (path: string) => {
    createServer().listen(path).unref();
  },
  'no file': () => {},
};
export type HostileFile = keyof typeof MAKE;

function write(content: () => string | Buffer) {
  return (path: string) => writeFileSync(path, content());
}

const directory = mkdtempSync(join(tmpdir(), 'sipwhy-hostile-files-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const made = new Map<HostileFile, string>();

/** The path of a file, which is made when it is first asked for. */
export function hostileFile(name: HostileFile): string {
  const path = made.get(name) ?? join(directory, `file-${made.size}`);
  if (!made.has(name)) MAKE[name](path);
  made.set(name, path);
  return path;
}
