import type { Row } from '../dashboard.ts';
import { graph } from '../panels.ts';
import { ALL, grown, quantile } from '../selector.ts';

const WITHOUT_POSTGRESQL = 'no spool: it is for PostgreSQL';

export const STORE: Row = {
  title: 'Store and spool',
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
      description:
        'By what was to be done. While it fails calls are not diagnosed; webhooks are refused or wait in the spool.',
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
      title: 'Waiting in the spool',
      description: 'Events on a replica’s disk that PostgreSQL does not have yet, and those that it refused.',
      unit: 'short',
      span: 8,
      lines: {
        '{{instance}}': `max by (instance) (sipwhy_spool_events{${ALL}})`,
        '{{instance}} refused by PostgreSQL': `max by (instance) (sipwhy_spool_set_aside_events{${ALL}})`,
      },
      nothing: WITHOUT_POSTGRESQL,
      runbook: 'SipwhySpoolSetAside',
    }),
    graph({
      title: 'Oldest event in the spool',
      description: 'How long it has waited for PostgreSQL; calls are diagnosed that late.',
      unit: 's',
      span: 8,
      lines: { '{{instance}}': `max by (instance) (sipwhy_spool_oldest_event_age_seconds{${ALL}})` },
      nothing: WITHOUT_POSTGRESQL,
      runbook: 'SipwhySpoolBehind',
    }),
    graph({
      title: 'Passed from the spool to PostgreSQL',
      description: 'By what became of it. `known` was there already: the replica had ended between the two steps.',
      unit: 'short',
      span: 4,
      stacked: true,
      lines: { '{{result}}': grown(`sipwhy_spool_drained_total{${ALL}}`, 'result') },
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
