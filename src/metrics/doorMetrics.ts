import { counter, type MetricRegistry } from './instruments.ts';

const DOORS = ['api', 'session', 'metrics'] as const;
const FAILURES = ['missing', 'wrong'] as const;
const REFUSALS = ['foreign_host', 'foreign_origin', 'rate', 'streams', 'sockets'] as const;

/** Requests that were refused before their route saw them. */
export class DoorMetrics {
  readonly #failures;
  readonly #refused;

  constructor(registry: MetricRegistry) {
    this.#failures = counter(
      registry,
      'sipwhy_auth_failures_total',
      'Requests without the right token, by door. For webhooks, see sipwhy_webhooks_total.',
      [{ door: DOORS, reason: FAILURES }],
    );
    this.#refused = counter(
      registry,
      'sipwhy_requests_refused_total',
      'Requests refused because of their Host (foreign_host), because another website sent them (foreign_origin), or because there were too many (rate, streams, sockets).',
      [{ reason: REFUSALS }],
    );
  }

  unauthorised(door: (typeof DOORS)[number], reason: (typeof FAILURES)[number]): void {
    this.#failures.inc({ door, reason });
  }

  refused(reason: (typeof REFUSALS)[number]): void {
    this.#refused.inc({ reason });
  }
}

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
