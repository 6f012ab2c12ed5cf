import { setTimeout } from 'node:timers/promises';
import { ClientFault, type Environment, optionOr } from './clientFault.ts';
import { type Hook, HookQueue, type LossReason, type Lost } from './hookQueue.ts';
import { hookSender } from './hookRequest.ts';
import { hookHeaders } from './hookSignature.ts';

export interface ForwarderOptions {
  /** Address of sipwhy, such as `http://127.0.0.1:8080`. Default: `SIPWHY_URL`. */
  readonly url?: string;
  /** Signs as Jambonz does; several secrets are separated by commas. Default: `JAMBONZ_WEBHOOK_SECRET`. */
  readonly webhookSecret?: string;
  /** `user:password`. Default: `JAMBONZ_BASIC_AUTH`. */
  readonly basicAuth?: string;
  /** How long sipwhy may take to answer, in milliseconds: 100 to 30,000. Default: 2,000. */
  readonly timeoutMs?: number;
  /** Called for each webhook that is lost. Default: `console.warn`, at most once a minute. */
  readonly onLost?: (lost: Lost) => void;
  /** Default: `process.env`. */
  readonly env?: Environment;
}

export interface ForwarderCounts {
  /** Webhooks that sipwhy has acknowledged. */
  readonly delivered: number;
  /** Webhooks that wait to be sent or sent again. */
  readonly waiting: number;
  readonly lost: Readonly<Record<LossReason, number>>;
}

/** A session of `@jambonz/sdk` or `@jambonz/node-client-ws`. */
interface StatusSource {
  on(event: 'call:status', listener: (status: Record<string, unknown>) => void): unknown;
}

/** Forwards what Jambonz tells a WebSocket application. No method of it throws, and none waits for sipwhy but `close`. */
export interface Forwarder {
  /**
   * Forwards each `call:status` of a session from now on, or a single status: the data of a `call:status` event, or the whole
   * frame. Pass each session once, in `session:new` (and in `session:reconnect` with `@jambonz/node-client-ws`).
   */
  forwardStatus(sessionOrStatus: StatusSource | object): void;
  /** Forwards the data of a dial verb's action hook, or the whole frame. The application still answers the hook itself. */
  forwardDialAction(result: object): void;
  counts(): ForwarderCounts;
  /** Waits until everything is sent, for 2,000 ms by default. What then still waits is lost. */
  close(withinMs?: number): Promise<void>;
}

/** sipwhy refuses larger bodies. */
const LARGEST_BYTES = 256 * 1024;
const WARN_EVERY_MS = 60_000;

/** Throws `ClientFault` if an option is wrong, so call it when the application starts. */
export function sipwhyForwarder(options: ForwarderOptions = {}): Forwarder {
  const { env = process.env, timeoutMs = 2_000, onLost = warner() } = options;
  const url = urlOf(optionOr(options.url, env.SIPWHY_URL));
  if (!(timeoutMs >= 100 && timeoutMs <= 30_000))
    throw new ClientFault(`timeoutMs must be 100 to 30000, got ${timeoutMs}`);
  const basicAuth = optionOr(options.basicAuth, env.JAMBONZ_BASIC_AUTH);
  if (basicAuth !== undefined && !basicAuth.includes(':')) {
    throw new ClientFault('basicAuth (JAMBONZ_BASIC_AUTH) must have the form user:password');
  }
  const secrets = (optionOr(options.webhookSecret, env.JAMBONZ_WEBHOOK_SECRET) ?? '')
    .split(',')
    .map((one) => one.trim());
  const credentials = { secrets: secrets.filter((secret) => secret !== ''), basicAuth };

  const lost = { unreadable: 0, too_large: 0, queue_full: 0, rejected: 0, expired: 0, closed: 0 };
  const lose = (loss: Lost) => {
    lost[loss.reason] += 1;
    try {
      onLost(loss);
    } catch {
      // The application's own callback failed. The loss is counted, and the call must go on.
    }
  };
  const pause = (milliseconds: number, keepsRunning: boolean) =>
    setTimeout(milliseconds, undefined, { ref: keepsRunning });
  const queue = new HookQueue({ send: hookSender(url, timeoutMs), onLost: lose, now: Date.now, pause });

  const forward = (hook: Hook, message: object) => {
    const at = Date.now();
    const body = jsonOf(message);
    if (body === undefined) {
      lose({ hook, reason: 'unreadable', detail: 'it must be the object that Jambonz sent' });
    } else if (Buffer.byteLength(body) > LARGEST_BYTES) {
      lose({ hook, reason: 'too_large', detail: `it must not exceed ${LARGEST_BYTES} bytes` });
    } else {
      queue.add({ hook, body, headers: hookHeaders(body, credentials, at), at });
    }
  };
  const followed = new WeakSet<object>();
  return {
    forwardStatus(sessionOrStatus) {
      if (!isSource(sessionOrStatus)) {
        forward('call-status', sessionOrStatus);
      } else if (!followed.has(sessionOrStatus)) {
        followed.add(sessionOrStatus);
        sessionOrStatus.on('call:status', (status) => forward('call-status', status));
      }
    },
    forwardDialAction: (result) => forward('dial-action', result),
    counts: () => ({ delivered: queue.delivered, waiting: queue.size, lost: { ...lost } }),
    close: (withinMs = 2_000) => queue.close(withinMs),
  };
}

function urlOf(text: string | undefined): URL {
  if (text === undefined)
    throw new ClientFault('SIPWHY_URL must be set to the address of sipwhy, such as http://127.0.0.1:8080');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new ClientFault('url (SIPWHY_URL) must be an http:// or https:// URL, such as http://127.0.0.1:8080');
  }
  if (url.username !== '' || url.password !== '') {
    throw new ClientFault('url (SIPWHY_URL) must not contain credentials; pass basicAuth (JAMBONZ_BASIC_AUTH) instead');
  }
  url.search = '';
  url.hash = '';
  // Without the slash, the last part of the path would be replaced.
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function isSource(value: object): value is StatusSource {
  return typeof value === 'object' && value !== null && 'on' in value && typeof value.on === 'function';
}

/** The JSON of a message, without its frame; `undefined` if it is no object, or can't be written as JSON. */
function jsonOf(message: object): string | undefined {
  try {
    const { type, data } = message as { type?: unknown; data?: unknown };
    const isFrame = (type === 'call:status' || type === 'verb:hook') && typeof data === 'object';
    const json = JSON.stringify(isFrame ? data : message);
    return json.startsWith('{') ? json : undefined;
  } catch {
    return undefined;
  }
}

function warner(): (lost: Lost) => void {
  let quietUntil = 0;
  let unreported = 0;
  return ({ hook, reason, detail }) => {
    unreported += 1;
    const now = Date.now();
    if (now < quietUntil) return;
    console.warn(`sipwhy: ${unreported} lost webhooks, the last one of ${hook} (${reason}): ${detail}`);
    unreported = 0;
    quietUntil = now + WARN_EVERY_MS;
  };
}
