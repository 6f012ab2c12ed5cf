import type { Logger } from 'pino';
import type { Metrics } from '../metrics/metrics.ts';
import type { ProbeRecord } from '../metrics/probeMetrics.ts';
import { probeTarget } from '../probe/probe.ts';
import { PHASES, type ProbeResult } from '../probe/probeResult.ts';
import { startSchedule } from '../probe/schedule.ts';
import { targetsFrom, uriOf } from '../probe/target.ts';
import type { Settings } from '../settings/settings.ts';

/** Probes the configured targets at their interval and records the results, until it is stopped. Calls `onResult` for each. */
export function startProbing(
  { probe }: Settings,
  metrics: Pick<Metrics, 'probes'>,
  logger: Logger,
  onResult: (result: ProbeResult) => void,
): { stop(): void } {
  const targets = targetsFrom({ probeTargets: probe.targets, sipHosts: probe.sipHosts });
  for (const target of targets) metrics.probes.begin(uriOf(target));
  return startSchedule({
    targets,
    intervalSeconds: probe.intervalSeconds,
    probe: (target, signal) => probeTarget(target, { signal }),
    onResult(result) {
      metrics.probes.record(result.target, recordOf(result));
      onResult(result);
    },
    onError: (error, target) => logger.error(error, `could not probe ${uriOf(target)}`),
  });
}

function recordOf({ healthy, reachable, reason, sipStatus, certificateExpiresAt, phases }: ProbeResult): ProbeRecord {
  const seconds = Object.fromEntries(PHASES.map((phase) => [phase, phases[phase] ?? 0]));
  return { healthy, reachable, reason, sipStatus, certificateExpiresAt, seconds };
}
