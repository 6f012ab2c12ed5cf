import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { incidentJson } from './core/explain/incidentJson.ts';
import { predictionJson } from './core/explain/predictionJson.ts';
import { readRecord } from './core/receive/webhook.ts';
import type { Engine } from './engine/engine.ts';
import { startEngineThread } from './engine/remote.ts';
import { isForwardingLoop } from './forward/forwardingLoop.ts';
import { sealingIn } from './forward/sealing.ts';
import { PRESSURE_LIMITS, type PressureLimits } from './http/pressure.ts';
import { createMetricsServer, createServer } from './http/server.ts';
import { Journal } from './journal/journal.ts';
import { openJournal } from './journal/segments.ts';
import { hasSource } from './livekit/sourceSettings.ts';
import { Condition } from './loop/condition.ts';
import { Occasion } from './loop/occasion.ts';
import { Metrics } from './metrics/metrics.ts';
import { PHASES, PROBE_REASONS } from './probe/probeResult.ts';
import { SampleApi } from './sample/sampleApi.ts';
import { readAnswers } from './service/answers/readAnswers.ts';
import { carryOver } from './service/carryOver.ts';
import { startDialForwarding } from './service/dialForwarding.ts';
import { doorRules } from './service/doorRules.ts';
import { type EngineState, NO_STATE } from './service/engineState.ts';
import { watchJournal } from './service/journalWatch.ts';
import { type RenewableLock, watchLocks } from './service/lockWatch.ts';
import { Setup } from './service/setup.ts';
import { watchClock } from './service/watchClock.ts';
import { webhookHandlers } from './service/webhookHandlers.ts';
import { BUILT_PAGE, DOCUMENTATION, VERSION } from './settings/installation.ts';
import type { Settings } from './settings/settings.ts';
import { Store } from './store/store.ts';
import { concernsFile } from './store/storeUnavailable.ts';

export interface App {
  readonly http: FastifyInstance;
  /** Listens where the settings say. */
  listen(): Promise<string>;
  /** Reads LiveKit's configuration once, and begins to judge calls. Then the service is ready. */
  start(): Promise<void>;
  /** Judges the calls that are due now. Runs by itself once started. */
  settle(): Promise<void>;
  /** Reads LiveKit's configuration now. Runs by itself once started. */
  refresh(): Promise<void>;
  /** Makes `/readyz` answer 503 while the service keeps working, so that load balancers send webhooks elsewhere. */
  markNotReady(): void;
  /** Counts an error that was thrown outside of a request. */
  readonly countError: () => void;
  /** Finishes running work, saves the verdicts that are due, and closes everything. */
  close(): Promise<void>;
}

interface AppOptions {
  /** Epoch milliseconds. With an injected clock the engine runs in this thread, because threads cannot share it. */
  readonly now?: () => number;
  /** Milliseconds of a clock that does not jump. With an injected clock only; without it, that one does not jump. */
  readonly elapsed?: () => number;
  readonly pressure?: PressureLimits;
  /** What keeps other processes from the store and the journal. */
  readonly locks?: readonly RenewableLock[];
  /** The engine ended unexpectedly, so no calls are judged any more. */
  readonly onEngineEnd?: (error: Error) => void;
}

/** How often, in milliseconds, connections that became idle are closed while the service stops. */
const CLOSE_IDLE_EVERY_MS = 100;
/** How long, in milliseconds, stopping waits for requests under way. Their peer may be dead. */
const REQUESTS_WITHIN_MS = 4_000;
/** How long after the application's timeout, in milliseconds, a dial hook may take to answer with the fallback. */
const FALLBACK_WITHIN_MS = 500;
/**
 * The door only reads. A request waits at most this long, in milliseconds, for PostgreSQL. No request waits for a lock of
 * SQLite, because the whole door would wait with it.
 */
const DOOR_STORE = { connections: 4, answerMs: 5_000, lockMs: 0 };

