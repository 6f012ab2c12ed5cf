import { LIVEKIT_EVENTS } from '../core/call/livekitEvent.ts';
import { REFUSALS, type Refusal } from '../core/receive/verifyJambonz.ts';
import { LIVEKIT_REFUSALS, type LiveKitRefusal } from '../core/receive/verifyLiveKit.ts';
import { counter, gauge, histogram, type MetricRegistry } from './instruments.ts';

/** `store_busy`: webhooks arrived faster than they could be written to disk. */
const STORED = ['accepted', 'repeated', 'store_failed', 'store_busy'] as const;
const UNREAD = ['invalid', 'too_large'] as const;
/** `loop`: the webhook was forwarded, and came back to sipwhy. */
const NOT_TAKEN = ['loop'] as const;
/** WebSocket frames that are not a status or can't be read, and handshakes for another protocol. */
const OTHER_FRAMES = ['ignored', 'invalid', 'too_large', 'wrong_protocol'] as const;

/** The result of a webhook: a label value of `sipwhy_webhooks_total`. */
type WebhookResult =
  | (typeof STORED)[number]
  | (typeof UNREAD)[number]
  | (typeof NOT_TAKEN)[number]
  | (typeof OTHER_FRAMES)[number]
  | Refusal
  | LiveKitRefusal;

const HOOKS = ['call_status', 'dial_action', 'livekit'] as const;
type Hook = (typeof HOOKS)[number];

/** Received webhooks. */
export class WebhookMetrics {
  readonly #webhooks;
  readonly #seconds;

  constructor(registry: MetricRegistry) {
    this.#webhooks = counter(registry, 'sipwhy_webhooks_total', 'Webhooks received, by result.', [
      {
        source: ['jambonz'],
        event: ['call_status', 'dial_action'],
        result: [...STORED, ...UNREAD, ...NOT_TAKEN, ...REFUSALS],
      },
      { source: ['jambonz'], event: ['other'], result: OTHER_FRAMES },
      { source: ['livekit'], event: [...LIVEKIT_EVENTS, 'other'], result: STORED },
      // A refused webhook isn't parsed, so its event is unknown.
      { source: ['livekit'], event: ['other'], result: [...UNREAD, ...LIVEKIT_REFUSALS] },
    ]);
    this.#seconds = histogram(
      registry,
      'sipwhy_webhook_seconds',
      'Time from the arrival of a webhook to its answer, including the write to disk.',
      [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      [{ hook: HOOKS }],
    );
  }

  received(source: 'jambonz' | 'livekit', event: string, result: WebhookResult): void {
    this.#webhooks.inc({ source, event, result });
  }

  answered(hook: Hook, seconds: number): void {
    this.#seconds.observe({ hook }, seconds);
  }
}

const SHED = ['api', 'page'] as const;

/** Requests to the API and the page. */
export class HttpMetrics {
  readonly #shed;

  constructor(registry: MetricRegistry) {
    this.#shed = counter(
      registry,
      'sipwhy_requests_shed_total',
      'Requests to the API and the page refused with 503 during overload, to leave room for webhooks.',
      [{ route: SHED }],
    );
  }

  shed(route: (typeof SHED)[number]): void {
    this.#shed.inc({ route });
  }
}

/** Why a socket was closed. */
const CLOSES = ['peer', 'shutdown', 'store_failed', 'malformed', 'too_large', 'silent'] as const;

/** The WebSockets on which Jambonz reports call status. */
export class SocketMetrics {
  readonly #open;
  readonly #closes;

  constructor(registry: MetricRegistry) {
    this.#open = gauge(registry, 'sipwhy_websocket_connections', 'Open WebSockets from Jambonz.');
    this.#open.set(0);
    this.#closes = counter(
      registry,
      'sipwhy_websocket_closes_total',
      'WebSockets from Jambonz that were closed, by Jambonz (peer) or by sipwhy (any other reason).',
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
