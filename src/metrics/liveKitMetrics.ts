import { FINDINGS } from '../core/audit/findings.ts';
import type { InboundTrunk } from '../core/trunks/snapshot.ts';
import { counter, gauge, histogram, type MetricRegistry, observed } from './instruments.ts';
import type { SeriesLimits } from './seriesLimits.ts';

/** Read at each scrape; `undefined` if no source of LiveKit's configuration is set. */
export interface SnapshotState {
  readonly ageSeconds: number | undefined;
  readonly refreshIntervalSeconds: number | undefined;
}

interface FindingCount {
  readonly finding: string;
  readonly severity: string;
  readonly trunk: string;
  readonly count: number;
}

/** LiveKit's configuration: reading it, its trunks, its changes, and the findings of its audit. */
export class LiveKitMetrics {
  readonly #limits: SeriesLimits;
  readonly #refreshes;
  readonly #refreshSeconds;
  readonly #changes;
  readonly #trunkInfo;
  readonly #findings;

  constructor(registry: MetricRegistry, limits: SeriesLimits, state: () => SnapshotState) {
    const trunk = limits.trunks;
    this.#limits = limits;
    observed(
      registry,
      'sipwhy_livekit_snapshot_age_seconds',
      'Time since LiveKit’s configuration was last read. Absent until the first read.',
      () => state().ageSeconds,
    );
    observed(
      registry,
      'sipwhy_livekit_refresh_interval_seconds',
      'Interval at which LiveKit’s configuration is read. Absent if no source is set.',
      () => state().refreshIntervalSeconds,
    );
    this.#refreshes = counter(
      registry,
      'sipwhy_livekit_refreshes_total',
      'Attempts to read LiveKit’s trunks and dispatch rules, by result.',
      [{ result: ['ok', 'failed'] }],
    );
    this.#refreshSeconds = histogram(
      registry,
      'sipwhy_livekit_refresh_seconds',
      'Duration of an attempt to read LiveKit’s trunks and dispatch rules.',
      [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    );
    this.#changes = counter(
      registry,
      'sipwhy_livekit_changes_total',
      'Changes to a LiveKit trunk or to its dispatch rules, by trunk.',
      [{ trunk }],
    );
    this.#trunkInfo = gauge(registry, 'sipwhy_trunk_info', 'Name of each LiveKit inbound trunk. Always 1.', [
      { trunk, name: { what: 'the trunk’s name', atMost: 1 } },
    ]);
    this.#findings = gauge(
      registry,
      'sipwhy_audit_findings',
      'Current findings of the audit of LiveKit’s configuration.',
      FINDINGS.map(({ id, severity }) => ({ finding: [id], severity: [severity], trunk })),
    );
    this.#changes.inc({ trunk: 'none' }, 0);
    this.findings([]);
  }

  refreshed(seconds: number, error: Error | undefined): void {
    this.#refreshes.inc({ result: error ? 'failed' : 'ok' });
    this.#refreshSeconds.observe(seconds);
  }

  trunks(trunks: readonly Pick<InboundTrunk, 'sip_trunk_id' | 'name'>[]): void {
    this.#trunkInfo.reset();
    for (const { sip_trunk_id, name } of trunks) {
      const trunk = this.#limits.trunks.in('sipwhy_trunk_info', sip_trunk_id);
      if (trunk === sip_trunk_id) this.#trunkInfo.set({ trunk, name }, 1);
      else this.#trunkInfo.set({ trunk, name: 'trunks beyond METRICS_TRUNK_LIMIT' }, 1);
      this.#changes.inc({ trunk }, 0);
    }
  }

  /** Counts a configuration change once for each trunk it affects; `none` for a rule without trunks. */
  changed(trunks: Iterable<string>): void {
    for (const trunk of trunks) {
      this.#changes.inc({ trunk: this.#limits.trunks.in('sipwhy_livekit_changes_total', trunk) });
    }
  }

  findings(counts: readonly FindingCount[]): void {
    this.#findings.reset();
    for (const { id, severity } of FINDINGS) this.#findings.set({ finding: id, severity, trunk: 'none' }, 0);
    for (const { count, finding, severity, trunk } of counts) {
      this.#findings.inc({ finding, severity, trunk: this.#limits.trunks.in('sipwhy_audit_findings', trunk) }, count);
    }
  }
}
