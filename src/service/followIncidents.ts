import type { Logger } from 'pino';
import type { Directory } from '../livekit/directory.ts';
import { type Clock, hasPassed } from '../loop/clockWatch.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { openIncident } from '../metrics/openIncident.ts';
import type { Settings } from '../settings/settings.ts';
import type { Store } from '../store/store.ts';
import { StoreUnavailable } from '../store/storeUnavailable.ts';
import { IncidentNotices } from './incidentNotices.ts';
import { IncidentTracker, type IncidentTrackerEvents, REFRESH_EVERY_MS } from './incidentTracker.ts';

/** How often, in milliseconds, the metrics of open incidents follow them at most. */
const SHOW_EVERY_MS = 1_000;

interface IncidentParts {
  readonly settings: Settings;
  readonly store: Store;
  /** `undefined` if LiveKit's configuration is not read. */
  readonly directory: Directory | undefined;
  readonly metrics: Pick<Metrics, 'incidents' | 'store'>;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Builds what updates incidents, counts them and sends notices about them. */
export function followIncidents({ settings, store, directory, metrics, logger, clock }: IncidentParts) {
  const now = () => clock.now();
  let isLogged = false;
  const events: IncidentTrackerEvents = {
    onEvent: ({ cause }, event) => metrics.incidents.happened(cause, event),
    onOpen: (byCause) => metrics.incidents.open(byCause),
    onChange: (open) =>
      metrics.incidents.show(open.map((incident) => openIncident(incident, trunkName(incident.trunk), now()))),
    onFailing(error) {
      if (!error && isLogged) logger.info('incidents are updated again');
      // The feeder already logs that PostgreSQL is unavailable.
      isLogged = error !== undefined && !(error instanceof StoreUnavailable);
      if (!isLogged) return;
      metrics.store.failed('incident');
      logger.error(error, 'could not update incidents in the store; failed calls are still counted in them');
    },
  };
  const { incidents } = store;
  const trunkName = (trunk: string) => tracker.trunkName(trunk);
  const tracker = new IncidentTracker({ incidents, site: settings.site, configurations: directory, clock, events });
  const notices = new IncidentNotices({
    settings: settings.incidentWebhooks,
    store: incidents.notices,
    trunkName,
    links: settings.links,
    metrics: metrics.incidents,
    logger,
    clock,
  });
  let refreshedAt = now();
  let shownAt = now();
  return {
    tracker,
    async start() {
      await tracker.refresh();
      tracker.show();
      notices.start();
    },
    /** Resolves once incidents reflect everything reported so far. Never rejects. */
    async settle() {
      if (hasPassed(REFRESH_EVERY_MS, refreshedAt, now())) {
        refreshedAt = now();
        void tracker.refresh();
      }
      await tracker.settled();
      if (!hasPassed(SHOW_EVERY_MS, shownAt, now())) return;
      shownAt = now();
      tracker.show();
    },
    async close() {
      await notices.close();
      await tracker.settled();
    },
  };
}
