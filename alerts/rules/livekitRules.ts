import { alertRule, OF_SIDECAR, type RuleGroup, type Severity } from './rule.ts';

/** Refresh intervals after which diagnoses call the configuration stale. */
const STALE_INTERVALS = 3;

const snapshotStale = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhySnapshotStale',
  severity: 'ticket',
  // Before the first read there is no age, so the age of the process is used.
  expr: `
max by (job) (
  (
    sipwhy_livekit_snapshot_age_seconds
    or on (job, instance)
    time() - sipwhy_process_start_time_seconds
  )
  > on (job, instance)
  ${STALE_INTERVALS} * sipwhy_livekit_refresh_interval_seconds
)
`,
  for: '5m',
  summary: 'LiveKit’s trunks and rules have not been read for {{ $value | humanizeDuration }}',
  description:
    'Failed calls are diagnosed with an old copy of LiveKit’s configuration, and their diagnoses say so. ' +
    'Cause: LiveKit’s API does not answer, or rejects the key. Owner: sipwhy’s operator. ' +
    'Fix: find the error in sipwhy’s log. LIVEKIT_API_KEY must be allowed to list SIP trunks.',
});

const expectedCallFails = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyExpectedCallFails',
  severity: 'ticket',
  // The replica that sees it fail may be the first to have read the change.
  expr: 'min by (job, name) (sipwhy_expected_call_ok) == 0',
  for: '2m',
  summary: 'The expected call “{{ $labels.name }}” would not do what EXPECTED_CALLS_FILE expects',
  description:
    'A call that must connect would be refused or end up elsewhere, or one that must be refused would connect. ' +
    'Cause: LiveKit’s trunks and rules, or the file, changed. Owner: LiveKit config. ' +
    'Fix: run `sipwhy test` with the file. It shows what was expected, what the call would do, and why.',
});

/** The most frequent reason of the probe, for use in a sentence. */
const PROBE_REASON =
  '{{ with query (printf `topk(1, sum by (reason) (increase(sipwhy_probe_failures_total{job=%q, target=%q}[15m])) > 0)` ' +
  '$labels.job $labels.target) }}{{ . | first | label "reason" }}{{ else }}see the runbook{{ end }}';

const probeDown = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyProbeDown',
  severity: 'page',
  // If one replica gets an answer, the problem is local to the others.
  expr: 'max by (job, target) (sipwhy_probe_reachable) == 0',
  for: '2m',
  keepFiringFor: '2m',
  summary: 'No SIP answer from {{ $labels.target }}',
  description:
    'No address of {{ $labels.target }} answers SIP, so calls to it fail before LiveKit sees them. ' +
    `Cause: ${PROBE_REASON}. Owner: network or livekit. ` +
    'Fix: run `sipwhy probe {{ $labels.target }}`. ' +
    'It shows the step that fails (DNS, connection, certificate, SIP) and what that means.',
  calls: { party: 'network,livekit' },
});

const probeDegraded = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyProbeDegraded',
  severity: 'ticket',
  expr: `
max by (job, target) (sipwhy_probe_success) == 0
and
max by (job, target) (sipwhy_probe_reachable) == 1
`,
  for: '10m',
  keepFiringFor: '5m',
  summary: 'SIP at {{ $labels.target }} is degraded',
  description:
    'An address of {{ $labels.target }} does not answer, or its certificate is not valid. ' +
    `Some calls fail, or will soon. Cause: ${PROBE_REASON}. Owner: network or livekit. ` +
    'Fix: run `sipwhy probe {{ $labels.target }}`. It shows which address, and why.',
});

const DAY_SECONDS = 86_400;

function certificateExpiring(severity: Severity, days: number): ReturnType<typeof alertRule> {
  return alertRule({
    ...OF_SIDECAR,
    alert: 'SipwhyCertificateExpiring',
    severity,
    expr: `min by (job, target) (sipwhy_probe_ssl_earliest_cert_expiry) - time() < ${days * DAY_SECONDS}`,
    for: '5m',
    summary:
      'The certificate of {{ $labels.target }} ' +
      '{{ if lt $value 0.0 }}has expired{{ else }}expires in {{ $value | humanizeDuration }}{{ end }}',
    description:
      'After it has expired, an SBC that verifies it refuses the connection, and every call over TLS fails. ' +
      'Cause: the certificate, or one of its issuers’ certificates, was not renewed. ' +
      'Owner: the operator of the SIP host. Fix: renew the certificate where SIP over TLS ends, and reload the server.',
  });
}

/** Alerts on LiveKit's SIP hosts and on the age of its configuration. */
export const LIVEKIT_ALERTS: RuleGroup = {
  name: 'sipwhy.livekit',
  interval: '30s',
  rules: [
    snapshotStale,
    expectedCallFails,
    probeDown,
    probeDegraded,
    certificateExpiring('page', 3),
    certificateExpiring('ticket', 14),
  ],
};
