import type { Logger } from 'pino';
import { type AuditReport, countByTrunk } from '../core/audit/audit.ts';
import { trunksChanged } from '../core/trunks/difference.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import { Directory, type DirectoryEvents } from '../livekit/directory.ts';
import { preparing, sourceFrom } from '../livekit/source.ts';
import { Condition } from '../loop/condition.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Settings } from '../settings/settings.ts';
import type { Configurations } from '../store/configurations.ts';

export interface ConfigurationEvents {
  /** It was read, or could not be. */
  onRefresh(error: Error | undefined): void;
  /** It was read, and may be the same as before. */
  onRead(): void;
  /** It differs from that of the reading before, which was at a time in epoch milliseconds */
  onChanged(since: number): void;
}

/**
 * Puts together what reads LiveKit's trunks and rules, and tells metrics and log of it. `undefined` where the settings
 * name neither an API nor a file.
 */
export function followConfiguration(
  settings: Settings,
  versions: Configurations,
  auditOf: (snapshot: Snapshot) => AuditReport,
  metrics: Pick<Metrics, 'calls' | 'liveKit' | 'store'>,
  logger: Logger,
  now: () => number,
  { onRefresh, onRead, onChanged }: ConfigurationEvents,
): Directory | undefined {
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
      if (error) {
        condition.met(error);
      } else {
        condition.over();
        onRead();
      }
    },
    onChange(snapshot, since) {
      metrics.calls.trunks(snapshot.trunks.map(({ sip_trunk_id }) => sip_trunk_id));
      metrics.liveKit.trunks(snapshot.trunks);
      metrics.liveKit.findings(countByTrunk(auditOf(snapshot), snapshot));
      if (before) metrics.liveKit.changed(trunksChanged(before, snapshot));
      before = snapshot;
      logger.info(
        { trunks: snapshot.trunks.length, rules: snapshot.rules.length },
        'LiveKit’s configuration is loaded',
      );
      if (since !== undefined) onChanged(since);
    },
    onHistoryError(error) {
      metrics.store.failed('history');
      logger.warn(
        { error: error.message },
        'could not read or write the history of LiveKit’s configuration in the store',
      );
    },
  };
  const prepared = source && preparing(source, settings.site.strictAddresses);
  return prepared && new Directory(prepared, settings.livekit.refreshSeconds, now, events, versions);
}
