import { counter, type MetricRegistry } from './instruments.ts';

const SHED = ['api', 'page'] as const;

/** Requests of people and programs, beside webhooks. */
export class HttpMetrics {
  readonly #shed;

  constructor(registry: MetricRegistry) {
    this.#shed = counter(
      registry,
      'sipwhy_requests_shed_total',
      'Requests of the API and of the page that were refused with a 503 while the process was overloaded, so that webhooks are taken.',
      [{ route: SHED }],
    );
  }

  shed(route: (typeof SHED)[number]): void {
    this.#shed.inc({ route });
  }
}
