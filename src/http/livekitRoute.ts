import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { LiveKitEventName } from '../core/call/livekitEvent.ts';
import { readLiveKit, withoutSecrets } from '../core/receive/livekitWebhook.ts';
import { type LiveKitRefusal, type LiveKitTrust, verifyLiveKit } from '../core/receive/verifyLiveKit.ts';
import type { TakeResult, Webhook } from '../core/receive/webhook.ts';
import { liveKitFingerprint } from '../core/receive/webhook.ts';
import { STORE_REFUSALS, sendRefusal } from './jambonzDelivery.ts';
import { sendProblem } from './problem.ts';
import { bodyOf, takeRawBodies } from './rawBodies.ts';

export type LiveKitOutcome =
  | 'accepted'
  | 'repeated'
  | 'invalid'
  | 'too_large'
  | 'store_failed'
  | 'store_busy'
  | LiveKitRefusal;

export interface LiveKitRoutes {
  readonly trust: LiveKitTrust;
  readonly now: () => number;
  /** Resolves once the webhook is on disk, or to `store_busy` at once; rejects where it cannot be written. */
  take(webhook: Webhook): Promise<TakeResult>;
  /** `event` is `other` where it is not known, or was not read since the webhook was refused. */
  onWebhook(event: LiveKitEventName | 'other', outcome: LiveKitOutcome): void;
  /** How long the answer to a webhook took. */
  onAnswered(seconds: number): void;
}

const REMEDIES: Record<LiveKitRefusal, string> = {
  no_key: 'LiveKit’s webhooks cannot be verified: set LIVEKIT_API_KEY and LIVEKIT_API_SECRET.',
  missing_token: 'The Authorization header is missing: LiveKit signs its webhooks with a token in it.',
  malformed_token: 'The Authorization header must hold a JWT signed with HS256, as LiveKit sends it.',
  unknown_key: 'The token’s issuer is no key of LIVEKIT_API_KEY: set the api_key of LiveKit’s webhook configuration.',
  bad_signature: 'The token is not signed with the secret of its key: compare LIVEKIT_API_SECRET with LiveKit’s.',
  expired_token: 'The token is too old or from the future: compare the clocks of LiveKit and of this machine.',
  body_mismatch: 'The body is not the one that was signed: nothing between LiveKit and here may change it.',
};

/** LiveKit's webhooks. Register it encapsulated: it takes over how bodies are parsed. */
export async function liveKitRoutes(app: FastifyInstance, routes: LiveKitRoutes): Promise<void> {
  takeRawBodies(app, () => routes.onWebhook('other', 'too_large'));

  app.addHook('onResponse', async (_request, reply) => routes.onAnswered(reply.elapsedTime / 1000));

  app.post('/livekit/webhook', async (request, reply) => {
    const now = routes.now();
    const { authorization } = request.headers;
    const body = bodyOf(request);
    const verification = verifyLiveKit(routes.trust, authorization, body, now);
    if (!verification.ok) {
      routes.onWebhook('other', verification.reason);
      return sendProblem(reply, 401, verification.reason, REMEDIES[verification.reason]);
    }
    const reading = readLiveKit(body, now);
    if (!reading.ok) {
      routes.onWebhook('other', 'invalid');
      return sendProblem(reply, 400, 'invalid', reading.fault);
    }
    const { event } = reading;
    try {
      const taken = await routes.take({
        id: randomUUID(),
        source: 'livekit',
        form: 'json',
        moment: { at: event.at, receivedAt: event.receivedAt, precise: event.precise },
        ...liveKitFingerprint(event.id, body, authorization),
        body: withoutSecrets(body),
      });
      routes.onWebhook(event.name, taken);
      return taken === 'store_busy' ? sendRefusal(reply, STORE_REFUSALS.store_busy) : reply.send({});
    } catch {
      routes.onWebhook(event.name, 'store_failed');
      return sendRefusal(reply, STORE_REFUSALS.store_failed);
    }
  });
}
