import { AWAITED, type Waits } from '../core/call/waits.ts';
import { counter, type MetricRegistry } from './instruments.ts';
import type { SeriesLimits } from './seriesLimits.ts';

/**
 * How long calls wait for ringing and for an answer, by trunk: a sum and a count, for means. Histograms by trunk would
 * have thousands of series.
 */
export class WaitMetrics {
  readonly #limits: SeriesLimits;
  readonly #seconds;
  readonly #waits;

  constructor(registry: MetricRegistry, limits: SeriesLimits) {
    this.#limits = limits;
    const sets = [{ trunk: limits.trunks, until: AWAITED }];
    this.#seconds = counter(
      registry,
      'sipwhy_call_wait_seconds_total',
      'Sum of the times from the INVITE of dialled legs to their first 18x (ringing) and to their answer (answer). A leg answered without an 18x rings when it is answered.',
      sets,
    );
    this.#waits = counter(
      registry,
      'sipwhy_call_waits_total',
      'Dialled legs whose time to the first 18x (ringing) or to the answer (answer) is in sipwhy_call_wait_seconds_total.',
      sets,
    );
  }

  attempt(trunk: string, waits: Waits): void {
    for (const until of AWAITED) {
      const seconds = waits[until];
      if (seconds === undefined) continue;
      const { trunks } = this.#limits;
      this.#seconds.inc({ trunk: trunks.in('sipwhy_call_wait_seconds_total', trunk), until }, seconds);
      this.#waits.inc({ trunk: trunks.in('sipwhy_call_waits_total', trunk), until });
    }
  }

  /** Starts the series of a trunk at zero. */
  atZero(trunk: string): void {
    for (const until of AWAITED) {
      this.#seconds.inc({ trunk, until }, 0);
      this.#waits.inc({ trunk, until }, 0);
    }
  }
}
