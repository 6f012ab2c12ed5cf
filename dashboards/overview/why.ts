import { causesTable } from '../callDashboard.ts';
import type { Row } from '../dashboard.ts';
import { ofLine, ofRow } from '../dashboardLinks.ts';
import { graph, stat, table } from '../panels.ts';
import { ALL, grown } from '../selector.ts';

const FAILURES = `sipwhy_call_failures_total{${ALL}}`;

/** Each open incident once, although every replica reports it. */
const INCIDENTS = `topk by (cause, trunk) (1, max by (cause, trunk, incident, party, trunk_name, status, title, fix) (sipwhy_incident_info{${ALL}}))`;

export const WHY: Row = {
  title: 'Why?',
  panels: [
    graph({
      title: 'Failed calls by owner',
      description: 'Each failed call counts once, for the owner of its main cause.',
      unit: 'short',
      span: 12,
      stacked: true,
      lines: { '{{party}}': grown(FAILURES, 'party') },
      calls: ofLine('party'),
    }),
    graph({
      title: 'Failed calls by cause',
      description: 'Each failed call counts once, for its main cause. A dot is one call and links to its explanation.',
      unit: 'short',
      span: 12,
      stacked: true,
      exemplars: true,
      lines: { '{{cause}}': `${grown(FAILURES, 'cause')} > 0` },
      nothing: 'no failed calls',
      runbook: 'SipwhyIncident',
      calls: ofLine('cause'),
    }),
    causesTable({
      title: 'Causes and fixes',
      description: 'Causes of failed calls, each with its fix. A call’s explanation has the exact change.',
      failures: FAILURES,
      by: ['cause', 'party'],
    }),
    table({
      title: 'Which incidents are open',
      description: 'Incidents that are not over, each with the time of its latest failed call.',
      unit: 'dateTimeAsIso',
      span: 24,
      expr: `sort_desc(1000 * max by (cause, trunk) (sipwhy_incident_last_call_timestamp_seconds{${ALL}}) * on (cause, trunk) group_left (incident, party, trunk_name, status, title, fix) ${INCIDENTS})`,
      columns: {
        Value: 'Last failed call',
        status: 'Status',
        title: 'Cause',
        party: 'Owner',
        trunk_name: 'Trunk',
        fix: 'Fix',
        incident: 'Incident',
        trunk: 'Trunk id',
        cause: 'Cause id',
      },
      nothing: 'no open incidents',
      runbook: 'SipwhyIncident',
      calls: ofRow('cause', 'trunk'),
    }),
    table({
      title: 'Which incidents are predicted',
      description:
        'What changes of LiveKit’s configuration will do to calls that connected in the last 7 days, before the first of them is made.',
      unit: 'percentunit',
      span: 18,
      expr: `sort_desc(max by (incident) (sipwhy_predicted_incident_traffic_ratio{${ALL}}) * on (incident) group_left (effect, party, trunk, trunk_name, title, kinds) topk by (incident) (1, max by (incident, effect, party, trunk, trunk_name, title, kinds) (sipwhy_predicted_incident_info{${ALL}})))`,
      columns: {
        Value: 'Share of all calls',
        title: 'What would happen',
        party: 'Owner',
        trunk_name: 'Trunk',
        kinds: 'Kinds of calls',
        incident: 'Predicted incident',
        trunk: 'Trunk id',
        effect: 'Effect',
      },
      nothing: 'no predicted incidents',
      runbook: 'SipwhyPredictedIncident',
    }),
    stat({
      title: 'Predicted incidents',
      description: 'Open ones: no call needs to have failed yet.',
      unit: 'short',
      span: 6,
      expr: `sum (max by (effect) (sipwhy_predicted_incidents_open{${ALL}})) or vector(0)`,
      runbook: 'SipwhyPredictedIncident',
    }),
    stat({
      title: 'Muted incidents',
      description: 'Open incidents of which nobody is notified.',
      unit: 'short',
      span: 6,
      expr: `sum (max by (cause, trunk) (sipwhy_incident_muted{${ALL}})) or vector(0)`,
    }),
    stat({
      title: 'Oldest open incident',
      description: 'Time since the first failed call of an incident that is still open.',
      unit: 's',
      span: 6,
      expr: `time() - min (sipwhy_incident_first_call_timestamp_seconds{${ALL}})`,
      nothing: 'no open incidents',
    }),
    table({
      title: 'Open incidents by cause',
      description: 'Numbers of incidents that are not over.',
      unit: 'short',
      span: 12,
      // Each replica reports the incidents of all replicas.
      expr: `max by (cause, party) (sipwhy_incidents_open{${ALL}}) > 0`,
      columns: { Value: 'Incidents', cause: 'Cause', party: 'Owner' },
      nothing: 'no open incidents',
      calls: ofRow('cause'),
    }),
    graph({
      title: 'Incidents opened, reopened, worsened, closed',
      description: 'Changes of incidents. An incident that keeps reopening was never fixed.',
      unit: 'short',
      span: 12,
      stacked: true,
      lines: { '{{event}}': grown(`sipwhy_incidents_total{${ALL}}`, 'event') },
    }),
  ],
};
