import { fileURLToPath } from 'node:url';

/** Where the built page lies: the same folder from the sources and in the published package. */
export const BUILT_PAGE: string = fileURLToPath(new URL('../dist/page', import.meta.url));
