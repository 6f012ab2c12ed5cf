import { counter, gauge, type MetricRegistry } from './instruments.ts';

/** The result of a probe, for its metrics. */
export interface ProbeRecord {
  readonly healthy: boolean;
  readonly reachable: boolean;
  readonly reason: string | undefined;
  readonly sipStatus: number | undefined;
  /** Epoch seconds. */
  readonly certificateExpiresAt: number | undefined;
  /** Duration by phase. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** `atMost` is only an estimate for docs/metrics.md; the number of targets isn't limited. */
const TARGET = { what: 'the targets of PROBE_TARGETS or LIVEKIT_SIP_HOST', atMost: 10 };

/** Metrics of the probe, like those of blackbox_exporter. */
export class ProbeMetrics {
  readonly #success;
  readonly #reachable;
  readonly #duration;
  readonly #expiry;
  readonly #status;
  readonly #failures;
  readonly #reasons: readonly string[];

  /** `phases` and `reasons` are the probe's closed lists. */
  constructor(registry: MetricRegistry, phases: readonly string[], reasons: readonly string[]) {
    this.#success = gauge(
      registry,
      'sipwhy_probe_success',
      'Whether every address of the target answered SIP with a valid certificate at the last probe.',
      [{ target: TARGET }],
    );
    this.#reachable = gauge(
      registry,
      'sipwhy_probe_reachable',
      'Whether at least one address of the target answered SIP at the last probe.',
      [{ target: TARGET }],
    );
    this.#duration = gauge(
      registry,
      'sipwhy_probe_duration_seconds',
      'Duration of the last probe’s slowest address, by phase. 0 for a phase that was not reached.',
      [{ target: TARGET, phase: phases }],
    );
    this.#expiry = gauge(
      registry,
      'sipwhy_probe_ssl_earliest_cert_expiry',
      'Earliest expiry in the target’s certificate chains, in Unix seconds.',
      [{ target: TARGET }],
    );
    this.#status = gauge(
      registry,
      'sipwhy_probe_sip_status_code',
      'SIP status of the last answer to OPTIONS. 0 if there was no answer.',
      [{ target: TARGET }],
    );
    this.#failures = counter(
      registry,
      'sipwhy_probe_failures_total',
      'Probes that found a problem, by the first reason.',
      [{ target: TARGET, reason: reasons }],
    );
    this.#reasons = reasons;
  }

  /** Starts the series of a target at zero. Targets come only from the configuration. */
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
