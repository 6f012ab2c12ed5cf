import type { Logger } from 'pino';
import { trunksChanged } from '../core/trunks/difference.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import { Directory, type DirectoryEvents } from '../livekit/directory.ts';
import { sourceFrom, withPreparedIndexes } from '../livekit/source.ts';
import { Condition } from '../loop/condition.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Settings } from '../settings/settings.ts';
import type { Configurations } from '../store/configurations.ts';
import type { Audited } from './auditing.ts';
import type { ExpectedCalls } from './expectedCalls.ts';

interface ConfigurationEvents {
  /** After each reading, with the error if it failed. */
  onRefresh(error: Error | undefined): void;
  /** After each successful reading, whether or not anything changed. */
  onRead(): void;
  /** When the configuration changed. `since` is the time of the reading before, in epoch milliseconds. */
  onChanged(since: number): void;
}

interface ConfigurationParts {
  readonly settings: Settings;
  readonly versions: Configurations;
  auditOf(snapshot: Snapshot): Promise<Audited>;
  readonly expected: ExpectedCalls | undefined;
  readonly metrics: Pick<Metrics, 'calls' | 'liveKit' | 'store'>;
  readonly logger: Logger;
  /** Epoch milliseconds. */
  now(): number;
  readonly events: ConfigurationEvents;
}

/**
 * Builds the directory of LiveKit's trunks and rules, and reports each reading to the metrics and the log. Returns
 * `undefined` if the settings name neither an API nor a file.
 */
export function followConfiguration({
  settings,
  versions,
  auditOf,
  expected,
  metrics,
  logger,
  now,
  events: { onRefresh, onRead, onChanged },
}: ConfigurationParts): Directory | undefined {
  const source = sourceFrom(settings.livekit);
  const condition = new Condition(
    logger,
    'cannot read LiveKit’s configuration: calls are diagnosed against the last one that was read, if any',
    'LiveKit’s configuration can be read again',
  );
  let before: Snapshot | undefined;
  const events: DirectoryEvents = {
    onRefresh(error, seconds) {
      metrics.liveKit.refreshed(seconds, error);
      onRefresh(error);
      // Their file may have changed, whether or not LiveKit answers.
      void expected?.settle();
      if (error) {
        condition.met(error);
      } else {
        condition.over();
        onRead();
      }
    },
    async onChange(snapshot, since) {
      metrics.calls.trunks(snapshot.trunks.map(({ sip_trunk_id }) => sip_trunk_id));
      metrics.liveKit.trunks(snapshot.trunks.map(({ sip_trunk_id, name }) => ({ sip_trunk_id, name })));
      if (before) metrics.liveKit.changed(trunksChanged(directory?.latest?.changes ?? [], before, snapshot));
      before = snapshot;
      logger.info(
        { trunks: snapshot.trunks.length, rules: snapshot.rules.length },
        'LiveKit’s configuration is loaded',
      );
      if (since !== undefined) onChanged(since);
      const { report } = await auditOf(snapshot);
      const counts = Map.groupBy(report.counts, ({ finding }) => finding);
      metrics.liveKit.findings(
        [...counts].map(([finding, ofFinding]) => ({
          finding,
          severity: ofFinding[0]?.severity ?? '',
          byTrunk: new Map(ofFinding.map(({ trunk, count }) => [trunk, count])),
        })),
      );
      for (const { finding, message } of report.errors)
        logger.error({ finding, error: message }, 'a finding of the audit failed');
      await expected?.configurationChanged(snapshot);
    },
    onHistoryError(error) {
      metrics.store.failed('history');
      logger.warn(
        { error: error.message },
        'could not read or write the history of LiveKit’s configuration in the store',
      );
    },
  };
  const prepared = source && withPreparedIndexes(source, settings.site);
  const { refreshSeconds } = settings.livekit;
  const directory = prepared && new Directory({ source: prepared, refreshSeconds, now, events, history: versions });
  return directory;
}
