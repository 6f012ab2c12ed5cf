import { setImmediate } from 'node:timers/promises';
import { atOnce } from '../core/atOnce.ts';
import { FINDINGS } from '../core/audit/findings.ts';
import type { InboundTrunk } from '../core/trunks/snapshot.ts';
import { inSlices } from '../loop/slices.ts';
import { counter, gauge, histogram, type MetricRegistry, observed } from './instruments.ts';
import type { SeriesLimits } from './seriesLimits.ts';

/** Read at each scrape; `undefined` if no source of LiveKit's configuration is set. */
export interface SnapshotState {
  readonly ageSeconds: number | undefined;
  readonly refreshIntervalSeconds: number | undefined;
}

/** A finding, and in how many places each trunk has it. A map is read from a message faster than a list of objects. */
interface FindingCounts {
  readonly finding: string;
  readonly severity: string;
  readonly byTrunk: ReadonlyMap<string, number>;
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
  /** Thousands of trunks are taken in slices, one list after another. */
  #turn: Promise<void> = Promise.resolve();
  /** What the last lists were: names by trunk, and findings. */
  #names = new Map<string, string>();
  #found: ReadonlyMap<string, FindingCount> = new Map();

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
    atOnce(this.#setFindings([]));
  }

  refreshed(seconds: number, error: Error | undefined): void {
    this.#refreshes.inc({ result: error ? 'failed' : 'ok' });
    this.#refreshSeconds.observe(seconds);
  }

  trunks(trunks: readonly Pick<InboundTrunk, 'sip_trunk_id' | 'name'>[]): void {
    this.#enqueue(this.#setTrunks(trunks));
  }

  /** Counts a configuration change once for each trunk it affects; `none` for a rule without trunks. */
  changed(trunks: Iterable<string>): void {
    this.#enqueue(this.#countChanges(trunks));
  }

  findings(counts: readonly FindingCounts[]): void {
    this.#enqueue(this.#setFindings(counts));
  }

  #enqueue(steps: Generator<void, void>): void {
    // The list came in a message that took a while to read.
    this.#turn = this.#turn.then(() => setImmediate()).then(() => inSlices(steps));
  }

  /** A scrape between two steps sees each trunk with its old name or with its new one. */
  *#setTrunks(trunks: readonly Pick<InboundTrunk, 'sip_trunk_id' | 'name'>[]): Generator<void, void> {
    const before = this.#names;
    this.#names = new Map();
    for (const { sip_trunk_id, name: given } of trunks) {
      const trunk = this.#limits.trunks.in('sipwhy_trunk_info', sip_trunk_id);
      const name = trunk === sip_trunk_id ? given : 'trunks beyond METRICS_TRUNK_LIMIT';
      const known = before.get(trunk);
      if (known !== undefined && known !== name) this.#trunkInfo.remove({ trunk, name: known });
      before.delete(trunk);
      this.#trunkInfo.set({ trunk, name }, 1);
      this.#names.set(trunk, name);
      this.#changes.inc({ trunk }, 0);
      yield;
    }
    for (const [trunk, name] of before) {
      this.#trunkInfo.remove({ trunk, name });
      yield;
    }
  }

  *#countChanges(trunks: Iterable<string>): Generator<void, void> {
    for (const trunk of trunks) {
      this.#changes.inc({ trunk: this.#limits.trunks.in('sipwhy_livekit_changes_total', trunk) });
      yield;
    }
  }

  *#setFindings(counts: readonly FindingCounts[]): Generator<void, void> {
    const now = new Map<string, FindingCount>();
    const add = (found: FindingCount) => {
      const key = `${found.finding} ${found.trunk}`;
      now.set(key, { ...found, count: found.count + (now.get(key)?.count ?? 0) });
    };
    for (const { id: finding, severity } of FINDINGS) add({ finding, severity, trunk: 'none', count: 0 });
    for (const { finding, severity, byTrunk } of counts) {
      for (const [trunk, count] of byTrunk) {
        add({ finding, severity, trunk: this.#limits.trunks.in('sipwhy_audit_findings', trunk), count });
        yield;
      }
    }
    for (const { count, ...labels } of now.values()) {
      this.#findings.set(labels, count);
      yield;
    }
    for (const [key, { finding, severity, trunk }] of this.#found) {
      if (!now.has(key)) this.#findings.remove({ finding, severity, trunk });
      yield;
    }
    this.#found = now;
  }
}
