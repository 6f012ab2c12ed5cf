import type { Row } from '../dashboard.ts';
import { graph, table } from '../panels.ts';
import { ALL, grown, quantile } from '../selector.ts';

const NO_PROBE = 'nothing is probed: set PROBE_TARGETS';

export const LIVEKIT: Row = {
  title: 'LiveKit: configuration, webhooks and SIP service',
  panels: [
    graph({
      title: 'Reads of LiveKit’s configuration',
      description: 'By result. While they fail, diagnoses use the last snapshot and say so.',
      unit: 'short',
      span: 8,
      stacked: true,
      lines: { '{{result}}': grown(`sipwhy_livekit_refreshes_total{${ALL}}`, 'result') },
      runbook: 'SipwhySnapshotStale',
    }),
    graph({
      title: 'Age of the configuration snapshot',
      description: 'The age should stay near or below the interval. Three intervals fire an alert.',
      unit: 's',
      span: 8,
      lines: {
        '{{instance}}': `max by (instance) (sipwhy_livekit_snapshot_age_seconds{${ALL}})`,
        interval: `max (sipwhy_livekit_refresh_interval_seconds{${ALL}})`,
      },
      nothing: 'no source of LiveKit’s configuration is set',
      runbook: 'SipwhySnapshotStale',
    }),
    graph({
      title: 'Duration of a read',
      description: 'p99 of reads of LiveKit’s trunks and dispatch rules.',
      unit: 's',
      span: 4,
      lines: { p99: quantile(0.99, 'sipwhy_livekit_refresh_seconds') },
      nothing: 'no reads',
    }),
    graph({
      title: 'Participants matched to legs',
      description:
        'SIP participants in LiveKit’s webhooks, by whether their Jambonz leg was found. Many `unmatched` ones belong to calls that don’t come from Jambonz.',
      unit: 'short',
      span: 4,
      stacked: true,
      lines: { '{{result}}': grown(`sipwhy_livekit_participants_total{${ALL}}`, 'result') },
    }),
    graph({
      title: 'Expected calls',
      description: 'Calls of EXPECTED_CALLS_FILE that would do what it expects, and that would not.',
      unit: 'short',
      span: 12,
      stacked: true,
      lines: { '{{result}}': `max by (result) (sipwhy_expected_calls{${ALL}})` },
      nothing: 'EXPECTED_CALLS_FILE is not set',
      runbook: 'SipwhyExpectedCallFails',
    }),
    table({
      title: 'Expected calls that fail',
      description: 'Entries of EXPECTED_CALLS_FILE with a call that would not do what the file expects.',
      unit: 'none',
      span: 12,
      expr: `min by (name) (sipwhy_expected_call_ok{${ALL}}) == 0`,
      columns: { name: 'Call' },
      nothing: 'all pass, or EXPECTED_CALLS_FILE is not set',
      runbook: 'SipwhyExpectedCallFails',
    }),
    graph({
      title: 'Probe: healthy and reachable',
      description:
        'healthy: every address of the target answers SIP with a valid certificate. reachable: at least one answers. 1 or 0.',
      unit: 'none',
      span: 8,
      lines: {
        'healthy: {{target}}': `max by (target) (sipwhy_probe_success{${ALL}})`,
        'reachable: {{target}}': `max by (target) (sipwhy_probe_reachable{${ALL}})`,
      },
      nothing: NO_PROBE,
      runbook: 'SipwhyProbeDown',
    }),
    graph({
      title: 'Probe: failures',
      description: 'Probes that found a problem, by target and first reason.',
      unit: 'short',
      span: 8,
      stacked: true,
      lines: { '{{target}} {{reason}}': `${grown(`sipwhy_probe_failures_total{${ALL}}`, 'target, reason')} > 0` },
      nothing: 'no failures',
      runbook: 'SipwhyProbeDegraded',
    }),
    graph({
      title: 'Probe: duration by phase',
      description: 'Last probe, for the slowest address and instance. 0 for a phase that was not reached.',
      unit: 's',
      span: 8,
      stacked: true,
      lines: { '{{target}} {{phase}}': `max by (target, phase) (sipwhy_probe_duration_seconds{${ALL}})` },
      nothing: NO_PROBE,
    }),
    table({
      title: 'Probe: last answer',
      description: 'SIP status of the last answer to OPTIONS, by instance. 0 if there was no answer.',
      unit: 'none',
      span: 12,
      expr: `max by (target, instance) (sipwhy_probe_sip_status_code{${ALL}})`,
      columns: { target: 'Target', instance: 'Probed by', Value: 'Status' },
      nothing: NO_PROBE,
      runbook: 'SipwhyProbeDown',
    }),
    table({
      title: 'Certificates',
      description: 'Time until the first certificate in the chain of each TLS target expires.',
      unit: 's',
      span: 12,
      expr: `sort(min by (target) (sipwhy_probe_ssl_earliest_cert_expiry{${ALL}}) - time())`,
      columns: { target: 'Target', Value: 'Expires in' },
      nothing: 'no target over TLS',
      runbook: 'SipwhyCertificateExpiring',
    }),
  ],
};
