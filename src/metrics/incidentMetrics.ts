import type { Party } from '../core/diagnose/cause.ts';
import { causeOf } from '../core/diagnose/causeOf.ts';
import { CAUSES } from '../core/diagnose/causes.ts';
import { INCIDENT_EVENTS, type IncidentEvent } from '../core/incidents/incident.ts';
import { counter, gauge, type MetricRegistry } from './instruments.ts';
import type { OpenIncident } from './openIncident.ts';

/** Results of one attempt to deliver a notification, and (`given_up`, `dropped`) of a notification as a whole. */
const NOTIFICATION_RESULTS = ['delivered', 'timeout', 'refused', 'error_status', 'given_up', 'dropped'] as const;

/** Causes that open incidents. */
const OPENING: readonly { readonly id: string; readonly party: Party }[] = CAUSES.filter(
  ({ party }) => party !== 'nobody',
);

/** How many open incidents have series. More at once would be one fault with many names. */
const OPEN_INCIDENTS_LIMIT = 200;

const ANY = { what: 'a trunk id known to sipwhy, none or unknown', atMost: OPEN_INCIDENTS_LIMIT };

/** Incidents, those that are open one by one for alerts, and their notifications. */
export class IncidentMetrics {
  readonly #open;
  readonly #events;
  readonly #notifications;
  readonly #info;
  readonly #first;
  readonly #last;
  readonly #muted;

  constructor(registry: MetricRegistry) {
    this.#open = gauge(
      registry,
      'sipwhy_incidents_open',
      'Open incidents of all replicas, by cause.',
      OPENING.map(({ id, party }) => ({ cause: [id], party: [party] })),
    );
    this.#events = counter(
      registry,
      'sipwhy_incidents_total',
      'Changes of incidents, by cause and event. Each is counted only by the replica that made it.',
      [{ cause: OPENING.map(({ id }) => id), event: INCIDENT_EVENTS }],
    );
    this.#notifications = counter(
      registry,
      'sipwhy_incident_notifications_total',
      'Attempts to deliver notifications to INCIDENT_WEBHOOK_URL, by result. given_up and dropped count whole notifications.',
      [{ result: NOTIFICATION_RESULTS }],
    );
    this.open(new Map());
    const one = (what: string) => ({ what, atMost: 1 });
    const key = { cause: one('the incident’s cause'), trunk: ANY };
    this.#info = gauge(
      registry,
      'sipwhy_incident_info',
      `Open incidents, the ${OPEN_INCIDENTS_LIMIT} with the latest failures. Always 1.`,
      [
        {
          ...key,
          incident: one('the incident’s id'),
          party: one('the cause’s party'),
          trunk_name: one('the trunk’s name'),
          title: one('the cause’s title'),
          status: one('status of the latest failed call, No answer, Dropped or Connected'),
          fix: one('the cause’s fix'),
        },
      ],
    );
    this.#first = gauge(
      registry,
      'sipwhy_incident_first_call_timestamp_seconds',
      'Start of the first failed call of an open incident, in Unix time.',
      [key],
    );
    this.#last = gauge(
      registry,
      'sipwhy_incident_last_call_timestamp_seconds',
      'Start of the latest failed call of an open incident, in Unix time.',
      [key],
    );
    this.#muted = gauge(registry, 'sipwhy_incident_muted', 'Whether an open incident is muted.', [key]);
  }

  /** Sets the number of open incidents by cause. */
  open(byCause: ReadonlyMap<string, number>): void {
    for (const { id, party } of OPENING) this.#open.set({ cause: id, party }, byCause.get(id) ?? 0);
  }

  happened(cause: string, event: IncidentEvent): void {
    this.#events.inc({ cause, event });
  }

  notified(result: (typeof NOTIFICATION_RESULTS)[number]): void {
    this.#notifications.inc({ result });
  }

  /** Shows these open incidents and no others, of too many those with the latest failures. */
  show(incidents: readonly OpenIncident[]): void {
    const shown = incidents.toSorted((a, b) => b.lastCallAt - a.lastCallAt).slice(0, OPEN_INCIDENTS_LIMIT);
    for (const metric of [this.#info, this.#first, this.#last, this.#muted]) metric.reset();
    for (const { incident, cause, party, trunk, trunkName, status, ...rest } of shown) {
      const { title = cause, fix = '' } = causeOf(cause) ?? {};
      this.#info.set({ incident, cause, party, trunk, trunk_name: trunkName, title, status, fix }, 1);
      this.#first.set({ cause, trunk }, rest.firstCallAt / 1000);
      this.#last.set({ cause, trunk }, rest.lastCallAt / 1000);
      this.#muted.set({ cause, trunk }, rest.isMuted ? 1 : 0);
    }
  }
}
