import type { FastifyInstance } from 'fastify';
import type { LiveKitEventName } from '../core/call/livekitEvent.ts';
import { keptBody } from '../core/receive/keptBody.ts';
import { readLiveKit } from '../core/receive/livekitWebhook.ts';
import { type LiveKitRefusal, type LiveKitTrust, verifyLiveKit } from '../core/receive/verifyLiveKit.ts';
import type { TakeResult, Webhook } from '../core/receive/webhook.ts';
import { liveKitFingerprint } from '../core/receive/webhook.ts';
import { webhookId } from '../core/receive/webhookId.ts';
import { isForwarded } from './door/origins.ts';
import { STORE_REFUSALS, sendRefusal } from './jambonzDelivery.ts';
import { sendProblem } from './problem.ts';
import { bodyOf, takeRawBodies } from './rawBodies.ts';

type LiveKitOutcome =
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
  /** See `JambonzIntake`. */
  readonly hashKey?: string | undefined;
  /** Resolves once the webhook is on disk, or at once to `store_busy`. Rejects if it can't be written. */
  take(webhook: Webhook): Promise<TakeResult>;
  /** See `JambonzIntake`. */
  onWrongTime?(secondsAhead: number): void;
  /** `event` is `other` for an unknown event and for a refused webhook, which isn't parsed. */
  onWebhook(event: LiveKitEventName | 'other', outcome: LiveKitOutcome): void;
  /** Called with the time from a webhook's arrival to its answer. */
  onAnswered(seconds: number): void;
}

const REMEDIES: Record<LiveKitRefusal, string> = {
  no_key: 'LiveKit’s webhooks can’t be verified. Set LIVEKIT_API_KEY and LIVEKIT_API_SECRET.',
  missing_token: 'The Authorization header is missing. LiveKit sends its signed token there.',
  malformed_token: 'The Authorization header must be a JWT signed with HS256, as LiveKit sends it.',
  unknown_key: 'The token’s issuer isn’t in LIVEKIT_API_KEY. Set the same api_key in LiveKit’s webhook configuration.',
  bad_signature: 'The token’s signature doesn’t match. LIVEKIT_API_SECRET must be the secret of that key in LiveKit.',
  expired_token: 'The token has expired or isn’t valid yet. Check the clocks of LiveKit and of this machine.',
  body_mismatch: 'The body differs from the signed one. A proxy between LiveKit and sipwhy must not change it.',
};

/** LiveKit's webhooks. Register it encapsulated, because it replaces the body parsers. */
export async function liveKitRoutes(app: FastifyInstance, routes: LiveKitRoutes): Promise<void> {
  takeRawBodies(app, () => routes.onWebhook('other', 'too_large'));

  app.addHook('onResponse', async (_request, reply) => routes.onAnswered(reply.elapsedTime / 1000));

  app.post('/livekit/webhook', async (request, reply) => {
    const now = routes.now();
    const { authorization } = request.headers;
    const body = bodyOf(request);
    // A proxy makes a service on loopback reachable for others.
    const acceptsUnsigned = routes.trust.acceptsUnsigned && !isForwarded(request);
    const verification = verifyLiveKit({ ...routes.trust, acceptsUnsigned }, authorization, body, now);
    if (!verification.ok) {
      routes.onWebhook('other', verification.reason);
      if (verification.secondsAhead !== undefined) routes.onWrongTime?.(verification.secondsAhead);
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
        id: webhookId(event.receivedAt),
        source: 'livekit',
        form: 'json',
        moment: { at: event.at, receivedAt: event.receivedAt, precise: event.precise },
        ...liveKitFingerprint(event.id, body, authorization),
        body: keptBody({ source: 'livekit', form: 'json' }, body, routes.hashKey),
      });
      routes.onWebhook(event.name, taken);
      return taken === 'store_busy' ? sendRefusal(reply, STORE_REFUSALS.store_busy) : reply.send({});
    } catch {
      routes.onWebhook(event.name, 'store_failed');
      return sendRefusal(reply, STORE_REFUSALS.store_failed);
    }
  });
}
