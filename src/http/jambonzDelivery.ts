import type { FastifyReply, FastifyRequest } from 'fastify';
import { type JambonzHook, jsonOfQuery, parseBody, readKeys } from '../core/receive/jambonzWebhook.ts';
import { keptJambonzBody } from '../core/receive/keptBody.ts';
import { type Delivery, momentOf, type Refusal, verify, type WebhookTrust } from '../core/receive/verifyJambonz.ts';
import { type Fingerprint, fingerprint, type TakeResult, type Webhook } from '../core/receive/webhook.ts';
import { webhookId } from '../core/receive/webhookId.ts';
import { isForwarded } from './door/origins.ts';
import { sendInvalid, sendProblem } from './problem.ts';
import { bodyOf } from './rawBodies.ts';
import type { ProblemField } from './validation.ts';

type WebhookOutcome =
  | 'accepted'
  | 'repeated'
  | 'invalid'
  | 'too_large'
  | 'store_failed'
  | 'store_busy'
  | 'loop'
  | 'wrong_protocol'
  | 'ignored'
  | Refusal;

/** A webhook from Jambonz, as received. */
export interface Delivered extends Delivery {
  /** Without the question mark; empty if there was no query. */
  readonly query: string;
  /** Names and values in turn, as received. */
  readonly headers: readonly string[];
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** Takes Jambonz's webhooks, whether they came by HTTP or WebSocket. */
export interface JambonzIntake {
  readonly trust: WebhookTrust;
  readonly now: () => number;
  /** Whether the Via header shows that this request already passed here, so forwarding goes in a loop. */
  isForwardingLoop(via: string | undefined): boolean;
  /** Encrypts a request that is to be forwarded; `undefined` if statuses are not forwarded. */
  readonly seal: ((request: Pick<Delivered, 'method' | 'query' | 'headers' | 'body'>) => Uint8Array) | undefined;
  /** With it callers' numbers are hashed before they are kept; `undefined`: they are kept as they are. */
  readonly hashKey?: string | undefined;
  /** Resolves once the webhook is on disk, or at once to `store_busy`. Rejects if it can't be written. */
  take(webhook: Webhook): Promise<TakeResult>;
  /** Called for each webhook that is refused only because of its time, with how far that is ahead of now. */
  onWrongTime?(secondsAhead: number): void;
  /** `other`: a WebSocket frame that is not a status or can't be read. */
  onWebhook(event: JambonzHook | 'other', outcome: WebhookOutcome): void;
}

/** When a sender may retry a webhook that could not be written. */
export const RETRY_AFTER_SECONDS = '1';

/** Why a webhook is refused: its answer, and how it is counted. */
export type Refused =
  | { readonly outcome: 'invalid'; readonly faults: readonly ProblemField[] }
  | {
      readonly outcome: Exclude<WebhookOutcome, 'accepted' | 'repeated' | 'invalid'>;
      readonly status: number;
      readonly detail: string;
    };

const REMEDIES: Record<Refusal, string> = {
  missing_signature: 'The Jambonz-Signature header is missing. Set the webhook secret of the Jambonz account.',
  malformed_signature: 'The Jambonz-Signature header must have the form t=<unix seconds>,v1=<hex HMAC-SHA256>.',
  stale_signature: 'The signature’s time is too far from now. Check the clocks of Jambonz and of this machine.',
  bad_signature:
    'The signature doesn’t match. JAMBONZ_WEBHOOK_SECRET must be the webhook secret of the Jambonz account.',
  missing_credentials: 'HTTP basic credentials are missing. Set them in Jambonz, and set JAMBONZ_BASIC_AUTH here.',
  no_secret:
    'A proxy passed this webhook on, so it must be authenticated. Set JAMBONZ_WEBHOOK_SECRET or JAMBONZ_BASIC_AUTH.',
  bad_credentials: 'The HTTP basic credentials don’t match JAMBONZ_BASIC_AUTH.',
};

/** Answers for a webhook that could not be written. The cause was logged where the write failed. */
export const STORE_REFUSALS = {
  store_failed: {
    outcome: 'store_failed',
    status: 503,
    detail: 'The webhook could not be written to disk. Send it again.',
  },
  store_busy: {
    outcome: 'store_busy',
    status: 503,
    detail: 'Webhooks arrive faster than they can be written to disk. Send it again.',
  },
} as const;

export function deliveredBy(request: FastifyRequest, receivedAt: number): Delivered {
  const mark = request.url.indexOf('?');
  const query = mark < 0 ? '' : request.url.slice(mark + 1);
  const method = request.method === 'GET' ? 'GET' : 'POST';
  return {
    method,
    query,
    headers: request.raw.rawHeaders,
    body: method === 'GET' ? Buffer.from(query) : bodyOf(request),
    signature: headerOf(request, 'jambonz-signature'),
    authorization: headerOf(request, 'authorization'),
    isForwarded: isForwarded(request),
    receivedAt,
  };
}

/** Why a webhook fails verification, before any of it is parsed; `undefined` if it passes. */
export function refusalOf(intake: JambonzIntake, request: FastifyRequest, delivered: Delivered): Refused | undefined {
  if (intake.isForwardingLoop(headerOf(request, 'via'))) {
    const detail =
      'This request already passed here, so the forward URL leads back to sipwhy. Correct DIAL_ACTION_FORWARD_URL or CALL_STATUS_FORWARD_URL.';
    return { outcome: 'loop', status: 508, detail };
  }
  const verification = verify(intake.trust, delivered, delivered.receivedAt);
  if (verification.ok) return undefined;
  if (verification.secondsAhead !== undefined) intake.onWrongTime?.(verification.secondsAhead);
  return { outcome: verification.reason, status: 401, detail: REMEDIES[verification.reason] };
}

/** Reads, writes and counts a verified webhook. Resolves to `undefined` if it was written; never rejects. */
export async function write(
  intake: JambonzIntake,
  hook: JambonzHook,
  delivered: Delivered,
): Promise<Refused | undefined> {
  const { method, query, body, receivedAt } = delivered;
  // Jambonz signs no GET, so nothing has verified the header of one.
  const signature = method === 'GET' ? undefined : delivered.signature;
  const moment = momentOf(receivedAt, signature);
  const invalid = (faults: readonly ProblemField[]): Refused => {
    intake.onWebhook(hook, 'invalid');
    return { outcome: 'invalid', faults };
  };
  const parsed =
    method === 'GET' ? { ok: true as const, json: jsonOfQuery(new URLSearchParams(query)) } : parseBody(body);
  if (!parsed.ok) return invalid(parsed.faults);
  const reading = readKeys(hook, parsed.json, moment);
  if (!reading.ok) return invalid(reading.faults);
  try {
    const taken = await intake.take(
      webhookOf(intake, {
        hook,
        moment,
        fingerprint: fingerprint(hook, body, signature),
        delivered,
        json: parsed.json,
      }),
    );
    intake.onWebhook(hook, taken);
    return taken === 'store_busy' ? STORE_REFUSALS.store_busy : undefined;
  } catch {
    intake.onWebhook(hook, 'store_failed');
    return STORE_REFUSALS.store_failed;
  }
}

interface Verified {
  readonly hook: JambonzHook;
  readonly moment: Webhook['moment'];
  readonly fingerprint: Fingerprint;
  readonly delivered: Pick<Delivered, 'method' | 'query' | 'headers' | 'body'>;
  /** The JSON of the body, or what a query would have had as JSON. */
  readonly json: unknown;
}

/** A verified webhook as the journal keeps it. */
export function webhookOf(
  { seal, hashKey }: JambonzIntake,
  { hook, moment, fingerprint, delivered, json }: Verified,
): Webhook {
  const { method, query, headers, body } = delivered;
  const kind = { source: hook, form: method === 'GET' ? 'query' : 'json' } as const;
  return {
    id: webhookId(moment.receivedAt),
    ...kind,
    moment,
    ...fingerprint,
    ...(seal && hook === 'call_status' && { sealed: seal({ method, query, headers, body }) }),
    body: keptJambonzBody(kind.form, json, hashKey),
  };
}

export function sendRefusal(reply: FastifyReply, refused: Refused): FastifyReply {
  if (refused.outcome === 'invalid') return sendInvalid(reply, refused.faults);
  const { outcome, status, detail } = refused;
  if (status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS);
  if (outcome.endsWith('credentials')) reply.header('www-authenticate', 'Basic realm="sipwhy"');
  return sendProblem(reply, status, outcome, detail);
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
