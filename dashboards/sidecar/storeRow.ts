import type { Row } from '../dashboard.ts';
import { graph } from '../panels.ts';
import { ALL, grown, quantile } from '../selector.ts';

export const STORE: Row = {
  title: 'Journal and store',
  panels: [
    graph({
      title: 'Journal commit',
      description: 'Time of a durable write. A webhook is answered only after it.',
      unit: 's',
      span: 8,
      lines: {
        median: quantile(0.5, 'sipwhy_journal_commit_seconds'),
        p99: quantile(0.99, 'sipwhy_journal_commit_seconds'),
      },
      nothing: 'nothing written',
      runbook: 'SipwhyJournalSlow',
    }),
    graph({
      title: 'Store failures',
      description: 'By task. While the store fails, calls are not diagnosed and webhooks wait in the journal.',
      unit: 'short',
      span: 8,
      stacked: true,
      lines: { '{{task}}': grown(`sipwhy_store_failures_total{${ALL}}`, 'task') },
      runbook: 'SipwhyStoreDown',
    }),
    graph({
      title: 'Store size',
      description: 'Size of the stored data. Beyond RETENTION_MAX_MB the oldest calls are deleted.',
      unit: 'bytes',
      span: 8,
      lines: { '{{instance}}': `max by (instance) (sipwhy_store_size_bytes{${ALL}})` },
      nothing: 'not measured yet',
    }),
    graph({
      title: 'Journal not in the store yet',
      description: 'Size of the webhooks in each instance’s journal that are not in the store yet.',
      unit: 'bytes',
      span: 5,
      lines: { '{{instance}}': `max by (instance) (sipwhy_journal_backlog_bytes{${ALL}})` },
      runbook: 'SipwhyJournalBehind',
    }),
    graph({
      title: 'Oldest webhook not in the store yet',
      description: 'Age of the oldest waiting webhook. Calls are diagnosed that late.',
      unit: 's',
      span: 5,
      lines: { '{{instance}}': `max by (instance) (sipwhy_journal_oldest_event_age_seconds{${ALL}})` },
      runbook: 'SipwhyJournalBehind',
    }),
    graph({
      title: 'Journal to store',
      description:
        'Webhooks read from the journal, by result. known: the webhook was already in the store, for example after a crash.',
      unit: 'short',
      span: 5,
      stacked: true,
      lines: { '{{result}}': grown(`sipwhy_journal_fed_total{${ALL}}`, 'result') },
    }),
    graph({
      title: 'Webhooks refused by the store, and damage',
      description: 'Webhooks that the store refused, and unreadable bytes of the journal. Both should be 0.',
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
      description: 'Calls deleted because of their age or the store’s size, by outcome.',
      unit: 'short',
      span: 4,
      stacked: true,
      lines: { '{{outcome}}': grown(`sipwhy_retention_deleted_calls_total{${ALL}}`, 'outcome') },
    }),
  ],
};
