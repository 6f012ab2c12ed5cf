import { SUCCESS_OBJECTIVE } from '../alerts/rules/objective.ts';
import { attemptsByOutcome, causesTable } from './callDashboard.ts';
import { buildDashboard } from './dashboard.ts';
import { ofLine, ofRow } from './dashboardLinks.ts';
import { graph, stat, table } from './panels.ts';
import { configurationChanges, grown, grownInAll, ratio, ratioInAll, recorded, TRUNK } from './selector.ts';
import { trunkVariable } from './variables.ts';

const ATTEMPTS = `sipwhy_call_attempts_total{${TRUNK}}`;
const CONNECTED = `sipwhy_call_attempts_total{${TRUNK}, outcome="connected"}`;
const COUNTED = `sipwhy_call_attempts_total{${TRUNK}, outcome=~"connected|failed"}`;
const FAILED = `sipwhy_call_attempts_total{${TRUNK}, outcome="failed"}`;
const FAILURES = `sipwhy_call_failures_total{${TRUNK}}`;
const CHOSEN = 'trunk=~"$trunk"';

export const TRUNK_DASHBOARD = buildDashboard({
  uid: 'sipwhy-trunk',
  title: 'sipwhy: one trunk',
  description:
    'One trunk in depth: its calls, why they fail, what its audit found, and when its configuration changed (blue marks). `none` is a leg that is not LiveKit’s.',
  variables: [trunkVariable()],
  trunk: '$trunk',
  rows: [
    {
      title: 'Do its calls connect?',
      panels: [
        stat({
          title: 'Success ratio',
          description: 'Connected calls among those that connected or failed.',
          unit: 'percentunit',
          span: 6,
          expr: ratioInAll(CONNECTED, COUNTED),
          limits: { yellow: SUCCESS_OBJECTIVE, red: 0.95 },
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
        attemptsByOutcome(ATTEMPTS, 8),
        graph({
          title: 'Success ratio over time',
          description: 'Connected calls among those that connected or failed, by trunk. Gaps are times without calls.',
          unit: 'percentunit',
          span: 8,
          lines: { '{{trunk}}': ratio(CONNECTED, COUNTED, 'trunk') },
          nothing: 'no calls in this time',
          runbook: 'SipwhyTrunkFailing',
          calls: ofLine('trunk'),
        }),
        graph({
          title: 'ASR and NER',
          description:
            'Answer seizure and network effectiveness over the hour before: the part of all attempts that was answered, and that reached the callee. Gaps are hours without calls.',
          unit: 'percentunit',
          span: 8,
          lines: {
            'ASR {{trunk}}': `${recorded('job_trunk:sipwhy_asr:ratio_rate1h', CHOSEN)} >= 0`,
            'NER {{trunk}}': `${recorded('job_trunk:sipwhy_ner:ratio_rate1h', CHOSEN)} >= 0`,
          },
          nothing: 'no calls, or the recording rules are not loaded',
        }),
      ],
    },
    {
      title: 'Why they fail',
      panels: [
        graph({
          title: 'Failed calls by cause',
          description:
            'Each failed call counts once, for its first cause. A dot is one call, and leads to its explanation.',
          unit: 'short',
          span: 24,
          stacked: true,
          exemplars: true,
          lines: { '{{trunk}} {{cause}}': `${grown(FAILURES, 'trunk, cause')} > 0` },
          nothing: 'no failed calls in this time',
          calls: ofLine('trunk', 'cause'),
        }),
        causesTable({
          title: 'Causes, and what to do',
          description:
            'The causes of the time shown, with the fix of each. The exact change is in each call’s explanation.',
          failures: FAILURES,
          by: ['trunk', 'cause', 'party'],
        }),
      ],
    },
    {
      title: 'Its configuration',
      panels: [
        table({
          title: 'Trunks',
          description: 'LiveKit’s inbound trunks by id and name.',
          unit: 'none',
          span: 8,
          expr: `max by (trunk, name) (sipwhy_trunk_info{${TRUNK}})`,
          columns: { trunk: 'Trunk', name: 'Name', Value: 'There' },
          nothing: 'LiveKit’s configuration is not known',
          calls: ofRow('trunk'),
        }),
        table({
          title: 'Audit findings',
          description: 'What is wrong with the configuration whether or not a call has failed for it yet.',
          unit: 'short',
          span: 8,
          expr: `max by (trunk, finding, severity) (sipwhy_audit_findings{${TRUNK}}) > 0`,
          columns: { trunk: 'Trunk', severity: 'Severity', finding: 'Finding', Value: 'How many' },
          nothing: 'nothing found',
          runbook: 'SipwhyAuditFindingCritical',
        }),
        graph({
          title: 'Changes',
          description:
            'Changes of the trunk or of its dispatch rules; `none` is a change of rules that are for every trunk. What changed is in `sipwhy history` and on sipwhy’s page.',
          unit: 'short',
          span: 8,
          stacked: true,
          lines: { '{{trunk}}': configurationChanges('trunk=~"none|$trunk"') },
        }),
      ],
    },
  ],
});
