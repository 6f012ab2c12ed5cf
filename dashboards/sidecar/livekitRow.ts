import type { Row } from '../dashboard.ts';
import { graph, table } from '../panels.ts';
import { ALL, grown, quantile } from '../selector.ts';

const NO_PROBE = 'nothing is probed: see PROBE_TARGETS';

export const LIVEKIT: Row = {
  title: 'LiveKit: its configuration, its webhooks, its SIP service',
  panels: [
    graph({
      title: 'Refreshes of the LiveKit snapshot',
      description: 'By result. Diagnoses go on with the last snapshot while they fail, and say so.',
      unit: 'short',
      span: 8,
      stacked: true,
      lines: { '{{result}}': grown(`sipwhy_livekit_refreshes_total{${ALL}}`, 'result') },
      runbook: 'SipwhySnapshotStale',
    }),
    graph({
      title: 'Age of the snapshot',
      description: 'It should stay below the interval, give or take a refresh; three intervals are an alert.',
      unit: 's',
      span: 8,
      lines: {
        '{{instance}}': `max by (instance) (sipwhy_livekit_snapshot_age_seconds{${ALL}})`,
        interval: `max (sipwhy_livekit_refresh_interval_seconds{${ALL}})`,
      },
      nothing: 'nothing says from where LiveKit’s configuration is read',
      runbook: 'SipwhySnapshotStale',
    }),
    graph({
      title: 'Duration of a refresh',
      description: '99 of 100 readings of LiveKit’s trunks and dispatch rules took at most this long.',
      unit: 's',
      span: 4,
      lines: { '99 of 100': quantile(0.99, 'sipwhy_livekit_refresh_seconds') },
      nothing: 'nothing was read in this time',
    }),
    graph({
      title: 'Participants joined to legs',
      description:
        'SIP participants of LiveKit’s webhooks, by whether their leg was found. Many `unmatched` mean that they are of other calls than Jambonz’s.',
      unit: 'short',
      span: 4,
      stacked: true,
      lines: { '{{result}}': grown(`sipwhy_livekit_participants_total{${ALL}}`, 'result') },
    }),
    graph({
      title: 'Probe: is it well, does it answer?',
      description:
        'Well: every address of the target answers SIP, with its certificate in order. Answers: any does. 1 or 0.',
      unit: 'none',
      span: 8,
      lines: {
        'well: {{target}}': `max by (target) (sipwhy_probe_success{${ALL}})`,
        'answers: {{target}}': `max by (target) (sipwhy_probe_reachable{${ALL}})`,
      },
      nothing: NO_PROBE,
      runbook: 'SipwhyProbeDown',
    }),
    graph({
      title: 'Probe: in trouble',
      description: 'Probes that failed, by target and first reason.',
      unit: 'short',
      span: 8,
      stacked: true,
      lines: { '{{target}} {{reason}}': `${grown(`sipwhy_probe_failures_total{${ALL}}`, 'target, reason')} > 0` },
      nothing: 'none in this time',
      runbook: 'SipwhyProbeDegraded',
    }),
    graph({
      title: 'Probe: duration by phase',
      description:
        'Of the last probe, of the slowest address and the slowest instance; 0 for a phase that was not reached.',
      unit: 's',
      span: 8,
      stacked: true,
      lines: { '{{target}} {{phase}}': `max by (target, phase) (sipwhy_probe_duration_seconds{${ALL}})` },
      nothing: NO_PROBE,
    }),
    table({
      title: 'Probe: last answer',
      description: 'The SIP status of the last answer to OPTIONS, by instance; 0 for none.',
      unit: 'none',
      span: 12,
      expr: `max by (target, instance) (sipwhy_probe_sip_status_code{${ALL}})`,
      columns: { target: 'Target', instance: 'Asked by', Value: 'Status' },
      nothing: NO_PROBE,
      runbook: 'SipwhyProbeDown',
    }),
    table({
      title: 'Certificates',
      description:
        'How long the certificate of each target over TLS, or the first of its issuers’ to expire, is still valid.',
      unit: 's',
      span: 12,
      expr: `sort(min by (target) (sipwhy_probe_ssl_earliest_cert_expiry{${ALL}}) - time())`,
      columns: { target: 'Target', Value: 'Expires in' },
      nothing: 'no target over TLS',
      runbook: 'SipwhyCertificateExpiring',
    }),
  ],
};
