import type { Logger } from 'pino';
import { incidentJson, incidentNotice } from '../core/explain/incidentJson.ts';
import { Endpoint } from '../forward/incidentEndpoint.ts';
import { Condition } from '../loop/condition.ts';
import { backOffMs, every, type Loop } from '../loop/every.ts';
import type { IncidentMetrics } from '../metrics/incidentMetrics.ts';
import type { IncidentWebhookSettings } from '../settings/incidentSettings.ts';
import type { Notice, Notices } from '../store/incidents/notices.ts';

/** How often, in milliseconds, it is looked for what is due; another replica may have written it. */
const LOOK_EVERY_MS = 1_000;
/** Nobody else sends what one has claimed for so long; a try takes 10 s at most. */
const LEASE_MS = 60_000;
const AT_ONCE = 4;
/** The waits of a message after failures. */
const BACK_OFF = { firstMs: 5_000, longestMs: 3_600_000 };
/** What could not be delivered for so long is given up. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
/** How many wait at most; the oldest are dropped. */
const KEPT = 1_000;

interface Addressee {
  readonly endpoint: Endpoint;
  readonly format: 'standard' | 'slack';
  readonly condition: Condition;
}

/** Tells others of incidents, from the store: again until they take it, also after a restart, and by one replica only. */
export class IncidentNotices {
  readonly #endpoints: ReadonlyMap<string, Addressee>;
  readonly #store: Notices;
  readonly #trunkName: (trunk: string) => string | undefined;
  readonly #metrics: IncidentMetrics;
  readonly #logger: Logger;
  readonly #now: () => number;
  #loop: Loop | undefined;

  constructor(
    { urls, secrets }: IncidentWebhookSettings,
    store: Notices,
    trunkName: (trunk: string) => string | undefined,
    metrics: IncidentMetrics,
    logger: Logger,
    now: () => number,
  ) {
    this.#endpoints = new Map(
      urls.map(({ url, format }) => {
        const endpoint = new Endpoint(url, format === 'slack' ? [] : secrets);
        const condition = new Condition(
          logger.child({ endpoint: endpoint.name }),
          'INCIDENT_WEBHOOK_URL did not accept a notice; retrying for up to 24 hours',
          'INCIDENT_WEBHOOK_URL accepts notices again',
          'warn',
        );
        return [endpoint.name, { endpoint, format, condition }];
      }),
    );
    this.#store = store;
    store.endpoints = [...this.#endpoints.keys()];
    this.#trunkName = trunkName;
    this.#metrics = metrics;
    this.#logger = logger;
    this.#now = now;
  }

  start(): void {
    if (this.#endpoints.size === 0) return;
    this.#loop = every((signal) => this.#sendAllDue(signal), {
      everyMs: LOOK_EVERY_MS,
      // The store says so itself where it is in use; what is to be told is still there when it is back.
      onError: (error) => this.#logger.debug(error, 'could not read the notices that are due'),
    });
  }

  async close(): Promise<void> {
    await this.#loop?.stop();
    for (const { endpoint } of this.#endpoints.values()) await endpoint.close();
  }

  async #sendAllDue(signal: AbortSignal): Promise<void> {
    const dropped = await this.#store.dropBeyond(KEPT, this.#now() - GIVE_UP_AFTER_MS - BACK_OFF.longestMs);
    for (let i = 0; i < dropped; i += 1) this.#metrics.notified('dropped');
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.#sendDue(signal)));
  }

  async #sendDue(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const notice = await this.#store.claim(this.#now(), LEASE_MS);
      if (!notice) return;
      await this.#send(notice, signal);
    }
  }

  async #send(notice: Notice, signal: AbortSignal): Promise<void> {
    const { id, endpoint, incident, event, madeAt, tries } = notice;
    const to = this.#endpoints.get(endpoint);
    if (!to) return;
    const json = incidentJson(incident, this.#trunkName(incident.trunk), madeAt);
    const delivered = await to.endpoint.tell(id, incidentNotice(json, event, madeAt, to.format), this.#now(), signal);
    // Whether it was taken is not known; under its id the endpoint knows it for the same.
    if (delivered.result !== 'delivered' && signal.aborted) return this.#store.postpone(id, this.#now());
    this.#metrics.notified(delivered.result);
    if (delivered.result === 'delivered') {
      to.condition.over();
      return this.#store.remove(id);
    }
    to.condition.met({ reason: delivered.result, detail: delivered.detail });
    const waitMs = Math.min(BACK_OFF.longestMs, Math.max(backOffMs(tries, BACK_OFF), delivered.retryAfterMs ?? 0));
    const dueAt = Math.ceil(this.#now() + waitMs);
    if (!delivered.gone && dueAt - madeAt < GIVE_UP_AFTER_MS) return this.#store.postpone(id, dueAt);
    this.#metrics.notified('given_up');
    return this.#store.remove(id);
  }
}
