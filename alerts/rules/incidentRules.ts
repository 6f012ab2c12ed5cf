import { DEFAULT_LINKS } from '../../src/cli/rulesCommand.ts';
import {
  attemptsIncrease,
  dropsIn,
  endsIncrease,
  failuresIncrease,
  failuresShare,
  incidentInfo,
} from './recordings.ts';
import { type AlertRule, alertRule, asked, knownFor, type Severity } from './rule.ts';
import { fromLabel, runbookUrl } from './runbookLinks.ts';

/** The labels that an incident's series share. */
const KEY = ['job', 'cause', 'trunk'] as const;

/** An open incident that nobody muted, with its calls. */
const OF_INCIDENT = '* on (job, cause, trunk) group_left (incident) job_cause_trunk:sipwhy_incident:info';

/** Faults that begin by themselves. Others have been there since somebody configured them. */
const BREAKS_BY_ITSELF = 'party=~"livekit|agent|jambonz|network"';

const COUNTED = 'outcome=~"connected|failed|dropped"';

/** Failed calls of an incident in a window: at least five, and half of its trunk's, or a tenth of all. */
function manyIn(window: '2m' | '5m'): string {
  const failed = failuresIncrease(window).record;
  const attempts = attemptsIncrease(window).record;
  return `
  ${failed} >= 5
  and (
    ${failed} / on (job, trunk) group_left () sum by (job, trunk) (${attempts}{${COUNTED}}) >= 0.5
    or
    ${failed} / on (job) group_left () sum by (job) (${attempts}{${COUNTED}}) >= 0.1
  )`.trim();
}

/** The same for calls that were answered and then dropped, of all that ended. */
function manyDroppedIn(window: '2m' | '5m'): string {
  const ends = endsIncrease(window).record;
  return `
  ${dropsIn(window)} >= 5
  and (
    ${dropsIn(window)} / on (job, trunk) group_left () sum by (job, trunk) (${ends}) >= 0.5
    or
    ${dropsIn(window)} / on (job) group_left () sum by (job) (${ends}) >= 0.1
  )`.trim();
}

/** Share of a trunk's ends that were drops, by cause. */
const DROPPED_SHARE = `${dropsIn('30m')} / on (job, trunk) group_left () sum by (job, trunk) (${endsIncrease('30m').record})`;

const PAGES = `
  ${manyIn('2m')}
  or
  ${manyIn('5m')}
  or
  ${manyDroppedIn('2m')}
  or
  ${manyDroppedIn('5m')}
  or
  ${endsIncrease('30m').record}{${BREAKS_BY_ITSELF}} >= 5
  and
  ${DROPPED_SHARE} >= 0.2
  or
  ${failuresIncrease('30m').record}{${BREAKS_BY_ITSELF}} >= 5
  and
  ${failuresShare('30m').record} >= 0.2`.trim();

/** An hour's memory of pages: what paged needs no ticket. */
const HAS_PAGED =
  'max by (job, cause, trunk) (max_over_time(ALERTS{alertname="SipwhyIncident", severity="page", alertstate="firing"}[1h]))';

const TICKETS = `
  (
    ${failuresIncrease('30m').record} >= 3
    and
    ${failuresShare('30m').record} >= 0.05
    or
    ${dropsIn('30m')} >= 3
    and
    ${DROPPED_SHARE} >= 0.05
  )
  unless on (job, cause, trunk)
  ${HAS_PAGED}`.trim();

/** A query about the alert's incident; `%q` for job, cause and trunk. */
const ofIncident = (query: string) => asked(query, KEY);

const INFO = ofIncident('job_cause_trunk:sipwhy_incident:info{job=%q, cause=%q, trunk=%q}');

/** A label of the incident's `sipwhy_incident_info`, or other words if it has just closed. */
function told(label: string, otherwise: string): string {
  return `{{ with ${INFO} }}{{ . | first | label "${label}" }}{{ else }}${otherwise}{{ end }}`;
}

/**
 * The calls of a window, counted and not extrapolated as `increase` does. Nothing, if the instance was restarted or found
 * within it, because their number is unknown then.
 */
function exactly(series: string, window: string, more: number, labels: readonly string[]): string {
  const counted = `(${series} - (${series} offset ${window} or 0 * ${series}))`;
  const isKnown = `and on (job, instance) ${knownFor(window)} unless resets(${series}[${window}]) > 0`;
  return asked(`sum(${counted} ${isKnown}) > ${more}`, [...labels, ...labels, ...labels, ...labels]);
}

