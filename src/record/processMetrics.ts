import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gauge, type MetricRegistry, observed, observedTotal } from './instruments.ts';

/** How finely, in milliseconds, the delay of the event loop is measured. */
const RESOLUTION_MS = 10;

/** The process itself. Standard metrics of Prometheus' client libraries, under this service's prefix. */
export function observeProcess(registry: MetricRegistry): void {
  const startedAt = Date.now() / 1000 - process.uptime();
  gauge(registry, 'sipwhy_process_start_time_seconds', 'When the process started, in Unix seconds.').set(startedAt);
  observed(registry, 'sipwhy_process_resident_memory_bytes', 'Memory that the process occupies.', () =>
    process.memoryUsage.rss(),
  );
  observedTotal(registry, 'sipwhy_process_cpu_seconds_total', 'Time on the CPU, user and system.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  observed(
    registry,
    'sipwhy_event_loop_delay_seconds',
    'How late work was begun since the last scrape: the longest time that the event loop was held up.',
    () => {
      // The measurement waits for its own timer, too.
      const seconds = Math.max(0, delay.max / 1e9 - RESOLUTION_MS / 1000);
      delay.reset();
      return seconds;
    },
  );
}
