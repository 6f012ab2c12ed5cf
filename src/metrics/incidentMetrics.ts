import type { Party } from '../core/diagnose/cause.ts';
import { CAUSES } from '../core/diagnose/causes.ts';
import { INCIDENT_EVENTS, type IncidentEvent } from '../core/incidents/incident.ts';
import { counter, gauge, type MetricRegistry } from './instruments.ts';

/** What became of a try to tell somebody of an incident, or of all tries. */
const NOTIFICATION_RESULTS = ['delivered', 'timeout', 'refused', 'error_status', 'given_up', 'dropped'] as const;

/** Causes that open incidents. */
const OPENING: readonly { readonly id: string; readonly party: Party }[] = CAUSES.filter(
  ({ party }) => party !== 'nobody',
);

/** Incidents, and who was told of them. */
export class IncidentMetrics {
  readonly #open;
  readonly #events;
  readonly #notifications;

  constructor(registry: MetricRegistry) {
    this.#open = gauge(
      registry,
      'sipwhy_incidents_open',
      'Incidents that are open, by cause: of all replicas together.',
      OPENING.map(({ id, party }) => ({ cause: [id], party: [party] })),
    );
    this.#events = counter(
      registry,
      'sipwhy_incidents_total',
      'What happened to incidents, by cause: each is counted by the replica that brought it about.',
      [{ cause: OPENING.map(({ id }) => id), event: INCIDENT_EVENTS }],
    );
    this.#notifications = counter(
      registry,
      'sipwhy_incident_notifications_total',
      'Tries to tell INCIDENT_WEBHOOK_URL of incidents, by what became of them; given up and dropped are whole messages.',
      [{ result: NOTIFICATION_RESULTS }],
    );
    this.open(new Map());
  }

  /** Sets how many are open, by cause. */
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
