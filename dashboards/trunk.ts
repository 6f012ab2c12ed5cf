import { SUCCESS_OBJECTIVE } from '../alerts/rules/objective.ts';
import type { Awaited } from '../src/core/call/waits.ts';
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

const WAIT_TEXT =
  'Mean by trunk, and the usual one: the mean over the last week. Gaps: no calls. From the INVITE to the';
const NO_WAITS = 'no calls, or the recording rules are not loaded';

/** The mean wait of each trunk, and its usual one. */
function waitLines(until: Awaited): Readonly<Record<string, string>> {
  const chosen = `until="${until}"`;
  const [seconds, waits] = ['sipwhy_call_wait_seconds_total', 'sipwhy_call_waits_total'];
  return {
    '{{trunk}}': ratio(`${seconds}{${TRUNK}, ${chosen}}`, `${waits}{${TRUNK}, ${chosen}}`, 'trunk'),
    'usual {{trunk}}': recorded('job_trunk_until:sipwhy_call_wait_seconds:mean1w', `${CHOSEN}, ${chosen}`),
  };
}

export const TRUNK_DASHBOARD = buildDashboard({
  uid: 'sipwhy-trunk',
  title: 'sipwhy: one trunk',
  description:
    'One trunk in detail: its calls, why they fail, its audit findings, and its configuration changes (blue marks). `none`: legs that don’t go to LiveKit.',
  variables: [trunkVariable()],
  trunk: '$trunk',
  rows: [
    {
      title: 'Do its calls connect?',
      panels: [
        stat({
          title: 'Success ratio',
          description: 'Share of calls that connected, among those that connected or failed.',
          unit: 'percentunit',
          span: 6,
          expr: ratioInAll(CONNECTED, COUNTED),
          limits: { yellow: SUCCESS_OBJECTIVE, red: 0.95 },
          runbook: 'SipwhyTrunkFailing',
        }),
        stat({
          title: 'Attempts',
          description: 'All attempts, with any outcome.',
          unit: 'short',
          span: 6,
          expr: grownInAll(ATTEMPTS),
        }),
        stat({
          title: 'Failed calls',
          description: 'Attempts that failed because of a fault that has an owner.',
          unit: 'short',
          span: 6,
          expr: grownInAll(FAILED),
          limits: { yellow: 1, red: 10 },
        }),
        stat({
          title: 'Critical audit findings',
          description: 'Configuration faults that stop calls, or admit calls that should be refused.',
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
          description: 'Share of calls that connected, among those that connected or failed, by trunk. Gaps: no calls.',
          unit: 'percentunit',
          span: 8,
          lines: { '{{trunk}}': ratio(CONNECTED, COUNTED, 'trunk') },
          nothing: 'no calls',
          runbook: 'SipwhyTrunkFailing',
          calls: ofLine('trunk'),
        }),
        graph({
          title: 'ASR and NER',
          description:
            'Answer seizure and network effectiveness ratio over one hour: the share of attempts that were answered, and that reached the callee. Gaps: no calls.',
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
      title: 'How long do its callers wait?',
      panels: [
        graph({
          title: 'Time to ringing',
          description: `${WAIT_TEXT} first 18x; to the answer if no 18x came.`,
          unit: 's',
          span: 12,
          lines: waitLines('ringing'),
          nothing: NO_WAITS,
          runbook: 'SipwhySlowToRing',
          calls: ofLine('trunk'),
        }),
        graph({
          title: 'Time to the answer',
          description: `${WAIT_TEXT} answer. LiveKit answers once somebody in the room publishes audio.`,
          unit: 's',
          span: 12,
          lines: waitLines('answer'),
          nothing: NO_WAITS,
          runbook: 'SipwhySlowToAnswer',
          calls: ofLine('trunk'),
        }),
      ],
    },
    {
      title: 'Why they fail',
      panels: [
        graph({
          title: 'Failed calls by cause',
          description:
            'Each failed call counts once, for its main cause. A dot is one call and links to its explanation.',
          unit: 'short',
          span: 24,
          stacked: true,
          exemplars: true,
          lines: { '{{trunk}} {{cause}}': `${grown(FAILURES, 'trunk, cause')} > 0` },
          nothing: 'no failed calls',
          calls: ofLine('trunk', 'cause'),
        }),
        causesTable({
          title: 'Causes and fixes',
          description: 'Causes of failed calls, each with its fix. A call’s explanation has the exact change.',
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
          columns: { trunk: 'Trunk', name: 'Name', Value: 'Exists' },
          nothing: 'LiveKit’s configuration is unknown',
          calls: ofRow('trunk'),
        }),
        table({
          title: 'Audit findings',
          description: 'Problems in the configuration, even if no call has failed because of them yet.',
          unit: 'short',
          span: 8,
          expr: `max by (trunk, finding, severity) (sipwhy_audit_findings{${TRUNK}}) > 0`,
          columns: { trunk: 'Trunk', severity: 'Severity', finding: 'Finding', Value: 'Count' },
          nothing: 'no findings',
          runbook: 'SipwhyAuditFindingCritical',
        }),
        graph({
          title: 'Changes',
          description:
            'Changes to the trunk or its dispatch rules. `none`: changes to rules without trunks. `sipwhy history` and sipwhy’s page show what changed.',
          unit: 'short',
          span: 8,
          stacked: true,
          lines: { '{{trunk}}': configurationChanges('trunk=~"none|$trunk"') },
        }),
      ],
    },
  ],
});
