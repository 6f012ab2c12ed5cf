import { type Incident, isOpen } from '../incidents/incident.ts';

/** Where links lead, as far as it is set. Base URLs have no trailing slash. */
export interface LinkTargets {
  /** sipwhy's page, as people reach it. */
  readonly pageUrl?: string | undefined;
  readonly grafanaUrl?: string | undefined;
  /** URL of a call's trace, with `{trace_id}` in it. */
  readonly traceUrlTemplate?: string | undefined;
  /** Whether the incidents are those of the sample data. */
  readonly isSample?: boolean;
}

/** How much time before and after an incident its dashboard shows, in milliseconds. */
const MARGIN_MS = 30 * 60_000;

/** The links of an incident. Without PAGE_URL they are relative to the page. */
export function incidentLinks(incident: Incident, { pageUrl, grafanaUrl, isSample }: LinkTargets) {
  const { id, cause, trunk, first, last } = incident;
  const base = pageUrl === undefined ? '' : `${pageUrl}/`;
  const to = isOpen(incident) ? 'now' : last.at + MARGIN_MS;
  return {
    page: `${base}?view=incidents&incident=${encodeURIComponent(id)}${isSample ? '&sample=1' : ''}`,
    runbook: `${base}runbooks/${cause}`,
    grafana:
      grafanaUrl === undefined
        ? null
        : `${grafanaUrl}/d/sipwhy-trunk?var-trunk=${encodeURIComponent(trunk)}&from=${first.at - MARGIN_MS}&to=${to}`,
    /** The latest call as Markdown. */
    ticket: `${base}api/v1/${isSample ? 'sample/' : ''}calls/${encodeURIComponent(last.callSid)}?format=markdown`,
  };
}

/** The URL of a call's trace; `null` if the id is not known, or without TRACE_URL_TEMPLATE. */
export function traceUrl(traceId: string | undefined, { traceUrlTemplate }: LinkTargets): string | null {
  if (traceId === undefined || traceUrlTemplate === undefined) return null;
  return traceUrlTemplate.replaceAll('{trace_id}', () => encodeURIComponent(traceId));
}

/** The trace of a leg: Jambonz sends its id with every webhook, and the same one for all legs of a call. */
export function traceIdOf(
  events: readonly { readonly callSid: string; readonly traceId?: string | undefined }[],
  callSid: string,
): string | undefined {
  const traced = events.filter(({ traceId }) => traceId !== undefined);
  return (traced.find((event) => event.callSid === callSid) ?? traced[0])?.traceId;
}
