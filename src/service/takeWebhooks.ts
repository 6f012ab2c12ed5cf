import type { Logger } from 'pino';
import { Condition } from '../condition.ts';
import type { JambonzIntake } from '../http/jambonzDelivery.ts';
import type { Routes } from '../http/server.ts';
import type { NewEvent } from '../journal/store.ts';
import type { Metrics } from '../record/metrics.ts';
import type { WebhookMetrics } from '../record/webhookMetrics.ts';
import type { Settings } from '../settings/settings.ts';
import type { CallFlow } from './callFlow.ts';
import type { Forwarding } from './forwarding.ts';
import type { Setup } from './setup.ts';

const PING_EVERY_MS = 30_000;

/** What the routes of both senders' webhooks do with them: to their call, onwards to the application, counted. */
export function takeWebhooks(
  settings: Settings,
  flow: CallFlow,
  forwarding: Forwarding,
  setup: Setup,
  metrics: Metrics,
  logger: Logger,
  now: () => number,
): Pick<Routes, 'jambonz' | 'jambonzSocket' | 'livekit'> {
  const trouble = new Condition(
    logger,
    'webhooks cannot be written to disk: they are refused with 503 until they can',
    'webhooks are written to disk again',
  );
  const take = async (incoming: NewEvent) => {
    try {
      const taken = await flow.take(incoming);
      if (taken !== 'store_busy') trouble.over();
      return taken;
    } catch (error) {
      trouble.met(error);
      throw error;
    }
  };
  const onWebhook: WebhookMetrics['received'] = (source, event, result) => {
    metrics.webhooks.received(source, event, result);
    setup.received(source, result);
    if (result === 'store_failed') metrics.store.failed('webhook');
  };
  const jambonz: JambonzIntake = {
    trust: settings.trust,
    now,
    hasPassedHere: (via) => forwarding.hasPassedHere(via),
    async accept(event, fingerprint, { body, method, query, headers }) {
      const isForwarded = event.kind === 'status' && forwarding.takesStatuses;
      const passOn = isForwarded && { passOn: { method, query, headers } };
      const taken = await take({ event, ...fingerprint, body, ...passOn });
      if (isForwarded && taken === 'accepted') forwarding.queued();
      return taken;
    },
    onWebhook: (event, outcome) => onWebhook('jambonz', event, outcome),
  };
  return {
    jambonz: {
      ...jambonz,
      askForVerbs: forwarding.askForVerbs,
      onAnswered: (hook, seconds) => metrics.webhooks.answered(hook, seconds),
      onAnsweredEarly: () => metrics.forward.answeredEarly(),
    },
    jambonzSocket: {
      ...jambonz,
      onSocketOpened: () => metrics.sockets.opened(),
      onSocketClosed: (reason) => metrics.sockets.closed(reason),
      pingEveryMs: PING_EVERY_MS,
    },
    livekit: {
      trust: settings.liveKitTrust,
      now,
      accept: (event, delivery) => take({ event, ...delivery }),
      onWebhook: (event, outcome) => onWebhook('livekit', event, outcome),
      onAnswered: (seconds) => metrics.webhooks.answered('livekit', seconds),
    },
  };
}
