import { summedIncrease } from './increase.ts';
import { alertRule, type RuleGroup } from './rule.ts';
import { webhooksSilent } from './silence.ts';

const SIDECAR = { scope: 'sidecar', dashboard: 'sipwhy-sidecar' } as const;

/** A caller whose words do not prove who it is; `bad_signature` alone may be a forger or a wrong secret. */
const UNPROVEN = [
  'missing_signature',
  'malformed_signature',
  'stale_signature',
  'bad_signature',
  'missing_credentials',
  'bad_credentials',
].join('|');

const down = alertRule({
  ...SIDECAR,
  alert: 'SipwhyDown',
  severity: 'page',
  // Neither `up` nor absent() serves: a target that is gone has no `up`, and absent() cannot say which job it was.
  expr: `
group by (job) (last_over_time(sipwhy_build_info[6h]))
unless
group by (job) (sipwhy_build_info)
`,
  for: '1m',
  summary: 'No instance of {{ $labels.job }} can be scraped',
  description:
    'No instance answers Prometheus. Jambonz does not repeat a webhook unless its URL asks for it, so calls of this time ' +
    'may stay unexplained; and a dial hook that is not answered leaves a caller in silence.',
});

const storeFailing = alertRule({
  ...SIDECAR,
  alert: 'SipwhyStoreFailing',
  severity: 'page',
  expr: `${summedIncrease('sipwhy_webhooks_total{result="store_failed"}', ['job'], '5m')} > 0`,
  for: '30s',
  summary: 'Webhooks cannot be stored',
  description:
    '{{ $value | printf "%.0f" }} webhooks within 5 minutes were refused because they could not be written to the store. ' +
    'Jambonz does not repeat them unless the hook’s URL asks for it.',
});

const REFUSED = `sum by (job, source) (increase(sipwhy_webhooks_total{result=~"${UNPROVEN}"}[5m]))`;

const webhooksRefused = alertRule({
  ...SIDECAR,
  alert: 'SipwhyWebhooksRefused',
  severity: 'page',
  expr: `
${REFUSED} >= 10
and
${REFUSED} / sum by (job, source) (increase(sipwhy_webhooks_total[5m])) >= 0.5
`,
  for: '2m',
  summary: 'Most webhooks of {{ $labels.source }} are refused',
  description:
    '{{ $value | printf "%.0f" }} webhooks of {{ $labels.source }} within 5 minutes had no valid signature or ' +
    'credentials, half of all or more: most likely the secret here is not the sender’s, and nothing is seen of its calls.',
});

const forgedWebhooks = alertRule({
  ...SIDECAR,
  alert: 'SipwhyForgedWebhooks',
  // Anybody who can reach the port can cause it, so it must not be able to wake anybody.
  severity: 'ticket',
  expr: `${summedIncrease('sipwhy_webhooks_total{result="bad_signature"}', ['job', 'source'], '15m')} >= 5`,
  for: '1m',
  keepFiringFor: '30m',
  summary: 'Webhooks as if from {{ $labels.source }} carry a false signature',
  description:
    '{{ $value | printf "%.0f" }} webhooks within 15 minutes carried a signature that the secret does not confirm. They ' +
    'were refused and change nothing. Somebody forges them, or one sender has another secret.',
});

const snapshotStale = alertRule({
  ...SIDECAR,
  alert: 'SipwhySnapshotStale',
  severity: 'ticket',
  expr: 'max by (job) (sipwhy_livekit_snapshot_age_seconds) > 900',
  for: '5m',
  summary: 'LiveKit’s trunks and rules have not been read for {{ $value | humanizeDuration }}',
  description:
    'Failed calls are judged against an old copy of LiveKit’s configuration, and diagnoses say so. LiveKit’s API does ' +
    'not answer, or refuses the key.',
});

const auditFindingCritical = alertRule({
  ...SIDECAR,
  alert: 'SipwhyAuditFindingCritical',
  severity: 'ticket',
  scope: 'trunk',
  dashboard: 'sipwhy-trunk',
  dashboardLabels: ['job', 'trunk'],
  expr: 'max by (job, finding, trunk) (sipwhy_audit_findings{severity="critical"}) > 0',
  for: '5m',
  summary: 'The audit of trunk {{ $labels.trunk }} found {{ $labels.finding }}',
  description:
    'LiveKit’s configuration has a critical fault: {{ $labels.finding }} on trunk {{ $labels.trunk }}. It stops calls, or ' +
    'lets in calls that it should refuse, whether or not one has come yet. `sipwhy audit` shows the change that removes it.',
});

const ruleErrors = alertRule({
  ...SIDECAR,
  alert: 'SipwhyRuleErrors',
  severity: 'ticket',
  expr: `${summedIncrease('sipwhy_rule_errors_total', ['job', 'cause'], '15m')} > 0`,
  for: '1m',
  keepFiringFor: '1h',
  summary: 'The rule of {{ $labels.cause }} throws',
  description:
    'The rule for {{ $labels.cause }} threw {{ $value | printf "%.0f" }} times within 15 minutes. Calls are diagnosed ' +
    'without it, so that cause may go unnamed. This is a defect of sipwhy: report it with the log line.',
});

const journalSlow = alertRule({
  ...SIDECAR,
  alert: 'SipwhyJournalSlow',
  severity: 'ticket',
  expr: `
histogram_quantile(0.99, sum by (job, le) (rate(sipwhy_journal_commit_seconds_bucket[10m]))) > 0.5
`,
  for: '10m',
  summary: 'The journal takes {{ $value | humanizeDuration }} to commit',
  description:
    'One commit in a hundred takes this long or longer. Webhooks are answered only after the commit, and a dial hook ' +
    'keeps a caller waiting in silence.',
});

export const SIDECAR_ALERTS: RuleGroup = {
  name: 'sipwhy.sidecar',
  interval: '30s',
  rules: [
    down,
    storeFailing,
    webhooksSilent,
    webhooksRefused,
    forgedWebhooks,
    snapshotStale,
    auditFindingCritical,
    ruleErrors,
    journalSlow,
  ],
};
