import { alertRule, OF_SIDECAR, type RuleGroup, type Severity } from './rule.ts';

/** Refresh intervals after which diagnoses call the configuration stale (src/livekit/directory.ts). */
const STALE_INTERVALS = 3;

const snapshotStale = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhySnapshotStale',
  severity: 'ticket',
  // Where it was never read there is no age yet: then it is as old as the process.
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
    'Failed calls are judged against an old copy of LiveKit’s configuration, and diagnoses say so. Cause: LiveKit’s API ' +
    'does not answer, or refuses the key. Fix: the log names the error; LIVEKIT_API_KEY must be allowed to list SIP trunks.',
});

/** The reason that the probe gives most, as a part of a sentence. */
const PROBE_REASON =
  '{{ with query (printf `topk(1, sum by (reason) (increase(sipwhy_probe_failures_total{job=%q, target=%q}[15m])) > 0)` ' +
  '$labels.job $labels.target) }}{{ . | first | label "reason" }}{{ else }}see the runbook{{ end }}';

const probeDown = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyProbeDown',
  severity: 'page',
  // Where one replica gets an answer, the others have a trouble of their own.
  expr: 'max by (job, target) (sipwhy_probe_reachable) == 0',
  for: '2m',
  keepFiringFor: '2m',
  summary: 'Nobody answers SIP at {{ $labels.target }}',
  description:
    `No address of {{ $labels.target }} answers SIP, so calls to it fail before LiveKit sees them. Cause: ${PROBE_REASON}. ` +
    'Fix: `sipwhy probe {{ $labels.target }}` says at which step it ends (DNS, connection, certificate, SIP), and what ' +
    'that means.',
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
  summary: '{{ $labels.target }} answers SIP, but not as it should',
  description:
    `An address of {{ $labels.target }} does not answer, or its certificate is not in order: some calls fail, or will. Cause: ${PROBE_REASON}. ` +
    'Fix: `sipwhy probe {{ $labels.target }}` says which address, and why.',
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
      'An SBC that verifies it refuses the connection from then on, and every call over TLS fails. Cause: the certificate, ' +
      'or one that it was issued by, was not renewed. Fix: renew it where SIP over TLS ends, and have it loaded.',
  });
}

/** Is LiveKit there, and is it known as it is now? */
export const LIVEKIT_ALERTS: RuleGroup = {
  name: 'sipwhy.livekit',
  interval: '30s',
  rules: [snapshotStale, probeDown, probeDegraded, certificateExpiring('page', 3), certificateExpiring('ticket', 14)],
};