/** `18 of 18 calls in 2 min`, for a window, and whether more than `more` calls failed in it. */
function countsIn(window: '2m' | '5m' | '30m', more: number): [condition: string, text: string] {
  const failed = exactly('sipwhy_call_failures_total{job=%q, cause=%q, trunk=%q}', window, more, KEY);
  const attempts = exactly(`sipwhy_call_attempts_total{job=%q, trunk=%q, ${COUNTED}}`, window, 0, ['job', 'trunk']);
  return [
    `with ${failed}`,
    `{{ . | first | value | printf "%.0f" }} of {{ with ${attempts} }}{{ . | first | value | printf "%.0f" }}{{ end }} calls in ${parseInt(window, 10)} min`,
  ];
}

/** `6 of 7 calls that ended in 2 min`, for calls that were answered and then dropped. */
function droppedIn(window: '2m' | '5m' | '30m', more: number): [condition: string, text: string] {
  const dropped = exactly('sipwhy_call_ends_total{job=%q, cause=%q, trunk=%q}', window, more, KEY);
  const ended = exactly('sipwhy_call_ends_total{job=%q, trunk=%q}', window, 0, ['job', 'trunk']);
  return [
    `with ${dropped}`,
    `{{ . | first | value | printf "%.0f" }} of {{ with ${ended} }}{{ . | first | value | printf "%.0f" }}{{ end }} calls that ended in ${parseInt(window, 10)} min`,
  ];
}

/** The first of several windows that has enough calls. */
function counts(): string {
  const windows = [
    countsIn('2m', 2),
    countsIn('5m', 2),
    countsIn('30m', 0),
    droppedIn('2m', 2),
    droppedIn('5m', 2),
    droppedIn('30m', 0),
  ];
  return windows.reduceRight((rest, [condition, text]) => `{{ ${condition} }}, ${text}{{ else }}${rest}{{ end }}`, '');
}

const NAME =
  `{{ with ${INFO} }}{{ $name := . | first | label "trunk_name" }}` +
  '{{ if $name }} ({{ $name }}){{ else if not (match "^(none|unknown)$" $labels.trunk) }} ({{ $labels.trunk }}){{ end }}{{ end }}';

function at(metric: 'first' | 'last'): string {
  const query = ofIncident(`max(sipwhy_incident_${metric}_call_timestamp_seconds{job=%q, cause=%q, trunk=%q})`);
  return `{{ with ${query} }}{{ (. | first | value | toTime).UTC.Format "2006-01-02 15:04:05 UTC" }}{{ else }}unknown{{ end }}`;
}

const COMMAND = `sipwhy fix {{ $labels.incident }} --server ${DEFAULT_LINKS.page}`;
const OWNER =
  '{{ $labels.party | reReplaceAll "livekit" "LiveKit" | reReplaceAll "jambonz" "Jambonz" | reReplaceAll "_" " " }}';

function incidentAlert(severity: Severity, expr: string, pending?: string): AlertRule {
  const alert = alertRule({
    alert: 'SipwhyIncident',
    severity,
    scope: 'trunk',
    expr: `
(
  ${expr}
)
${OF_INCIDENT}
`,
    ...(pending && { for: pending }),
    // Calls come in bursts. Without this, each burst would be its own page.
    keepFiringFor: '5m',
    summary: `${told('status', 'Failed')}: ${told('title', '{{ $labels.cause }}')}${NAME}${counts()}`,
    description:
      `Cause: ${told('title', '{{ $labels.cause }}')} ({{ $labels.cause }}). Owner: ${OWNER}. ` +
      `Fix: ${told('fix', 'see the incident')} ` +
      `First failed call: ${at('first')}. Last: ${at('last')}.`,
    calls: { cause: fromLabel('cause'), trunk: fromLabel('trunk') },
    dashboard: 'sipwhy-trunk',
    dashboardLabels: ['job', 'trunk'],
  });
  return {
    ...alert,
    annotations: {
      ...alert.annotations,
      owner: OWNER,
      fix: told('fix', 'see the incident'),
      command: COMMAND,
      first_call: at('first'),
      last_call: at('last'),
      incident: `${DEFAULT_LINKS.page}/?view=incidents&incident=${fromLabel('incident')}`,
      runbook_url: runbookUrl(fromLabel('cause')),
    },
  };
}

/** The incident pages: one fault of one trunk is one alert, whichever rates it moves. */
export const INCIDENT_ALERTS = [
  attemptsIncrease('30m'),
  endsIncrease('2m'),
  endsIncrease('5m'),
  endsIncrease('30m'),
  failuresIncrease('2m'),
  failuresIncrease('30m'),
  failuresShare('30m'),
  incidentInfo,
  incidentAlert('page', PAGES),
  incidentAlert('ticket', TICKETS, '5m'),
] as const;
