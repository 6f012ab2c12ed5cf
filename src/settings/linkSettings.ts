import { BASE_URL, type Environment, TRACE_URL } from './environment.ts';

/** Where the links of incidents and calls lead. Base URLs have no trailing slash. */
export interface LinkSettings {
  /** sipwhy's own page, as people reach it. */
  readonly pageUrl: string | undefined;
  readonly grafanaUrl: string | undefined;
  /** URL of a call's trace, with `{trace_id}` in its path, query or fragment. */
  readonly traceUrlTemplate: string | undefined;
}

export function linksFrom(env: Environment): LinkSettings {
  return {
    pageUrl: env.PAGE_URL?.replace(/\/+$/, ''),
    grafanaUrl: env.GRAFANA_URL?.replace(/\/+$/, ''),
    traceUrlTemplate: env.TRACE_URL_TEMPLATE,
  };
}

/** Faults of these settings beyond the form of each variable, such as a port that is none. */
export function linkFaults(env: Environment): string[] {
  const faults: string[] = [];
  for (const name of ['PAGE_URL', 'GRAFANA_URL', 'TRACE_URL_TEMPLATE'] as const) {
    const url = env[name];
    const { range } = name === 'TRACE_URL_TEMPLATE' ? TRACE_URL : BASE_URL;
    if (url !== undefined && !URL.canParse(url)) faults.push(`${name} must be ${range}`);
  }
  return faults;
}
