import type { Row } from '../dashboard.ts';
import { graph } from '../panels.ts';
import { ALL, grown, quantile } from '../selector.ts';

export const STORE: Row = {
  title: 'Journal and store',
  panels: [
    graph({
      title: 'Journal commit',
      description: 'How long a durable write takes. A webhook is answered only after it.',
      unit: 's',
      span: 8,
      lines: {
        median: quantile(0.5, 'sipwhy_journal_commit_seconds'),
        '99 of 100': quantile(0.99, 'sipwhy_journal_commit_seconds'),
      },
      nothing: 'nothing written in this time',
      runbook: 'SipwhyJournalSlow',
    }),
    graph({
      title: 'Failures of the store',
      description: 'By task. While the store fails, calls are not diagnosed and webhooks wait in the journal.',
      unit: 'short',
      span: 8,
      stacked: true,
      lines: { '{{task}}': grown(`sipwhy_store_failures_total{${ALL}}`, 'task') },
      runbook: 'SipwhyStoreDown',
    }),
    graph({
      title: 'Size of the store',
      description:
        'What is kept takes up so many bytes. Retention by size deletes the oldest calls beyond RETENTION_MAX_MB.',
      unit: 'bytes',
      span: 8,
      lines: { '{{instance}}': `max by (instance) (sipwhy_store_size_bytes{${ALL}})` },
      nothing: 'not measured yet',
    }),
    graph({
      title: 'Journal not in the store yet',
      description: 'Size of the webhooks on the disk of each instance that the store does not have yet.',
      unit: 'bytes',
      span: 5,
      lines: { '{{instance}}': `max by (instance) (sipwhy_journal_backlog_bytes{${ALL}})` },
      runbook: 'SipwhyJournalBehind',
    }),
    graph({
      title: 'Oldest webhook not in the store yet',
      description: 'How long it has waited. Calls are diagnosed that late.',
      unit: 's',
      span: 5,
      lines: { '{{instance}}': `max by (instance) (sipwhy_journal_oldest_event_age_seconds{${ALL}})` },
      runbook: 'SipwhyJournalBehind',
    }),
    graph({
      title: 'Journal to store',
      description:
        'Webhooks read from the journal, by result. `known`: the store had it, because the process ended between the two steps.',
      unit: 'short',
      span: 5,
      stacked: true,
      lines: { '{{result}}': grown(`sipwhy_journal_fed_total{${ALL}}`, 'result') },
    }),
    graph({
      title: 'Webhooks not readable or refused',
      description: 'Webhooks that the store refused, and damaged bytes of the journal. Both should be 0.',
      unit: 'short',
      span: 5,
      lines: {
        '{{instance}} refused': `max by (instance) (sipwhy_journal_set_aside_events{${ALL}})`,
        '{{instance}} damaged bytes': grown(`sipwhy_journal_damaged_bytes_total{${ALL}}`, 'instance'),
      },
      runbook: 'SipwhyJournalSetAside',
    }),
    graph({
      title: 'Calls deleted',
      description: 'For their age or for the size of the store, by how they ended.',
      unit: 'short',
      span: 4,
      stacked: true,
      lines: { '{{outcome}}': grown(`sipwhy_retention_deleted_calls_total{${ALL}}`, 'outcome') },
    }),
  ],
};
