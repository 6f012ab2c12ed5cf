import type { Row } from '../dashboard.ts';
import { graph } from '../panels.ts';
import { ALL, grown, quantile } from '../selector.ts';

export const FORWARDS: Row = {
  title: 'Passed on to the operator’s application',
  panels: [
    graph({
      title: 'Forwards by result',
      description: 'A dial hook that is not ok was answered with the fallback; a call status is tried again for a day.',
      unit: 'short',
      span: 8,
      stacked: true,
      lines: { '{{target}} {{result}}': grown(`sipwhy_forward_requests_total{${ALL}}`, 'target, result') },
      runbook: 'SipwhyDialForwardFailing',
    }),
    graph({
      title: 'How long the application takes',
      description: '99 of 100 answers come within it. A dial hook keeps a caller waiting in silence.',
      unit: 's',
      span: 8,
      lines: { '{{target}}': quantile(0.99, 'sipwhy_forward_duration_seconds', 'target') },
      nothing: 'nothing passed on in this time',
      runbook: 'SipwhyDialForwardFailing',
    }),
    graph({
      title: 'Statuses that wait for the application',
      description: 'They are passed on in order, later than the application expects.',
      unit: 'short',
      span: 8,
      lines: { '{{instance}}': `max by (instance) (sipwhy_forward_backlog_events{${ALL}})` },
      nothing: 'CALL_STATUS_FORWARD_URL is not set',
      runbook: 'SipwhyForwardBehind',
    }),
    graph({
      title: 'Left alone',
      description: '1 while the application was silent so often that it is not asked.',
      unit: 'none',
      span: 6,
      lines: { '{{instance}} {{target}}': `max by (instance, target) (sipwhy_forward_circuit_open{${ALL}})` },
      runbook: 'SipwhyDialForwardFailing',
    }),
    graph({
      title: 'Statuses given up',
      description: 'rejected: the application answered 4xx. expired: they waited for a day.',
      unit: 'short',
      span: 6,
      stacked: true,
      lines: { '{{reason}}': grown(`sipwhy_forward_given_up_events_total{${ALL}}`, 'reason') },
      runbook: 'SipwhyForwardGivenUp',
    }),
    graph({
      title: 'Dial hooks answered before the disk',
      description: 'The application’s verbs were returned before the event was on disk, since the disk was slow.',
      unit: 'short',
      span: 6,
      stacked: true,
      lines: { '{{instance}}': grown(`sipwhy_dial_answers_before_journal_total{${ALL}}`, 'instance') },
      runbook: 'SipwhyJournalSlow',
    }),
    graph({
      title: 'Told of incidents',
      description: 'Tries to tell INCIDENT_WEBHOOK_URL of incidents, by what became of them.',
      unit: 'short',
      span: 6,
      stacked: true,
      lines: { '{{result}}': grown(`sipwhy_incident_notifications_total{${ALL}}`, 'result') },
    }),
  ],
};
