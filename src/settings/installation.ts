import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** sipwhy's published version. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

/** The folder of the built page; the same from the sources and in the published package. */
export const BUILT_PAGE: string = fileURLToPath(new URL('../../dist/page', import.meta.url));
