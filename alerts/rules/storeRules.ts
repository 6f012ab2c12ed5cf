import { alertRule, OF_SIDECAR, type RuleGroup, summedIncrease } from './rule.ts';

const storeFailing = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyStoreFailing',
  severity: 'page',
  expr: `${summedIncrease('sipwhy_webhooks_total{result="store_failed"}', ['job'], '5m')} > 0`,
  for: '30s',
  summary: 'Webhooks can’t be written to disk',
  description:
    '{{ $value | printf "%.0f" }} webhooks within 5 minutes were refused because they could not be written to disk. ' +
    'Jambonz resends them only if the hook’s URL asks for it. ' +
    'Cause: most likely a full or failing disk, or a deleted journal directory. Owner: sipwhy’s operator. ' +
    'Fix: free space on the disk; sipwhy then recovers by itself. If the directory is gone, restart sipwhy.',
});

const storeDown = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyStoreDown',
  severity: 'page',
  // Half of the samples, so that a store that flaps counts as down.
  expr: 'min by (job, instance) (avg_over_time(sipwhy_store_up[5m])) < 0.5',
  for: '2m',
  keepFiringFor: '5m',
  summary: 'The store of {{ $labels.instance }} fails',
  description:
    'Calls are not diagnosed meanwhile, so alerts about calls can’t fire. ' +
    'Webhooks wait in the local journal as long as its disk has room. ' +
    'Cause: the database is down, refuses the user, or has no room; or the SQLite file is locked, deleted, replaced or ' +
    'damaged. The log has one line that says which. Owner: sipwhy’s operator. ' +
    'Fix: restore the database of DATABASE_URL. The waiting webhooks then reach it by themselves. ' +
    'After the loss of a file, also restart sipwhy.',
});

const journalBehind = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyJournalBehind',
  severity: 'ticket',
  expr: 'max by (job, instance) (sipwhy_journal_oldest_event_age_seconds) > 120',
  for: '5m',
  keepFiringFor: '5m',
  summary: 'Webhooks wait for {{ $value | humanizeDuration }} to reach the store of {{ $labels.instance }}',
  description:
    '{{ range query (printf `sum(sipwhy_journal_backlog_bytes{job=%q, instance=%q})` $labels.job $labels.instance) }}' +
    '{{ .Value | humanize1024 }}B of webhooks are{{ else }}Webhooks are{{ end }} in the journal of {{ $labels.instance }} ' +
    'and not yet in its store. Nothing is lost, but their calls are diagnosed late. ' +
    'Cause: the store is down, full or too slow. Owner: sipwhy’s operator. ' +
    'Fix: restore the store, or make it faster. Do not delete the journal.',
});

const journalSetAside = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyJournalSetAside',
  severity: 'ticket',
  expr: 'max by (job, instance) (sipwhy_journal_set_aside_events) > 0',
  for: '1m',
  summary: 'The store of {{ $labels.instance }} refuses {{ $value | printf "%.0f" }} webhooks',
  description:
    'They are kept in the file set-aside in the journal of {{ $labels.instance }}, so that later webhooks still reach ' +
    'the store. Their calls may be explained only in part. ' +
    'Cause: the store does not accept their content, or its schema is not sipwhy’s. ' +
    'Owner: sipwhy’s operator. Fix: find the error in the log and report it. Each start tries them again.',
});

const journalSlow = alertRule({
  ...OF_SIDECAR,
  alert: 'SipwhyJournalSlow',
  severity: 'ticket',
  expr: `
histogram_quantile(0.99, sum by (job, le) (rate(sipwhy_journal_commit_seconds_bucket[10m]))) > 0.5
`,
  for: '10m',
  summary: 'The journal takes {{ $value | humanizeDuration }} to commit',
  description:
    'One commit in a hundred takes this long or longer. ' +
    'Webhooks are answered only after the commit, and a dial hook keeps a caller waiting in silence. ' +
    'Cause: a slow or busy disk. Owner: sipwhy’s operator. ' +
    'Fix: put the journal on its own fast disk.',
});

/** Alerts on the journal and the store. */
export const STORE_ALERTS: RuleGroup = {
  name: 'sipwhy.store',
  interval: '30s',
  rules: [storeFailing, storeDown, journalBehind, journalSetAside, journalSlow],
};
