import { Metrics } from '../../../src/metrics/metrics.ts';

/** The metrics of a service of which nothing can be observed: for parts that only count. */
export function metricsAlone(): Metrics {
  return new Metrics({
    version: '0',
    trunkLimit: 10,
    probe: { phases: [], reasons: [] },
    observe: () => ({
      openCalls: 0,
      backlog: { bytes: 0, oldestReceivedAt: undefined, setAside: 0 },
      forwardBacklog: undefined,
      snapshot: { ageSeconds: undefined, refreshIntervalSeconds: undefined },
    }),
  });
}

/** What a scrape in Prometheus' text format gives. */
export async function scraped(metrics: Metrics): Promise<string> {
  const { parts } = await metrics.render('text');
  return Buffer.concat(parts).toString();
}
