import type { Row } from '../dashboard.ts';
import { graph, table } from '../panels.ts';
import { ALL, grown } from '../selector.ts';

export const PROCESS: Row = {
  title: 'The process',
  panels: [
    graph({
      title: 'Event loop held up',
      description: 'How late work was begun since the last scrape. Webhooks wait meanwhile, and so does a caller.',
      unit: 's',
      span: 8,
      lines: { '{{instance}}': `max by (instance) (sipwhy_event_loop_delay_seconds{${ALL}})` },
      runbook: 'SipwhyRequestsShed',
    }),
    graph({
      title: 'CPU',
      description: 'Seconds of CPU time a second; the event loop cannot use more than 1.',
      unit: 'none',
      span: 8,
      lines: {
        '{{instance}}': `sum by (instance) (rate(sipwhy_process_cpu_seconds_total{${ALL}}[$__rate_interval]))`,
      },
    }),
    graph({
      title: 'Memory',
      description: 'That the process occupies.',
      unit: 'bytes',
      span: 8,
      lines: { '{{instance}}': `max by (instance) (sipwhy_process_resident_memory_bytes{${ALL}})` },
    }),
    graph({
      title: 'Requests shed by route',
      description: 'Requests of the page and the API that were refused with a 503, so that webhooks are taken.',
      unit: 'short',
      span: 6,
      stacked: true,
      lines: { '{{route}}': grown(`sipwhy_requests_shed_total{${ALL}}`, 'route') },
      runbook: 'SipwhyRequestsShed',
    }),
    graph({
      title: 'Series overflow',
      description: 'Samples counted as `other`, since their trunk or status would have been one series too many.',
      unit: 'short',
      span: 6,
      stacked: true,
      lines: { '{{metric}}': grown(`sipwhy_series_overflow_total{${ALL}}`, 'metric') },
      runbook: 'SipwhySeriesOverflow',
    }),
    graph({
      title: 'Open calls by instance',
      description:
        'Calls that are not settled yet, by instance. A number that only rises means that calls do not settle.',
      unit: 'short',
      span: 6,
      lines: { '{{instance}}': `sum by (instance) (sipwhy_open_calls{${ALL}})` },
    }),
    table({
      title: 'Versions',
      description: 'Which version each instance runs, and for how long.',
      unit: 's',
      span: 6,
      expr:
        `sum by (instance, version) (sipwhy_build_info{${ALL}}) * on (instance) group_left () ` +
        `(time() - max by (instance) (sipwhy_process_start_time_seconds{${ALL}}))`,
      columns: { instance: 'Instance', version: 'Version', Value: 'Running for' },
      nothing: 'no instance',
      runbook: 'SipwhyDown',
    }),
  ],
};
