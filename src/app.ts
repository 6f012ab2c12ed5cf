import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { answersFrom } from './answers/answers.ts';
import { auditEachOnce } from './audit/audit.ts';
import { BUILT_PAGE } from './builtPage.ts';
import { Condition } from './condition.ts';
import { PRESSURE_LIMITS, type PressureLimits } from './http/pressure.ts';
import { createServer } from './http/server.ts';
import { PHASES, PROBE_REASONS } from './probe/result.ts';
import { Metrics } from './record/metrics.ts';
import { fillSearch } from './service/fillSearch.ts';
import { followCalls } from './service/followCalls.ts';
import { followConfiguration } from './service/followConfiguration.ts';
import { followIncidents } from './service/followIncidents.ts';
import { Forwarding } from './service/forwarding.ts';
import { openStore } from './service/openStore.ts';
import { startProbing } from './service/probing.ts';
import { Retaining } from './service/retaining.ts';
import { Settling } from './service/settling.ts';
import { Setup } from './service/setup.ts';
import { takeWebhooks } from './service/takeWebhooks.ts';
import type { Settings } from './settings/settings.ts';
import { VERSION } from './version.ts';

export interface App {
  readonly http: FastifyInstance;
  /** Takes up unfinished calls, reads LiveKit's configuration once, and begins to settle: then the service is ready. */
  start(): Promise<void>;
  /** Settles what is due now. Runs by itself once started. */
  settle(): Promise<void>;
  /** Reads LiveKit's configuration now. Runs by itself once started. */
  refresh(): Promise<void>;
  /** Says that it is not ready any more, and goes on all the same: whoever distributes webhooks shall notice. */
  leave(): void;
  /** Finishes what is under way, writes what is due, and lets go of everything. */
  close(): Promise<void>;
}

/** How often, in milliseconds, connections that became idle are closed while the service stops. */
const CLOSE_IDLE_EVERY_MS = 100;
/** As long, in milliseconds, requests that are under way are waited for: some sender or reader may be dead. */
const REQUESTS_WITHIN_MS = 4_000;
/** How long after its application's timeout, in milliseconds, a dial hook may still be answered with the fallback. */
const FALLBACK_WITHIN_MS = 500;

/** Puts the service together: store, LiveKit's configuration, calls, incidents, metrics and routes. */
export async function createApp(
  settings: Settings,
  logger: Logger,
  now: () => number = Date.now,
  pressure: PressureLimits = PRESSURE_LIMITS,
): Promise<App> {
  const metrics = new Metrics({
    version: VERSION,
    trunkLimit: settings.metricsTrunkLimit,
    probe: { phases: PHASES, reasons: PROBE_REASONS },
    observe: () => ({
      openCalls: flow.openCalls,
      forwardBacklog: forwarding.backlog,
      snapshot: {
        ageSeconds: directory?.ageSeconds,
        refreshIntervalSeconds: directory && settings.livekit.refreshSeconds,
      },
    }),
  });
  const store = await openStore(settings, metrics, logger);
  const auditOf = auditEachOnce(settings.site);
  const setup = new Setup(settings, store.search, () => directory?.current);
  const directory = followConfiguration(settings, store.configurations, auditOf, setup, metrics, logger, now, {
    onRead: () => incidents.book.configurationRead(),
    // Calls since the reading before may have met the new configuration already.
    onChanged: (since) => flow.reconsiderSince(since, now()),
  });
  const incidents = followIncidents(settings, store, directory, metrics, logger, now);
  const flow = followCalls(settings, store, directory, metrics, logger, (saved) => incidents.book.saved(saved));
  const forwarding = new Forwarding(settings, store.forwards, metrics, logger, now);
  const retaining = new Retaining(store.retention, settings.retention, metrics.store, logger, now);
  const answers = answersFrom({
    store,
    site: settings.site,
    setup,
    now,
    snapshotNow: () => directory?.current,
    configurationAt: (time) => directory?.at(time),
    describeIncident: (incident) => incidents.book.describe(incident),
    feedCondition: new Condition(
      logger,
      'events for the live view cannot be read from the store; they come later',
      'events for the live view are read again',
    ),
    auditOf,
  });
  const settle = async () => {
    await flow.settle(now());
    await incidents.settle();
  };
  const settling = new Settling(settle, metrics.store, logger);

  let isReady = false;
  let isClosing = false;
  let probing: { stop(): void } | undefined;
  let filling: Promise<void> | undefined;
  const http = await createServer(logger, {
    ...takeWebhooks(settings, flow, forwarding, setup, metrics, logger, now),
    operations: {
      metricsToken: settings.metricsToken,
      render: (format) => metrics.render(format),
      isReady: () => isReady,
    },
    api: { apiToken: settings.apiToken, version: VERSION, ...answers, ...incidents.answers },
    pressure,
    onShed: (route) => metrics.http.shed(route),
    page: { folder: BUILT_PAGE },
  });

  return {
    http,
    settle,
    refresh: async () => directory?.refresh(),
    async start() {
      await flow.resume(now());
      await forwarding.start();
      // Webhooks are taken meanwhile; verdicts wait, since those of before a restart need the configuration.
      await directory?.start();
      if (directory && !directory.current) {
        logger.warn('LiveKit’s trunks and rules are not known: calls are judged without them until they can be read');
      }
      await incidents.start();
      probing = startProbing(settings, metrics, logger, ({ target, reachable }) =>
        incidents.book.probed({ target, reachable, at: now() }),
      );
      isReady = true;
      filling = fillSearch(store.search, () => isClosing).catch((error: unknown) =>
        logger.error(
          error,
          'attempts of an older version cannot be found by filters; it is tried again at the next start',
        ),
      );
      settling.start();
      retaining.start();
    },
    leave() {
      isReady = false;
    },
    async close() {
      isReady = false;
      isClosing = true;
      settling.pause();
      await directory?.stop();
      probing?.stop();
      // A connection that is idle once its request was answered would be waited for.
      const closingIdle = setInterval(() => http.server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
      const closingAll = setTimeout(() => {
        logger.warn('requests that do not come to their end are cut off');
        http.server.closeAllConnections();
      }, requestsWithinMs(settings));
      await http.close().finally(() => {
        clearInterval(closingIdle);
        clearTimeout(closingAll);
      });
      await settling.finish();
      await forwarding.close();
      await filling;
      await retaining.stop();
      await incidents.close();
      await store.close();
    },
  };
}

/** A caller waits for the verbs: a dial hook is not cut off before its application has answered or is given up. */
function requestsWithinMs({ forward: { dialAction } }: Settings): number {
  return Math.max(REQUESTS_WITHIN_MS, dialAction ? dialAction.timeoutMs + FALLBACK_WITHIN_MS : 0);
}