/** Builds the service: the journal and the routes in this thread, and the engine in its own. */
export async function createApp(
  settings: Settings,
  logger: Logger,
  { now, elapsed = now, pressure = PRESSURE_LIMITS, locks = [], onEngineEnd = () => {} }: AppOptions = {},
): Promise<App> {
  const clock = now ?? Date.now;
  let state: EngineState = NO_STATE;
  const reportState = (changed: Partial<EngineState>) => {
    state = { ...state, ...changed };
  };
  const metrics = new Metrics({
    version: VERSION,
    trunkLimit: settings.metricsTrunkLimit,
    probe: { phases: PHASES, reasons: PROBE_REASONS },
    observe: () => ({
      openCalls: state.openCalls,
      backlog: state.backlog,
      forwardBacklog: state.forwardBacklog,
      snapshot: {
        ageSeconds: state.configurationReadAt === undefined ? undefined : (clock() - state.configurationReadAt) / 1000,
        refreshIntervalSeconds: hasSource(settings.livekit) ? settings.livekit.refreshSeconds : undefined,
      },
    }),
  });
  const instance = `sipwhy-${randomUUID()}`;
  // A store in memory has its journal in a temporary directory.
  const directory = settings.journalDirectory ?? mkdtempSync(join(tmpdir(), 'sipwhy-journal-'));
  const runsInThisThread = now !== undefined || settings.databaseUrl === ':memory:';
  const store = await Store.open(settings.databaseUrl, runsInThisThread ? {} : DOOR_STORE);
  if (!runsInThisThread) {
    // The engine sees the same store, and logs it.
    store.database.onUnavailable = () => {};
  }
  await carryOver(settings, directory, store.database, logger);
  const recent = await store.recentDeliveries();
  const note = (payload: Buffer) => {
    const webhook = readRecord(payload);
    if (webhook) recent.push({ digest: webhook.digest, receivedAt: webhook.moment.receivedAt });
  };
  const opened = { directory, ...openJournal(directory, note) };
  if (opened.removedBytes > 0)
    logger.warn({ bytes: opened.removedBytes }, 'the last write to the journal was incomplete: removed its bytes');
  const parts = { settings, logger, metrics, reportState, instance, journal: opened };
  // The import is dynamic so that the door does not load the engine's modules.
  const engine = runsInThisThread
    ? (await import('./engine/engine.ts')).createEngine({ ...parts, clock: watchClock(logger, now, elapsed), store })
    : startEngineThread({ settings, journal: opened, instance }, { metrics, reportState, onEnd: onEngineEnd });
  const journal = new Journal(directory, opened, recent, (end, seconds) => {
    metrics.journal.synced(seconds);
    metrics.store.setUp('journal', true);
    void engine.synced(end);
  });
  const condition = new Condition(
    logger,
    'cannot write webhooks to disk: they are refused with 503 until this works again',
    'webhooks are written to disk again',
  );
  const watch = watchJournal({ journal, metrics: metrics.store, condition });
  const lockWatch = watchLocks(locks, logger);
  const setup = new Setup(settings, store.search, () => state);
  const dialForwarding = await startDialForwarding(settings, instance, metrics.forward, logger);
  const requestErrors = new Occasion(logger, 'error', 'an unexpected error while answering a request');
  let isReady = false;
  const onInternalError = (err: unknown) => {
    metrics.errors.internal('request');
    requestErrors.met({ err });
  };
  const sample = new SampleApi({ now: clock, onInternalError });
  const { access } = settings;
  const { metricsListener: listener } = access;
  const metricsRoute = {
    metricsToken: access.metricsToken ?? (listener ? undefined : access.apiToken),
    tokenSetting: access.metricsToken === undefined ? 'API_TOKEN' : 'METRICS_TOKEN',
    // Where a listener is, is up to the operator.
    isOpenToAll: access.allowsOpenApi || listener !== undefined,
    render: (format: 'openmetrics' | 'text') => metrics.render(format),
  };
  const metricsHttp =
    listener &&
    (await createMetricsServer(logger, {
      metrics: metricsRoute,
      doors: doorRules({ ...access, isLoopback: listener.isLoopback }, metrics.doors, logger),
      onInternalError,
    }));
  const http = await createServer(logger, {
    ...webhookHandlers({
      settings,
      journal,
      sealing: settings.forward.callStatus && sealingIn(directory),
      dialForwarding,
      setup,
      metrics,
      condition,
      logger,
      now: clock,
      isForwardingLoop: (via) => isForwardingLoop(instance, via),
    }),
    isReady: () =>
      isReady && !watch.isLost && !lockWatch.isTaken && !(state.storeFault && concernsFile(state.storeFault)),
    metrics: listener ? undefined : metricsRoute,
    doors: doorRules(access, metrics.doors, logger),
    showsNumbersToModels: access.showsNumbersToModels,
    api: {
      apiToken: access.apiToken,
      carriers: settings.site.carriers,
      isOpenToAll: access.allowsOpenApi,
      now: clock,
      version: VERSION,
      ...readAnswers({
        store,
        setup,
        hashKey: settings.site.hashKey,
        links: settings.links,
        now: clock,
        describeIncident: (incident) =>
          incidentJson(incident, state.configuration?.trunkNames.get(incident.trunk), clock(), settings.links),
        describePrediction: (prediction) =>
          predictionJson(prediction, state.configuration?.trunkNames.get(prediction.trunk)),
        feedCondition: new Condition(
          logger,
          'cannot read live events from the store; retrying',
          'live events can be read again',
        ),
      }),
      ...engineAnswers(engine),
      sample: sample.ask,
    },
    pressure,
    onInternalError,
    onShed: (route) => metrics.http.shed(route),
    page: { folder: BUILT_PAGE },
    runbooks: { folder: DOCUMENTATION },
  });

  return {
    http,
    async listen() {
      const address = await http.listen({ host: access.host, port: settings.port });
      if (metricsHttp && listener) await metricsHttp.listen({ host: listener.host, port: listener.port });
      return address;
    },
    settle: () => engine.settle(),
    refresh: () => engine.refresh(),
    async start() {
      await engine.start();
      isReady = true;
    },
    markNotReady() {
      isReady = false;
    },
    countError: () => metrics.errors.internal('door'),
    async close() {
      isReady = false;
      // Otherwise closing would wait for connections that became idle.
      const closingIdle = setInterval(() => http.server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
      const closingAll = setTimeout(() => {
        logger.warn('some requests did not finish in time: closing their connections');
        http.server.closeAllConnections();
      }, requestsWithinMs(settings));
      await http.close().finally(() => {
        clearInterval(closingIdle);
        clearTimeout(closingAll);
      });
      await metricsHttp?.close();
      await sample.close();
      await dialForwarding?.close();
      await watch.stop();
      await lockWatch.stop();
      await journal.close();
      await engine.close();
      await store.close();
      if (settings.journalDirectory === undefined) rmSync(directory, { recursive: true });
    },
  };
}

/** What the API asks of the engine: queries that take time, and what writes to the store. */
function engineAnswers(
  engine: Engine,
): Pick<
  Engine,
  | 'describeCall'
  | 'check'
  | 'whatIf'
  | 'audit'
  | 'expectedCalls'
  | 'difference'
  | 'handleIncident'
  | 'resolvePrediction'
> {
  return {
    describeCall: (callSid) => engine.describeCall(callSid),
    check: (questions) => engine.check(questions),
    whatIf: (changed) => engine.whatIf(changed),
    audit: () => engine.audit(),
    expectedCalls: () => engine.expectedCalls(),
    difference: (from, to) => engine.difference(from, to),
    handleIncident: (id, action) => engine.handleIncident(id, action),
    resolvePrediction: (id, by) => engine.resolvePrediction(id, by),
  };
}

/** A dial hook is not cut off before its application has answered or timed out, because a caller waits for the verbs. */
function requestsWithinMs({ forward: { dialAction } }: Settings): number {
  return Math.max(REQUESTS_WITHIN_MS, dialAction ? dialAction.timeoutMs + FALLBACK_WITHIN_MS : 0);
}
