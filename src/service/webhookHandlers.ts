import type { Logger } from 'pino';
import type { Webhook } from '../core/receive/webhook.ts';
import type { Sealing } from '../forward/sealing.ts';
import type { JambonzIntake } from '../http/jambonzDelivery.ts';
import type { Routes } from '../http/server.ts';
import type { Journal } from '../journal/journal.ts';
import type { Condition } from '../loop/condition.ts';
import { Occasion } from '../loop/occasion.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { WebhookMetrics } from '../metrics/webhookMetrics.ts';
import type { Settings } from '../settings/settings.ts';
import type { DialForwarding } from './dialForwarding.ts';
import type { Setup } from './setup.ts';

const PING_EVERY_MS = 30_000;
/** Jambonz opens one socket for each status hook, and more only while it reconnects. */
const SOCKETS_AT_MOST = 5_000;

interface WebhookParts {
  readonly settings: Settings;
  readonly journal: Journal;
  /** `undefined` if statuses are not forwarded. */
  readonly sealing: Sealing | undefined;
  readonly dialForwarding: DialForwarding | undefined;
  readonly setup: Setup;
  readonly metrics: Metrics;
  /** That webhooks cannot be written. */
  readonly condition: Condition;
  readonly logger: Logger;
  /** Epoch milliseconds. */
  now(): number;
  /** Whether the Via header names this process, because the application forwards to it. */
  isForwardingLoop(via: string | undefined): boolean;
}

/** Builds what the webhook routes need: write to the journal, forward to the application, and count. */
export function webhookHandlers({
  settings,
  journal,
  sealing,
  dialForwarding,
  setup,
  metrics,
  condition,
  logger,
  now,
  isForwardingLoop,
}: WebhookParts): Pick<Routes, 'jambonz' | 'jambonzSocket' | 'livekit'> {
  const take = async (webhook: Webhook) => {
    try {
      const taken = await journal.take(webhook);
      if (taken !== 'store_busy') condition.over();
      return taken;
    } catch (error) {
      condition.met(error);
      throw error;
    }
  };
  const onWebhook: WebhookMetrics['received'] = (source, event, result) => {
    metrics.webhooks.received(source, event, result);
    setup.received(source, result);
    if (result === 'store_failed') metrics.store.failed('webhook');
  };
  const wrongTime = new Occasion(
    logger,
    'warn',
    'a webhook with a right signature was refused because of its time. seconds_ahead is how far that is ahead of this host’s clock, or behind if negative: check NTP on this host and on the sender',
  );
  const onWrongTime = (source: 'jambonz' | 'livekit') => (secondsAhead: number) =>
    wrongTime.met({ source, seconds_ahead: Math.round(secondsAhead) });
  const jambonz: JambonzIntake = {
    trust: settings.trust,
    now,
    isForwardingLoop,
    hashKey: settings.site.hashKey,
    seal: sealing && ((request) => sealing.seal(request)),
    take,
    onWebhook: (event, outcome) => onWebhook('jambonz', event, outcome),
    onWrongTime: onWrongTime('jambonz'),
  };
  return {
    jambonz: {
      ...jambonz,
      askForVerbs: dialForwarding?.askForVerbs,
      onAnswered: (hook, seconds) => metrics.webhooks.answered(hook, seconds),
      onAnsweredEarly: () => metrics.forward.answeredEarly(),
    },
    jambonzSocket: {
      ...jambonz,
      onSocketOpened: () => metrics.sockets.opened(),
      onSocketClosed: (reason) => metrics.sockets.closed(reason),
      pingEveryMs: PING_EVERY_MS,
      socketsAtMost: SOCKETS_AT_MOST,
      onFull: () => metrics.doors.refused('sockets'),
    },
    livekit: {
      trust: settings.liveKitTrust,
      now,
      hashKey: settings.site.hashKey,
      take,
      onWebhook: (event, outcome) => onWebhook('livekit', event, outcome),
      onWrongTime: onWrongTime('livekit'),
      onAnswered: (seconds) => metrics.webhooks.answered('livekit', seconds),
    },
  };
}
