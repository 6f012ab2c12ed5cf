import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { answersFrom } from './answers.ts';
import { audit, countByTrunk } from './audit/audit.ts';
import { BUILT_PAGE } from './builtPage.ts';
import { delaysOf } from './call/delays.ts';
import type { CallFlow, CallFlowEvents } from './callFlow.ts';
import { AttemptDiagnoser } from './diagnose/attempts.ts';
import { namesUnknownNumber } from './diagnose/unknownNumber.ts';
import { fillSearch } from './fillSearch.ts';
import { followIncidents } from './followIncidents.ts';
import { Forwarding } from './forwarding.ts';
import type { JambonzIntake } from './http/jambonzDelivery.ts';
import { readPageFiles } from './http/pageFiles.ts';
import { PRESSURE_LIMITS, type PressureLimits } from './http/pressure.ts';
import { createServer } from './http/server.ts';
import { PostgresStore } from './journal/postgres.ts';
import type { NewEvent } from './journal/store.ts';
import { Directory, type DirectoryEvents } from './livekit/directory.ts';
import { sourceFrom } from './livekit/source.ts';
import { openStore } from './openStore.ts';
import { Pipeline } from './pipeline.ts';
import { PHASES, PROBE_REASONS } from './probe/result.ts';
import { startProbing } from './probing.ts';
import { Metrics } from './record/metrics.ts';
import type { WebhookMetrics } from './record/webhookMetrics.ts';
import { Replica } from './replica.ts';
import { Retaining } from './retaining.ts';
import type { Settings } from './settings.ts';
import { Setup } from './setup.ts';
import { SingleServer } from './singleServer.ts';
import { Trouble } from './trouble.ts';
import { trunksChanged } from './trunks/difference.ts';
import type { Snapshot } from './trunks/snapshot.ts';
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

/** How often, in milliseconds, calls are looked at for what is due. */
const SETTLE_EVERY_MS = 100;

