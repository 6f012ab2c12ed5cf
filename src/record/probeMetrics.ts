import type { Counter, Gauge, Registry } from 'prom-client';
import { counter, gauge } from './instruments.ts';

/** What is recorded of a probe. Durations in seconds, by phase. */
export interface ProbeRecord {
  readonly healthy: boolean;
  readonly reachable: boolean;
  readonly reason: string | undefined;
  readonly sipStatus: number | undefined;
  /** Epoch seconds. */
  readonly certificateExpiresAt: number | undefined;
  readonly seconds: Readonly<Record<string, number>>;
}

/** Metrics of the probe, in the manner of blackbox_exporter. */
export class ProbeMetrics {
  readonly #success: Gauge<string>;
  readonly #reachable: Gauge<string>;
  readonly #duration: Gauge<string>;
  readonly #expiry: Gauge<string>;
  readonly #status: Gauge<string>;
  readonly #failures: Counter<string>;

  constructor(registry: Registry) {
    this.#success = gauge(
      registry,
      'sipwhy_probe_success',
      'Whether every address of the target answered SIP at the last probe, with its certificate in order.',
      ['target'],
    );
    this.#reachable = gauge(
      registry,
      'sipwhy_probe_reachable',
      'Whether any address of the target answered SIP at the last probe.',
      ['target'],
    );
    this.#duration = gauge(
      registry,
      'sipwhy_probe_duration_seconds',
      'Duration of the last probe by phase, of the slowest address; 0 for a phase that was not reached.',
      ['target', 'phase'],
    );
    this.#expiry = gauge(
      registry,
      'sipwhy_probe_ssl_earliest_cert_expiry',
      'Earliest end of validity in the certificate chain, in Unix seconds.',
      ['target'],
    );
    this.#status = gauge(
      registry,
      'sipwhy_probe_sip_status_code',
      'SIP status of the last answer to OPTIONS; 0 for none.',
      ['target'],
    );
    this.#failures = counter(registry, 'sipwhy_probe_failures_total', 'Probes in trouble, by the first reason.', [
      'target',
      'reason',
    ]);
  }

  /** Makes the series of a target, at zero; targets come from the configuration alone. */
  begin(target: string, reasons: readonly string[]): void {
    for (const reason of reasons) this.#failures.inc({ target, reason }, 0);
  }

  record(target: string, result: ProbeRecord): void {
    this.#success.set({ target }, Number(result.healthy));
    this.#reachable.set({ target }, Number(result.reachable));
    this.#status.set({ target }, result.sipStatus ?? 0);
    for (const [phase, seconds] of Object.entries(result.seconds)) this.#duration.set({ target, phase }, seconds);
    if (result.certificateExpiresAt === undefined) this.#expiry.remove({ target });
    else this.#expiry.set({ target }, result.certificateExpiresAt);
    if (result.reason !== undefined) this.#failures.inc({ target, reason: result.reason });
  }
}
