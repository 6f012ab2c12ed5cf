import { counter, type MetricRegistry } from './instruments.ts';

/** `request`: a handler of a request threw. `door`, `engine`: a socket, timer or callback of that thread did. */
const WHERE = ['request', 'door', 'engine'] as const;

/** Errors that are defects of sipwhy. */
export class ErrorMetrics {
  readonly #errors;

  constructor(registry: MetricRegistry) {
    this.#errors = counter(
      registry,
      'sipwhy_internal_errors_total',
      'Errors that nothing expected: while answering a request, or in a socket, timer or callback of the door or the engine. None stops the service.',
      [{ where: WHERE }],
    );
  }

  internal(where: (typeof WHERE)[number]): void {
    this.#errors.inc({ where });
  }
}