/** Puts the service together: journal, pipeline, LiveKit's configuration, metrics and routes. */
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
        refreshIntervalSeconds: source && settings.livekit.refreshSeconds,
      },
    }),
  });
  const store = await openStore(settings, metrics, logger);
  const source = sourceFrom(settings.livekit);
  const setup = new Setup(settings, store.search, () => directory?.current);
  let before: Snapshot | undefined;
  const directoryEvents: DirectoryEvents = {
    onRefresh(error, seconds) {
      metrics.liveKit.refreshed(seconds, error);
      setup.refreshed(error);
      if (error)
        logger.warn({ error: error.message }, 'LiveKit’s configuration could not be read; the last one is kept');
      else incidents.book.configurationRead();
    },
    onChange(snapshot, since) {
      metrics.calls.trunks(snapshot.trunks.map(({ sip_trunk_id }) => sip_trunk_id));
      metrics.liveKit.trunks(snapshot.trunks);
      metrics.liveKit.findings(countByTrunk(audit(snapshot, settings.site), snapshot));
      if (before) metrics.liveKit.changed(trunksChanged(before, snapshot));
      before = snapshot;
      logger.info({ trunks: snapshot.trunks.length, rules: snapshot.rules.length }, 'LiveKit’s configuration was read');
      // Calls since the reading before may have met the new configuration already.
      if (since !== undefined) flow.reconsiderSince(since, now());
    },
    onHistoryError(error) {
      metrics.store.failed('history');
      logger.warn({ error: error.message }, 'the versions of LiveKit’s configuration could not be read or written');
    },
  };
  const directory =
    source && new Directory(source, settings.livekit.refreshSeconds, now, directoryEvents, store.configurations);
  const configuration = {
    at: (time: number) => directory?.at(time),
    changesUpTo: (snapshot: Snapshot, time: number) => directory?.changesUpTo(snapshot, time) ?? [],
  };
  const diagnoser = new AttemptDiagnoser(settings.site, configuration);
  const makePipeline = () => new Pipeline(settings.site, configuration.at, configuration.changesUpTo, diagnoser);
  const events: CallFlowEvents = {
    onEvent(event) {
      if (directory?.current && namesUnknownNumber(settings.site, event, directory.current)) directory.refreshSoon();
    },
    onFirst({ callSid, explanation, settledAt }, { attempt, heard }) {
      metrics.calls.attempt(explanation, delaysOf(attempt, settledAt), settledAt / 1000);
      if (heard.kind === 'admitted') metrics.calls.reached(heard.seconds);
      const { outcome, cause, party, confidence, trunk, summary } = explanation;
      // A trunk that begins to fail may just have been changed.
      if (outcome === 'failed' && trunk !== 'none') directory?.refreshSoon();
      if (outcome === 'failed') logger.info({ call_sid: callSid, cause, party, confidence, trunk }, summary);
    },
    onSaved: (saved) => incidents.book.saved(saved),
    onParticipant: (result) => metrics.calls.liveKitParticipant(result),
    onCallError(error) {
      metrics.store.failed('call');
      logger.error(error, 'the call of a webhook could not be read from the store');
    },
  };
  const incidents = followIncidents(settings, store, directory, metrics, logger, now);
  const flow: CallFlow =
    store instanceof PostgresStore
      ? new Replica(store, makePipeline, events)
      : new SingleServer(store, makePipeline(), events);
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
    onFeedFailing(error) {
      if (error) logger.error(error, 'events for the live view cannot be read from the store; they come later');
      else logger.info('events for the live view are read again');
    },
  });

  const settle = async () => {
    await flow.settle(now());
    await incidents.settle();
  };

  const journalTrouble = new Trouble(
    logger,
    'webhooks cannot be written to disk: they are refused with 503 until they can',
    'webhooks are written to disk again',
  );
  const take = async (incoming: NewEvent) => {
    try {
      const taken = await flow.take(incoming);
      if (taken !== 'store_busy') journalTrouble.over();
      return taken;
    } catch (error) {
      journalTrouble.met(error);
      throw error;
    }
  };

  const onWebhook: WebhookMetrics['received'] = (source, event, result) => {
    metrics.webhooks.received(source, event, result);
    setup.received(source, result);
    if (result === 'store_failed') metrics.store.failed('webhook');
  };

  const jambonz: JambonzIntake = {
    trust: settings.trust,
    now,
    hasPassedHere: (via) => forwarding.hasPassedHere(via),
    async accept(event, fingerprint, { body, method, query, headers }) {
      const isForwarded = event.kind === 'status' && forwarding.takesStatuses;
      const passOn = isForwarded && { passOn: { method, query, headers } };
      const taken = await take({ event, ...fingerprint, body, ...passOn });
      if (isForwarded && taken === 'accepted') forwarding.queued();
      return taken;
    },
    onWebhook: (event, outcome) => onWebhook('jambonz', event, outcome),
  };

  const verdictTrouble = new Trouble(
    logger,
    'verdicts cannot be written: they are tried again',
    'verdicts are written again',
  );
  let isReady = false;
  let isClosing = false;
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> | undefined;
  let probing: { stop(): void } | undefined;
  let filling: Promise<void> | undefined;
  const http = await createServer(logger, {
    jambonz: {
      ...jambonz,
      askForVerbs: forwarding.askForVerbs,
      onAnswered: (hook, seconds) => metrics.webhooks.answered(hook, seconds),
      onAnsweredEarly: () => metrics.forward.answeredEarly(),
    },
    jambonzSocket: {
      ...jambonz,
      onSocketOpened: () => metrics.sockets.opened(),
      onSocketClosed: (reason) => metrics.sockets.closed(reason),
      pingEveryMs: 30_000,
    },
    livekit: {
      trust: settings.liveKitTrust,
      now,
      accept: (event, delivery) => take({ event, ...delivery }),
      onWebhook: (event, outcome) => onWebhook('livekit', event, outcome),
      onAnswered: (seconds) => metrics.webhooks.answered('livekit', seconds),
    },
    operations: {
      metricsToken: settings.metricsToken,
      render: (accept) => metrics.render(accept),
      isReady: () => isReady,
    },
    api: { apiToken: settings.apiToken, version: VERSION, ...answers, ...incidents.answers },
    pressure,
    onShed: (route) => metrics.http.shed(route),
    page: { files: readPageFiles(BUILT_PAGE) },
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
      const run = () => {
        turn = settle()
          .then(() => verdictTrouble.over())
          .catch((error: unknown) => {
            metrics.store.failed('verdict');
            verdictTrouble.met(error);
          })
          .finally(() => {
            if (!isClosing) timer = setTimeout(run, SETTLE_EVERY_MS);
          });
      };
      run();
      retaining.start();
    },
    leave() {
      isReady = false;
    },
    async close() {
      isReady = false;
      isClosing = true;
      clearTimeout(timer);
      await directory?.stop();
      probing?.stop();
      await http.close();
      await turn;
      // What is due by now has its verdict; the rest goes on after the next start.
      await settle().catch((error: unknown) => {
        metrics.store.failed('verdict');
        verdictTrouble.met(error);
      });
      await forwarding.close();
      await filling;
      await retaining.stop();
      await incidents.close();
      await store.close();
    },
  };
}
