import type { Row } from '../dashboard.ts';
import { graph, table } from '../panels.ts';
import { ALL, grown } from '../selector.ts';

export const PROCESS: Row = {
  title: 'Process',
  panels: [
    graph({
      title: 'Event loop delay',
      description: 'Longest delay of the event loop since the last scrape. Webhooks and callers wait meanwhile.',
      unit: 's',
      span: 8,
      lines: { '{{instance}}': `max by (instance) (sipwhy_event_loop_delay_seconds{${ALL}})` },
      runbook: 'SipwhyRequestsShed',
    }),
    graph({
      title: 'CPU',
      description: 'CPU seconds per second. One thread can use at most 1.',
      unit: 'none',
      span: 8,
      lines: {
        '{{instance}}': `sum by (instance) (rate(sipwhy_process_cpu_seconds_total{${ALL}}[$__rate_interval]))`,
      },
    }),
    graph({
      title: 'Memory',
      description: 'Resident memory of the process.',
      unit: 'bytes',
      span: 8,
      lines: { '{{instance}}': `max by (instance) (sipwhy_process_resident_memory_bytes{${ALL}})` },
    }),
    graph({
      title: 'Requests refused during overload, by route',
      description: 'Requests to the page and the API refused with 503, to leave room for webhooks.',
      unit: 'short',
      span: 6,
      stacked: true,
      lines: { '{{route}}': grown(`sipwhy_requests_shed_total{${ALL}}`, 'route') },
      runbook: 'SipwhyRequestsShed',
    }),
    graph({
      title: 'Series overflow',
      description: 'Samples counted as `other` because the trunk or status limit was reached.',
      unit: 'short',
      span: 6,
      stacked: true,
      lines: { '{{metric}}': grown(`sipwhy_series_overflow_total{${ALL}}`, 'metric') },
      runbook: 'SipwhySeriesOverflow',
    }),
    graph({
      title: 'Internal errors',
      description: 'Errors that nothing expected. Each is a defect: please report it with the log.',
      unit: 'short',
      span: 6,
      stacked: true,
      lines: { '{{where}}': grown(`sipwhy_internal_errors_total{${ALL}}`, 'where') },
      runbook: 'SipwhyInternalErrors',
    }),
    graph({
      title: 'Open calls by instance',
      description: 'Calls in progress or settled only recently. If the number only rises, calls do not settle.',
      unit: 'short',
      span: 6,
      lines: { '{{instance}}': `sum by (instance) (sipwhy_open_calls{${ALL}})` },
    }),
    graph({
      title: 'Requests without the right token',
      description: 'By door. Many wrong ones in a row are somebody who guesses; their answers are delayed.',
      unit: 'short',
      span: 8,
      stacked: true,
      lines: { '{{door}} {{reason}}': grown(`sipwhy_auth_failures_total{${ALL}}`, 'door, reason') },
      runbook: 'SipwhyWrongTokens',
    }),
    graph({
      title: 'Requests refused at the door',
      description:
        'foreign_host: a name that is not in ALLOWED_HOSTS. foreign_origin: another website. The others: too many at once.',
      unit: 'short',
      span: 8,
      stacked: true,
      lines: { '{{reason}}': grown(`sipwhy_requests_refused_total{${ALL}}`, 'reason') },
      runbook: 'SipwhyRequestsRefused',
    }),
    table({
      title: 'Versions',
      description: 'Version and uptime of each instance.',
      unit: 's',
      span: 8,
      expr:
        `sum by (instance, version) (sipwhy_build_info{${ALL}}) * on (instance) group_left () ` +
        `(time() - max by (instance) (sipwhy_process_start_time_seconds{${ALL}}))`,
      columns: { instance: 'Instance', version: 'Version', Value: 'Uptime' },
      nothing: 'no instance',
      runbook: 'SipwhyDown',
    }),
  ],
};
