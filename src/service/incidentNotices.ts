import type { Logger } from 'pino';
import { incidentJson, incidentNotice } from '../core/explain/incidentJson.ts';
import type { LinkTargets } from '../core/explain/links.ts';
import { Endpoint } from '../forward/incidentEndpoint.ts';
import type { Clock } from '../loop/clockWatch.ts';
import { Condition } from '../loop/condition.ts';
import { backOffMs, every, type Loop } from '../loop/every.ts';
import type { IncidentMetrics } from '../metrics/incidentMetrics.ts';
import type { IncidentWebhookSettings } from '../settings/incidentSettings.ts';
import type { Notice, Notices } from '../store/incidents/notices.ts';

/** How often, in milliseconds, to look for due notices; another replica may have written them. */
const LOOK_EVERY_MS = 1_000;
/** How long, in milliseconds, a claimed notice belongs to its replica. A try takes 10 s at most. */
const LEASE_MS = 60_000;
const AT_ONCE = 4;
/** The waits of a notice after failures. */
const BACK_OFF = { firstMs: 5_000, longestMs: 3_600_000 };
/** A notice that could not be delivered for this long, in milliseconds, is given up. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
/** How many notices may wait; older ones are dropped. */
const KEPT = 1_000;

interface Recipient {
  readonly endpoint: Endpoint;
  readonly format: 'standard' | 'slack';
  readonly condition: Condition;
}

interface IncidentNoticesParts {
  readonly settings: IncidentWebhookSettings;
  readonly store: Notices;
  /** LiveKit's name of a trunk; `undefined` if it is not known. */
  trunkName(trunk: string): string | undefined;
  readonly links: LinkTargets;
  readonly metrics: IncidentMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * Sends incident notices from the store to the configured endpoints. A notice is retried until the endpoint accepts it,
 * also after a restart, and one replica sends it.
 */
export class IncidentNotices {
  readonly #endpoints: ReadonlyMap<string, Recipient>;
  readonly #store: Notices;
  readonly #trunkName: (trunk: string) => string | undefined;
  readonly #links: LinkTargets;
  readonly #metrics: IncidentMetrics;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #loop: Loop | undefined;

  constructor({ settings: { urls, secrets }, store, trunkName, links, metrics, logger, clock }: IncidentNoticesParts) {
    this.#endpoints = new Map(
      urls.map(({ url, format }) => {
        const endpoint = new Endpoint(url, format === 'slack' ? [] : secrets);
        const condition = new Condition(
          logger.child({ endpoint: endpoint.name }),
          'INCIDENT_WEBHOOK_URL did not accept a notification; retrying for up to 24 hours',
          'INCIDENT_WEBHOOK_URL accepts notifications again',
          'warn',
        );
        return [endpoint.name, { endpoint, format, condition }];
      }),
    );
    this.#store = store;
    store.endpoints = [...this.#endpoints.keys()];
    this.#trunkName = trunkName;
    this.#links = links;
    this.#metrics = metrics;
    this.#logger = logger;
    this.#clock = clock;
  }

  start(): void {
    if (this.#endpoints.size === 0) return;
    this.#loop = every((signal) => this.#sendAllDue(signal), {
      everyMs: LOOK_EVERY_MS,
      // The feeder logs that the store fails. The notices are still there when it works again.
      onError: (error) => this.#logger.debug(error, 'could not read the notifications that are due'),
    });
  }

  async close(): Promise<void> {
    await this.#loop?.stop();
    for (const { endpoint } of this.#endpoints.values()) await endpoint.close();
  }

  async #sendAllDue(signal: AbortSignal): Promise<void> {
    const madeBefore = this.#clock.now() - GIVE_UP_AFTER_MS - BACK_OFF.longestMs;
    const dropped = await this.#store.dropBeyond(KEPT, this.#clock.isSteady ? madeBefore : Number.MIN_SAFE_INTEGER);
    for (let i = 0; i < dropped; i += 1) this.#metrics.notified('dropped');
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.#sendDue(signal)));
  }

  async #sendDue(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const notice = await this.#store.claim(this.#clock.now(), LEASE_MS);
      if (!notice) return;
      await this.#send(notice, signal);
    }
  }

  async #send(notice: Notice, signal: AbortSignal): Promise<void> {
    const { id, endpoint, incident, event, madeAt, tries } = notice;
    const to = this.#endpoints.get(endpoint);
    if (!to) return;
    const json = incidentJson(incident, this.#trunkName(incident.trunk), madeAt, this.#links);
    const delivery = await to.endpoint.deliver(
      id,
      incidentNotice(json, event, madeAt, to.format),
      this.#clock.now(),
      signal,
    );
    // The endpoint may have accepted it. The repeat has the same id, so the endpoint can recognise it.
    if (delivery.result !== 'delivered' && signal.aborted) return this.#store.postpone(id, this.#clock.now());
    this.#metrics.notified(delivery.result);
    if (delivery.result === 'delivered') {
      to.condition.over();
      return this.#store.remove(id);
    }
    to.condition.met({ reason: delivery.result, detail: delivery.detail });
    const waitMs = Math.min(BACK_OFF.longestMs, Math.max(backOffMs(tries, BACK_OFF), delivery.retryAfterMs ?? 0));
    const dueAt = Math.ceil(this.#clock.now() + waitMs);
    const isTooOld = dueAt - madeAt >= GIVE_UP_AFTER_MS && this.#clock.isSteady;
    if (!delivery.gone && !isTooOld) return this.#store.postpone(id, dueAt);
    this.#metrics.notified('given_up');
    return this.#store.remove(id);
  }
}
