import type { Logger } from 'pino';
import type { Directory } from '../livekit/directory.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Settings } from '../settings/settings.ts';
import { StoreAway } from '../store/postgres/postgresDatabase.ts';
import type { Store } from '../store/store.ts';
import { IncidentNotices } from './incidentNotices.ts';
import { IncidentTracker, LOOK_EVERY_MS } from './incidentTracker.ts';

/** Puts together what keeps incidents, counts them and tells others of them. */
export function followIncidents(
  settings: Settings,
  store: Store,
  directory: Directory | undefined,
  metrics: Pick<Metrics, 'incidents' | 'store'>,
  logger: Logger,
  now: () => number,
) {
  let isSaid = false;
  const tracker = new IncidentTracker(store.incidents, settings.site, directory, now, {
    onEvent: ({ cause }, event) => metrics.incidents.happened(cause, event),
    onOpen: (byCause) => metrics.incidents.open(byCause),
    onFailing(error) {
      if (!error && isSaid) logger.info('incidents are updated again');
      // That PostgreSQL is away is said by the store itself.
      isSaid = error !== undefined && !(error instanceof StoreAway);
      if (!isSaid) return;
      metrics.store.failed('incident');
      logger.error(error, 'could not update incidents in the store; failed calls are still counted in them');
    },
  });
  const trunkName = (trunk: string) => tracker.trunkName(trunk);
  const notices = new IncidentNotices(
    settings.incidentWebhooks,
    store.incidents.notices,
    trunkName,
    metrics.incidents,
    logger,
    now,
  );
  let lookedAt = now();
  return {
    tracker,
    async start() {
      await tracker.look();
      notices.start();
    },
    /** Brings incidents up to what was learnt until now. Never rejects. */
    async settle() {
      if (now() - lookedAt >= LOOK_EVERY_MS) {
        lookedAt = now();
        void tracker.look();
      }
      await tracker.settled();
    },
    async close() {
      await notices.close();
      await tracker.settled();
    },
  };
}
