import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version of sipwhy, as published. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

/** Where the built page lies: the same folder from the sources and in the published package. */
export const BUILT_PAGE: string = fileURLToPath(new URL('../../dist/page', import.meta.url));
