import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The paths are the same from this file and from the built program, dist/program.

/** sipwhy's published version. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

/** The folder of the built page. */
export const BUILT_PAGE: string = fileURLToPath(new URL('../../dist/page', import.meta.url));

/** The folder of the documentation. */
export const DOCUMENTATION: string = fileURLToPath(new URL('../../docs', import.meta.url));

/** The folder of Grafana's dashboards and their provisioning. */
export const DASHBOARDS: string = fileURLToPath(new URL('../../dashboards', import.meta.url));

/** The file of Prometheus' rules. */
export const RULES: string = fileURLToPath(new URL('../../alerts/sipwhy.rules.yml', import.meta.url));
