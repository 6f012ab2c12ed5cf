import { counter, gauge, type MetricRegistry } from './instruments.ts';

/** Why a socket was closed. */
const CLOSES = ['peer', 'shutdown', 'store_failed', 'malformed', 'too_large', 'silent'] as const;

/** The WebSockets on which Jambonz tells of its calls. */
export class SocketMetrics {
  readonly #open;
  readonly #closes;

  constructor(registry: MetricRegistry) {
    this.#open = gauge(registry, 'sipwhy_websocket_connections', 'WebSockets of Jambonz that are open.');
    this.#open.set(0);
    this.#closes = counter(
      registry,
      'sipwhy_websocket_closes_total',
      'WebSockets of Jambonz that were closed: by Jambonz (peer), or by sipwhy and why.',
      [{ reason: CLOSES }],
    );
  }

  opened(): void {
    this.#open.inc();
  }

  closed(reason: (typeof CLOSES)[number]): void {
    this.#open.dec();
    this.#closes.inc({ reason });
  }
}
