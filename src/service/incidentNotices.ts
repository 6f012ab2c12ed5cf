import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { incidentJson } from '../explain/incident.ts';
import { incidentNotice } from '../explain/incidentNotice.ts';
import type { Notice, NoticeStore } from '../journal/incidentStore.ts';
import { Endpoint } from '../notify/endpoint.ts';
import type { IncidentMetrics } from '../record/incidentMetrics.ts';
import type { IncidentWebhookSettings } from '../settings/incidentSettings.ts';

/** How often, in milliseconds, it is looked for what is due; another replica may have written it. */
const LOOK_EVERY_MS = 1_000;
/** Nobody else sends what one has claimed for so long; a try takes 10 s at most. */
const LEASE_MS = 60_000;
const AT_ONCE = 4;
/** The first wait after a failure; each further one is twice as long, up to an hour. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 3_600_000;
/** What could not be delivered for so long is given up. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
/** How many wait at most; the oldest are dropped. */
const KEPT = 1_000;

/** Tells others of incidents, from the store: again until they take it, also after a restart, and by one replica only. */
export class IncidentNotices {
  readonly #endpoints: ReadonlyMap<string, { readonly endpoint: Endpoint; readonly format: 'standard' | 'slack' }>;
  readonly #store: NoticeStore;
  readonly #trunkName: (trunk: string) => string | undefined;
  readonly #metrics: IncidentMetrics;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #stopped = new AbortController();
  /** Endpoints in trouble, so that it is logged when that begins and when it ends. */
  readonly #inTrouble = new Set<string>();
  #running: Promise<void> | undefined;

  constructor(
    { urls, secrets }: IncidentWebhookSettings,
    store: NoticeStore,
    trunkName: (trunk: string) => string | undefined,
    metrics: IncidentMetrics,
    logger: Logger,
    now: () => number,
  ) {
    this.#endpoints = new Map(
      urls.map(({ url, format }) => {
        const endpoint = new Endpoint(url, format === 'slack' ? [] : secrets);
        return [endpoint.name, { endpoint, format }];
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
    if (this.#endpoints.size > 0) this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    for (const { endpoint } of this.#endpoints.values()) await endpoint.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        const dropped = await this.#store.dropBeyond(KEPT, this.#now() - GIVE_UP_AFTER_MS - LONGEST_WAIT_MS);
        for (let i = 0; i < dropped; i += 1) this.#metrics.notified('dropped');
        await Promise.all(Array.from({ length: AT_ONCE }, () => this.#sendDue()));
      } catch (error) {
        // The store says so itself where it is in use; what is to be told is still there when it is back.
        this.#logger.debug(error, 'what is to be told of incidents could not be read');
      }
      await wait(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  async #sendDue(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const notice = await this.#store.claim(this.#now(), LEASE_MS);
      if (!notice) return;
      await this.#send(notice);
    }
  }

  async #send(notice: Notice): Promise<void> {
    const { id, endpoint: name, incident, event, madeAt, tries } = notice;
    const to = this.#endpoints.get(name);
    if (!to) return;
    const json = incidentJson(incident, this.#trunkName(incident.trunk), madeAt);
    const { signal } = this.#stopped;
    const told = await to.endpoint.tell(id, incidentNotice(json, event, madeAt, to.format), this.#now(), signal);
    // Whether it was taken is not known; under its id the endpoint knows it for the same.
    if (told.result !== 'delivered' && signal.aborted) return this.#store.postpone(id, this.#now());
    this.#metrics.notified(told.result);
    if (told.result === 'delivered') {
      if (this.#inTrouble.delete(name))
        this.#logger.info({ endpoint: name }, 'INCIDENT_WEBHOOK_URL takes incidents again');
      return this.#store.remove(id);
    }
    if (!this.#inTrouble.has(name)) {
      this.#inTrouble.add(name);
      this.#logger.warn(
        { endpoint: name, reason: told.result, detail: told.detail },
        'INCIDENT_WEBHOOK_URL did not take an incident; it is tried again for a day',
      );
    }
    const backOff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1));
    // Jitter, so that many messages do not come back at once.
    const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(backOff * (0.8 + Math.random() * 0.4), told.retryAfterMs ?? 0));
    const dueAt = Math.ceil(this.#now() + waitMs);
    if (!told.gone && dueAt - madeAt < GIVE_UP_AFTER_MS) return this.#store.postpone(id, dueAt);
    this.#metrics.notified('given_up');
    return this.#store.remove(id);
  }
}
