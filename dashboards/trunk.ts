import { buildDashboard } from './dashboard.ts';
import { graph, stat, table } from './panels.ts';
import { ALL, grown, grownInAll, ratio, TRUNK } from './selector.ts';
import { trunkVariable } from './variables.ts';

const ATTEMPTS = `sipwhy_call_attempts_total{${TRUNK}}`;
const CONNECTED = `sipwhy_call_attempts_total{${TRUNK}, outcome="connected"}`;
const COUNTED = `sipwhy_call_attempts_total{${TRUNK}, outcome=~"connected|failed"}`;
const FAILED = `sipwhy_call_attempts_total{${TRUNK}, outcome="failed"}`;
const FAILURES = `sipwhy_call_failures_total{${TRUNK}}`;

export const TRUNK_DASHBOARD = buildDashboard({
  uid: 'sipwhy-trunk',
  title: 'sipwhy: one trunk',
  description:
    'One trunk in depth: its calls, why they fail, what its audit found. `none` is a leg that is not LiveKit’s.',
  variables: [trunkVariable()],
  rows: [
    {
      title: 'Do its calls connect?',
      panels: [
        stat({
          title: 'Success ratio',
          description: 'Connected calls among those that connected or failed.',
          unit: 'percentunit',
          span: 6,
          expr: ratio(`sum (increase(${CONNECTED}[$__range]))`, `sum (increase(${COUNTED}[$__range]))`),
          limits: { yellow: 0.99, red: 0.95 },
          runbook: 'SipwhyTrunkFailing',
        }),
        stat({
          title: 'Attempts',
          description: 'All attempts, whatever became of them.',
          unit: 'short',
          span: 6,
          expr: grownInAll(ATTEMPTS),
        }),
        stat({
          title: 'Failed calls',
          description: 'Attempts that failed for a cause somebody can act on.',
          unit: 'short',
          span: 6,
          expr: grownInAll(FAILED),
          limits: { yellow: 1, red: 10 },
        }),
        stat({
          title: 'Critical audit findings',
          description: 'Faults in the configuration that stop calls, or let in what should be refused.',
          unit: 'short',
          span: 6,
          expr: `sum (max by (finding, trunk) (sipwhy_audit_findings{${TRUNK}, severity="critical"})) or vector(0)`,
          limits: { yellow: 1, red: 1 },
          runbook: 'SipwhyAuditFindingCritical',
        }),
      ],
    },
    {
      title: 'Its calls',
      panels: [
        graph({
          title: 'Attempts by outcome',
          description:
            'not_counted: the callee was busy, declined, did not answer or is unknown, or the caller gave up.',
          unit: 'short',
          span: 12,
          stacked: true,
          lines: { '{{outcome}}': grown(ATTEMPTS, 'outcome') },
        }),
        graph({
          title: 'Success ratio over time',
          description: 'Connected calls among those that connected or failed, by trunk. Gaps are times without calls.',
          unit: 'percentunit',
          span: 12,
          lines: { '{{trunk}}': ratio(grown(CONNECTED, 'trunk'), grown(COUNTED, 'trunk')) },
          runbook: 'SipwhyTrunkFailing',
        }),
      ],
    },
    {
      title: 'Why they fail',
      panels: [
        graph({
          title: 'Failed calls by cause',
          description: 'Each failed call counts once, for its first cause.',
          unit: 'short',
          span: 12,
          stacked: true,
          lines: { '{{trunk}} {{cause}}': `${grown(FAILURES, 'trunk, cause')} > 0` },
        }),
        table({
          title: 'Audit findings',
          description: 'What is wrong with the configuration whether or not a call has failed for it yet.',
          unit: 'short',
          span: 12,
          expr: `max by (trunk, finding, severity) (sipwhy_audit_findings{${TRUNK}}) > 0`,
          columns: { trunk: 'Trunk', severity: 'Severity', finding: 'Finding', Value: 'How many' },
          runbook: 'SipwhyAuditFindingCritical',
        }),
        table({
          title: 'Causes, and what to do',
          description:
            'The causes of the time shown, with the fix of each. The exact change is in each call’s explanation.',
          unit: 'short',
          span: 24,
          expr:
            `sort_desc(round(${grownInAll(FAILURES, 'trunk, cause, party')} > 0) * on (cause) group_left (title, fix) ` +
            `topk by (cause) (1, max by (cause, title, fix) (sipwhy_cause_info{${ALL}})))`,
          columns: {
            Value: 'Calls',
            trunk: 'Trunk',
            cause: 'Cause',
            title: 'What it is',
            party: 'Who must act',
            fix: 'Fix',
          },
        }),
      ],
    },
  ],
});
