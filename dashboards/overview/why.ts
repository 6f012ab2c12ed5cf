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
      title: 'Failed calls by who must act',
      description: 'Each failed call counts once, for the party of its first cause.',
      unit: 'short',
      span: 12,
      stacked: true,
      lines: { '{{party}}': grown(FAILURES, 'party') },
      calls: ofLine('party'),
    }),
    graph({
      title: 'Failed calls by cause',
      description:
        'Each failed call counts once, for its first cause. The id of a cause is also its alert’s label. A dot is one call, and leads to its explanation.',
      unit: 'short',
      span: 12,
      stacked: true,
      exemplars: true,
      lines: { '{{cause}}': `${grown(FAILURES, 'cause')} > 0` },
      nothing: 'no failed calls in this time',
      runbook: 'SipwhyNewCause',
      calls: ofLine('cause'),
    }),
    causesTable({
      title: 'Causes, and what to do',
      description:
        'The causes of the time shown, with the fix of each. The exact change is in each call’s explanation.',
      failures: FAILURES,
      by: ['cause', 'party'],
    }),
    table({
      title: 'Open incidents by cause',
      description:
        'What fails calls and is not over, by cause. The page shows each with its trunk, its calls and its fix.',
      unit: 'short',
      span: 12,
      // Each replica reports those of all.
      expr: `max by (cause, party) (sipwhy_incidents_open{${ALL}}) > 0`,
      columns: { Value: 'Incidents', cause: 'Cause', party: 'Who must act' },
      nothing: 'no open incident',
      calls: ofRow('cause'),
    }),
    graph({
      title: 'Incidents opened, reopened, worsened, closed',
      description: 'What happened to incidents. One that opens again and again was never mended.',
      unit: 'short',
      span: 12,
      stacked: true,
      lines: { '{{event}}': grown(`sipwhy_incidents_total{${ALL}}`, 'event') },
    }),
  ],
};
