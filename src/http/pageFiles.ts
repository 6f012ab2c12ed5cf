import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** A file of the page, in each encoding in which it is served. */
export interface PageFile {
  readonly type: string;
  readonly etag: string;
  readonly bodies: Readonly<Record<'br' | 'gzip' | 'identity', Buffer>>;
}

/** The built page. */
export interface PageFiles {
  readonly shell: PageFile;
  /** By name; the name changes with the content. */
  readonly assets: ReadonlyMap<string, PageFile>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** Reads the page as it was built into a folder; `undefined` where it was not. */
export function readPageFiles(folder: string): PageFiles | undefined {
  if (!existsSync(join(folder, 'index.html'))) return undefined;
  const assets = readdirSync(join(folder, 'assets')).filter((name) => extname(name) in TYPES);
  return {
    shell: readFile(join(folder, 'index.html')),
    assets: new Map(assets.map((name) => [name, readFile(join(folder, 'assets', name))])),
  };
}

function readFile(path: string): PageFile {
  const body = readFileSync(path);
  return {
    type: TYPES[extname(path)] ?? 'application/octet-stream',
    etag: createHash('sha256').update(body).digest('base64url').slice(0, 22),
    bodies: { br: readFileSync(`${path}.br`), gzip: readFileSync(`${path}.gz`), identity: body },
  };
}
