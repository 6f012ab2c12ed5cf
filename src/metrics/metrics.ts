import { pause } from '../loop/slices.ts';
import { CallMetrics } from './callMetrics.ts';
import { DoorMetrics, ErrorMetrics } from './doorMetrics.ts';
import { ExpectedMetrics } from './expectedMetrics.ts';
import { ForwardMetrics } from './forwardMetrics.ts';
import { IncidentMetrics } from './incidentMetrics.ts';
import { gauge, MetricRegistry, observed } from './instruments.ts';
import { type Backlog, JournalMetrics } from './journalMetrics.ts';
import { LiveKitMetrics, type SnapshotState } from './liveKitMetrics.ts';
import { OPENMETRICS_END, OPENMETRICS_TYPE, toOpenMetrics } from './openMetrics.ts';
import { PredictionMetrics } from './predictionMetrics.ts';
import { ProbeMetrics } from './probeMetrics.ts';
import { SeriesLimits } from './seriesLimits.ts';
import { observeProcess, StoreMetrics } from './storeMetrics.ts';
import { HttpMetrics, SocketMetrics, WebhookMetrics } from './webhookMetrics.ts';

interface MetricsOptions {
  readonly version: string;
  /** Trunks beyond this number are counted as `other`. */
  readonly trunkLimit: number;
  /** The probe's phases and failure reasons. */
  readonly probe: { readonly phases: readonly string[]; readonly reasons: readonly string[] };
  /** Called at each scrape. */
  readonly observe: () => {
    readonly openCalls: number;
    readonly snapshot: SnapshotState;
    readonly backlog: Backlog;
    /** Events waiting to be forwarded; `undefined` if no status hook is set. */
    readonly forwardBacklog: number | undefined;
  };
}

/** All samples in one of Prometheus' formats. With thousands of trunks they are megabytes. */
interface Exposition {
  readonly contentType: string;
  readonly parts: readonly Buffer[];
}

/** Every exported metric, by area. Only this folder knows prom-client. */
export class Metrics {
  readonly calls: CallMetrics;
  readonly webhooks: WebhookMetrics;
  readonly sockets: SocketMetrics;
  readonly forward: ForwardMetrics;
  readonly store: StoreMetrics;
  readonly journal: JournalMetrics;
  readonly liveKit: LiveKitMetrics;
  readonly expected: ExpectedMetrics;
  readonly probes: ProbeMetrics;
  readonly incidents: IncidentMetrics;
  readonly predictions: PredictionMetrics;
  readonly http: HttpMetrics;
  readonly doors: DoorMetrics;
  readonly errors: ErrorMetrics;
  readonly #registry = new MetricRegistry();
  #rendered: Promise<unknown> = Promise.resolve();

  constructor({ version, trunkLimit, probe, observe }: MetricsOptions) {
    const registry = this.#registry;
    const limits = new SeriesLimits(registry, trunkLimit);
    this.calls = new CallMetrics(registry, limits);
    observed(registry, 'sipwhy_open_calls', 'Calls in progress or settled only recently.', () => observe().openCalls);
    this.webhooks = new WebhookMetrics(registry);
    this.sockets = new SocketMetrics(registry);
    this.forward = new ForwardMetrics(registry, () => observe().forwardBacklog);
    this.store = new StoreMetrics(registry);
    this.journal = new JournalMetrics(registry, () => observe().backlog);
    this.liveKit = new LiveKitMetrics(registry, limits, () => observe().snapshot);
    this.expected = new ExpectedMetrics(registry);
    this.probes = new ProbeMetrics(registry, probe.phases, probe.reasons);
    this.incidents = new IncidentMetrics(registry);
    this.predictions = new PredictionMetrics(registry);
    this.http = new HttpMetrics(registry);
    this.doors = new DoorMetrics(registry);
    this.errors = new ErrorMetrics(registry);
    gauge(registry, 'sipwhy_build_info', 'Running version. Always 1.', [{ version: [version] }]).set({ version }, 1);
    observeProcess(registry);
  }

  /** The declaration of each metric, for docs/metrics.md. */
  get described(): MetricRegistry['described'] {
    return this.#registry.described;
  }

  /** The exposition: in OpenMetrics with exemplars, or in Prometheus' text format. */
  render(format: 'openmetrics' | 'text'): Promise<Exposition> {
    // One after the other: the first of hundreds of scrapes are sent, and out of memory, when the last ones are rendered.
    const rendered = this.#rendered.then(() => this.#render(format));
    this.#rendered = rendered.catch(() => {});
    return rendered;
  }

  async #render(format: 'openmetrics' | 'text'): Promise<Exposition> {
    const isText = format === 'text';
    const parts: Buffer[] = [];
    for await (const part of this.#registry.parts()) {
      const text = isText ? part : toOpenMetrics(part, (sample) => this.calls.exemplars.get(sample));
      parts.push(Buffer.from(`${text}\n`));
      await pause();
    }
    if (!isText) parts.push(Buffer.from(`${OPENMETRICS_END}\n`));
    return { contentType: isText ? this.#registry.contentType : OPENMETRICS_TYPE, parts };
  }
}
