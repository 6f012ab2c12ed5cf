import type { Party } from '../core/diagnose/cause.ts';
import { CAUSES } from '../core/diagnose/causes.ts';
import { INCIDENT_EVENTS, type IncidentEvent } from '../core/incidents/incident.ts';
import { counter, gauge, type MetricRegistry } from './instruments.ts';

/** Results of one attempt to deliver a notification, and (`given_up`, `dropped`) of a notification as a whole. */
const NOTIFICATION_RESULTS = ['delivered', 'timeout', 'refused', 'error_status', 'given_up', 'dropped'] as const;

/** Causes that open incidents. */
const OPENING: readonly { readonly id: string; readonly party: Party }[] = CAUSES.filter(
  ({ party }) => party !== 'nobody',
);

/** Incidents and their notifications. */
export class IncidentMetrics {
  readonly #open;
  readonly #events;
  readonly #notifications;

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
}
