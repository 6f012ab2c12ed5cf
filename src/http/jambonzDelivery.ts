import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type JambonzHook, readBody, readQuery } from '../core/receive/jambonzWebhook.ts';
import { type Delivery, momentOf, type Refusal, verify, type WebhookTrust } from '../core/receive/verifyJambonz.ts';
import type { TakeResult, Webhook } from '../core/receive/webhook.ts';
import { type Fingerprint, fingerprint } from '../core/receive/webhook.ts';
import { sendProblem } from './problem.ts';
import { bodyOf } from './rawBodies.ts';
import type { ProblemField } from './validation.ts';

export type WebhookOutcome =
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

/** A webhook of Jambonz's as it came. */
export interface Delivered extends Delivery {
  /** Without the question mark; empty where there was none. */
  readonly query: string;
  /** Names and values in turn, as they came over the wire. */
  readonly headers: readonly string[];
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** Where Jambonz's webhooks go, however they came. */
export interface JambonzIntake {
  readonly trust: WebhookTrust;
  readonly now: () => number;
  /** Whether the Via header says that the request has been here before, so that it goes in a circle. */
  isForwardingLoop(via: string | undefined): boolean;
  /** Whether statuses are passed on to the operator's application. */
  readonly forwardsStatuses: boolean;
  /** Resolves once the webhook is on disk, or to `store_busy` at once; rejects where it cannot be written. */
  take(webhook: Webhook): Promise<TakeResult>;
  /** `other` is a frame of a WebSocket that is no status, or cannot be read. */
  onWebhook(event: JambonzHook | 'other', outcome: WebhookOutcome): void;
}

/** When a sender may come again whose webhook could not be written down. */
export const RETRY_AFTER_SECONDS = '1';

/** Why a webhook is refused, as it is answered and counted. */
export interface Refused {
  readonly outcome: Exclude<WebhookOutcome, 'accepted' | 'repeated'>;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly ProblemField[];
}

const REMEDIES: Record<Refusal, string> = {
  missing_signature: 'The Jambonz-Signature header is missing: set the webhook secret of the Jambonz account.',
  malformed_signature: 'The Jambonz-Signature header must have the form t=<unix seconds>,v1=<hex HMAC-SHA256>.',
  stale_signature: 'The signature is too old or from the future: compare the clocks of Jambonz and of this machine.',
  bad_signature: 'The signature is not of a known secret: compare JAMBONZ_WEBHOOK_SECRET with the one in Jambonz.',
  missing_credentials: 'HTTP basic credentials are needed: set them in Jambonz, and JAMBONZ_BASIC_AUTH here.',
  bad_credentials: 'The HTTP basic credentials are not those of JAMBONZ_BASIC_AUTH.',
};

/** What a sender is told where its webhook could not be written down; whoever rejects has logged why. */
export const STORE_REFUSALS = {
  store_failed: {
    outcome: 'store_failed',
    status: 503,
    detail: 'The webhook could not be written to disk; send it again.',
  },
  store_busy: {
    outcome: 'store_busy',
    status: 503,
    detail: 'Webhooks come faster than they can be written to disk; send it again.',
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
    receivedAt,
  };
}

/** Why a webhook is not believed, before anything of it is parsed; `undefined` where it is. */
export function refusalOf(intake: JambonzIntake, request: FastifyRequest, delivered: Delivered): Refused | undefined {
  if (intake.isForwardingLoop(headerOf(request, 'via'))) {
    const detail = 'The request has passed here before: the URL that webhooks are passed on to leads back to sipwhy.';
    return { outcome: 'loop', status: 508, detail };
  }
  const verification = verify(intake.trust, delivered, delivered.receivedAt);
  if (verification.ok) return undefined;
  return { outcome: verification.reason, status: 401, detail: REMEDIES[verification.reason] };
}

/** Reads a verified webhook and writes it down, which is counted; `undefined` where that was done. Never rejects. */
export async function writeDown(
  intake: JambonzIntake,
  hook: JambonzHook,
  delivered: Delivered,
): Promise<Refused | undefined> {
  const { method, query, body, signature, receivedAt } = delivered;
  const moment = momentOf(receivedAt, signature);
  const reading = method === 'GET' ? readQuery(hook, new URLSearchParams(query), moment) : readBody(hook, body, moment);
  if (!reading.ok) {
    intake.onWebhook(hook, 'invalid');
    const detail = reading.faults.map((fault) => fault.detail).join('; ');
    return { outcome: 'invalid', status: 400, detail, errors: reading.faults };
  }
  try {
    const taken = await intake.take(webhookOf(intake, hook, moment, fingerprint(hook, body, signature), delivered));
    intake.onWebhook(hook, taken);
    return taken === 'store_busy' ? STORE_REFUSALS.store_busy : undefined;
  } catch {
    intake.onWebhook(hook, 'store_failed');
    return STORE_REFUSALS.store_failed;
  }
}

/** A verified webhook as the log keeps it. */
export function webhookOf(
  { forwardsStatuses }: JambonzIntake,
  hook: JambonzHook,
  moment: Webhook['moment'],
  { digest, repeatWithinMs }: Fingerprint,
  { method, query, headers, body }: Pick<Delivered, 'method' | 'query' | 'headers' | 'body'>,
): Webhook {
  return {
    id: randomUUID(),
    source: hook,
    form: method === 'GET' ? 'query' : 'json',
    moment,
    digest,
    repeatWithinMs,
    ...(forwardsStatuses && hook === 'call_status' && { passOn: { method, query, headers } }),
    body,
  };
}

export function sendRefusal(reply: FastifyReply, { outcome, status, detail, errors }: Refused): FastifyReply {
  if (status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS);
  if (outcome.endsWith('credentials')) reply.header('www-authenticate', 'Basic realm="sipwhy"');
  return sendProblem(reply, status, outcome, detail, errors);
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
