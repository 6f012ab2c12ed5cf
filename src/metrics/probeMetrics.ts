import { counter, gauge, type MetricRegistry } from './instruments.ts';

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

/** As far as the documentation is concerned; an operator with more targets knows what they cost. */
const TARGET = { what: 'the targets of PROBE_TARGETS or LIVEKIT_SIP_HOST', atMost: 10 };

/** Metrics of the probe, in the manner of blackbox_exporter. */
export class ProbeMetrics {
  readonly #success;
  readonly #reachable;
  readonly #duration;
  readonly #expiry;
  readonly #status;
  readonly #failures;
  readonly #reasons: readonly string[];

  /** `phases` and `reasons` are the probe's own lists. */
  constructor(registry: MetricRegistry, phases: readonly string[], reasons: readonly string[]) {
    this.#success = gauge(
      registry,
      'sipwhy_probe_success',
      'Whether every address of the target answered SIP at the last probe, with its certificate in order.',
      [{ target: TARGET }],
    );
    this.#reachable = gauge(
      registry,
      'sipwhy_probe_reachable',
      'Whether any address of the target answered SIP at the last probe.',
      [{ target: TARGET }],
    );
    this.#duration = gauge(
      registry,
      'sipwhy_probe_duration_seconds',
      'Duration of the last probe by phase, of the slowest address; 0 for a phase that was not reached.',
      [{ target: TARGET, phase: phases }],
    );
    this.#expiry = gauge(
      registry,
      'sipwhy_probe_ssl_earliest_cert_expiry',
      'Earliest end of validity in the certificate chain, in Unix seconds.',
      [{ target: TARGET }],
    );
    this.#status = gauge(
      registry,
      'sipwhy_probe_sip_status_code',
      'SIP status of the last answer to OPTIONS; 0 for none.',
      [{ target: TARGET }],
    );
    this.#failures = counter(registry, 'sipwhy_probe_failures_total', 'Probes in trouble, by the first reason.', [
      { target: TARGET, reason: reasons },
    ]);
    this.#reasons = reasons;
  }

  /** Makes the series of a target, at zero; targets come from the configuration alone. */
  begin(target: string): void {
    for (const reason of this.#reasons) this.#failures.inc({ target, reason }, 0);
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
