import { causesTable } from '../callDashboard.ts';
import type { Row } from '../dashboard.ts';
import { ofLine, ofRow } from '../dashboardLinks.ts';
import { graph, table } from '../panels.ts';
import { ALL, grown } from '../selector.ts';

const FAILURES = `sipwhy_call_failures_total{${ALL}}`;

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
      runbook: 'SipwhyNewCause',
      calls: ofLine('cause'),
    }),
    causesTable({
      title: 'Causes and fixes',
      description: 'Causes of failed calls, each with its fix. A call’s explanation has the exact change.',
      failures: FAILURES,
      by: ['cause', 'party'],
    }),
    table({
      title: 'Open incidents by cause',
      description: 'Incidents that are not over. sipwhy’s page shows each with its trunk, calls and fix.',
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
