import { readFileSync } from 'node:fs';

/** The version of sipwhy, as published. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
