import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Moment } from '../call/event.ts';
import { fingerprint } from '../receive/fingerprint.ts';
import { type JambonzHook, type Reading, readBody, readQuery } from '../receive/jambonz.ts';
import { momentOf } from '../receive/moment.ts';
import { type Refusal, verify, type WebhookTrust } from '../receive/verify.ts';
import { sendProblem } from './problem.ts';
import { bodyOf, takeRawBodies } from './rawBodies.ts';

export type WebhookOutcome = 'accepted' | 'repeated' | 'invalid' | 'too_large' | 'store_failed' | Refusal;

export interface JambonzRoutes {
  readonly trust: WebhookTrust;
  readonly now: () => number;
  /** Resolves once the event is on disk; rejects where it cannot be written. */
  accept(
    reading: Extract<Reading, { ok: true }>,
    delivery: ReturnType<typeof fingerprint> & { readonly body: Uint8Array },
  ): Promise<'accepted' | 'repeated'>;
  onWebhook(event: JambonzHook, outcome: WebhookOutcome): void;
  /** How long the answer to a webhook took. */
  onAnswered(hook: JambonzHook, seconds: number): void;
}

const REMEDIES: Record<Refusal, string> = {
  missing_signature: 'The Jambonz-Signature header is missing: set the webhook secret of the Jambonz account.',
  malformed_signature: 'The Jambonz-Signature header must have the form t=<unix seconds>,v1=<hex HMAC-SHA256>.',
  stale_signature: 'The signature is too old or from the future: compare the clocks of Jambonz and of this machine.',
  bad_signature: 'The signature is not of a known secret: compare JAMBONZ_WEBHOOK_SECRET with the one in Jambonz.',
  missing_credentials: 'HTTP basic credentials are needed: set them in Jambonz, and JAMBONZ_BASIC_AUTH here.',
  bad_credentials: 'The HTTP basic credentials are not those of JAMBONZ_BASIC_AUTH.',
};

/** Jambonz's webhooks. Register it encapsulated: it takes over how bodies are parsed. */
export async function jambonzRoutes(app: FastifyInstance, routes: JambonzRoutes): Promise<void> {
  takeRawBodies(app, (request) => routes.onWebhook(hookOf(request), 'too_large'));

  app.addHook('onResponse', async (request, reply) => routes.onAnswered(hookOf(request), reply.elapsedTime / 1000));

  const receive = async (hook: JambonzHook, request: FastifyRequest, reply: FastifyReply): Promise<boolean> => {
    const outcome = await take(routes, hook, request, reply);
    routes.onWebhook(hook, outcome);
    return outcome === 'accepted' || outcome === 'repeated';
  };
  app.route({
    method: ['POST', 'GET'],
    url: '/jambonz/call-status',
    handler: async (request, reply) =>
      (await receive('call_status', request, reply)) ? reply.code(204).send() : reply,
  });
  app.post('/jambonz/dial-action', async (request, reply) =>
    (await receive('dial_action', request, reply)) ? reply.send([]) : reply,
  );
}

/** Verifies, reads and stores one webhook; has answered unless it returns `accepted` or `repeated`. */
async function take(
  routes: JambonzRoutes,
  hook: JambonzHook,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<WebhookOutcome> {
  const now = routes.now();
  const method = request.method === 'GET' ? 'GET' : 'POST';
  const query = request.url.slice(request.url.indexOf('?') + 1);
  const body = method === 'GET' ? Buffer.from(query) : bodyOf(request);
  const signature = headerOf(request, 'jambonz-signature');
  const authorization = headerOf(request, 'authorization');

  const verification = verify(routes.trust, { method, body, signature, authorization }, now);
  if (!verification.ok) {
    if (verification.reason.endsWith('credentials')) reply.header('www-authenticate', 'Basic realm="sipwhy"');
    sendProblem(reply, 401, verification.reason, REMEDIES[verification.reason]);
    return verification.reason;
  }

  const moment: Moment = momentOf(now, signature);
  const reading = method === 'GET' ? readQuery(hook, new URLSearchParams(query), moment) : readBody(hook, body, moment);
  if (!reading.ok) {
    const detail = reading.faults.map((fault) => fault.detail).join('; ');
    sendProblem(reply, 400, 'invalid', detail, reading.faults);
    return 'invalid';
  }

  try {
    return await routes.accept(reading, { ...fingerprint(hook, body, signature), body });
  } catch (error) {
    request.log.error(error, 'a webhook could not be written to the store');
    sendProblem(reply, 503, 'store_failed', 'The webhook could not be written to disk; send it again.');
    return 'store_failed';
  }
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function hookOf(request: FastifyRequest): JambonzHook {
  return request.url.startsWith('/jambonz/dial-action') ? 'dial_action' : 'call_status';
}
