import { DEFAULT_LINKS } from '../../src/cli/rulesCommand.ts';
import { type AlertRule, alertRule, asked, type RuleGroup, type Severity } from './rule.ts';
import { fromLabel } from './runbookLinks.ts';

/** A predicted incident that concerns this share of all calls pages. */
const PAGES_FROM = 0.1;

/** The share of calls that a predicted incident concerns, with what it is. Replicas tell the same. */
const SHARE = `
max by (job, incident) (sipwhy_predicted_incident_traffic_ratio)
* on (job, incident) group_left (effect, cause, party, trunk)
max by (job, incident, effect, cause, party, trunk) (sipwhy_predicted_incident_info)`.trim();

/** Whoever reads the page needs the rest of the labels; as labels of the alert they would make it a new one. */
const INFO = asked('sipwhy_predicted_incident_info{job=%q, incident=%q}', ['job', 'incident']);

function told(label: string): string {
  return `{{ with ${INFO} }}{{ . | first | label "${label}" }}{{ else }}see the incident{{ end }}`;
}

const OWNER = '{{ $labels.party | reReplaceAll "livekit" "LiveKit" | reReplaceAll "_" " " }}';
const IS_OF_CALLS = '{{ if ne $labels.effect "opened" }}';
const COMMAND = `sipwhy incidents {{ $labels.incident }} --server ${DEFAULT_LINKS.page}`;

function predicted(severity: Severity, condition: string): AlertRule {
  const alert = alertRule({
    alert: 'SipwhyPredictedIncident',
    severity,
    scope: 'trunk',
    expr: `(\n  ${SHARE.replaceAll('\n', '\n  ')}\n) ${condition}`,
    // Whoever changes a trunk and its rule changes one after the other.
    for: '1m',
    summary: `Predicted: ${told('title')}${IS_OF_CALLS}, {{ $value | humanizePercentage }} of all calls{{ end }}`,
    description:
      'LiveKit’s configuration changed, and no call needs to have failed yet. ' +
      `${IS_OF_CALLS}It concerns ${told('kinds')} kinds of calls seen in the last 7 days. {{ end }}` +
      `Cause: ${told('title')}. Owner: ${OWNER}. ` +
      'Fix: run `sipwhy incidents {{ $labels.incident }}`. It names the change, the edit that mends it, and the one that takes it back.',
    calls: { trunk: fromLabel('trunk') },
    dashboard: 'sipwhy-trunk',
    dashboardLabels: ['job', 'trunk'],
  });
  const incident = `${DEFAULT_LINKS.page}/?predicted=${fromLabel('incident')}`;
  return { ...alert, annotations: { ...alert.annotations, owner: OWNER, command: COMMAND, incident } };
}

/** Alerts on what a change of LiveKit's configuration will do. */
export const PREDICTION_ALERTS: RuleGroup = {
  name: 'sipwhy.predicted',
  interval: '30s',
  rules: [predicted('page', `>= ${PAGES_FROM}`), predicted('ticket', `< ${PAGES_FROM}`)],
};
