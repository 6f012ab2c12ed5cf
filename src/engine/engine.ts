import { setTimeout as pause, setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { AttemptDiagnoser } from '../core/diagnose/diagnoseAttempt.ts';
import { JOURNAL_START, type JournalPosition } from '../core/receive/webhook.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import type { OpenedJournal } from '../journal/segments.ts';
import type { Directory } from '../livekit/directory.ts';
import { type ClockWatch, hasPassed } from '../loop/clockWatch.ts';
import { Condition } from '../loop/condition.ts';
import { every, type Loop } from '../loop/every.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { Pipeline } from '../pipeline.ts';
import { handlingAnswers } from '../service/answers/handlingAnswers.ts';
import { type MatchAnswers, matchAnswers } from '../service/answers/matchAnswers.ts';
import { auditEachOnce } from '../service/auditing.ts';
import { Cleanup } from '../service/cleanup.ts';
import { configurationState, type ReportState } from '../service/engineState.ts';
import { ExpectedCalls } from '../service/expectedCalls.ts';
import { followConfiguration } from '../service/followConfiguration.ts';
import { followIncidents } from '../service/followIncidents.ts';
import { followPredictions } from '../service/followPredictions.ts';
import { StatusForwarding } from '../service/statusForwarding.ts';
import type { Settings } from '../settings/settings.ts';
import type { Search } from '../store/calls/search.ts';
import type { Store } from '../store/store.ts';
import { StoreUnavailable } from '../store/storeUnavailable.ts';
import { callInJournal } from './callInJournal.ts';
import { countAttempt, countEnd, watchFeeding } from './counting.ts';
import { Feeder } from './feeder.ts';
import { OpenCalls } from './openCalls.ts';
import { Unmatched } from './unmatched.ts';

/** How often, in milliseconds, due calls are judged. */
const SETTLE_EVERY_MS = 100;
/** How often, in milliseconds, open calls are counted. */
const COUNT_EVERY_MS = 5_000;
/** How long, in milliseconds, stopping judges the calls that are due. The rest is judged after the next start. */
const STOPPING_MS = 2_000;
/** How long, in milliseconds, closing waits for the store. */
const CLOSE_WITHIN_MS = 7_000;
/** How long, in milliseconds, a call is looked up in the journal instead if its webhooks are not stored meanwhile. */
const FEED_WITHIN_MS = 2_000;
/** The waits after failures to save verdicts. */
const BACK_OFF = { firstMs: 100, longestMs: 3_000 };

const NEVER = new AbortController().signal;

/** The metrics that the engine counts in. */
export type EngineMetrics = Omit<Metrics, 'render' | 'described' | 'webhooks' | 'sockets' | 'http' | 'doors'>;

interface EngineParts {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly metrics: EngineMetrics;
  readonly reportState: ReportState;
  readonly clock: ClockWatch;
  /** Names this process in the Via header of forwarded requests. */
  readonly instance: string;
  readonly journal: OpenedJournal & { readonly directory: string };
  readonly store: Store;
}

/** The engine's methods for the door. Each call is answered between two turns of the engine's work. */
export interface Engine extends MatchAnswers, ReturnType<typeof handlingAnswers> {
  /** Starts the engine. Resolves after the first reading of LiveKit's configuration, whether or not it succeeded. */
  start(): Promise<void>;
  /** Call it after each group of webhooks that was written to disk. `end` is the new end of the journal. */
  synced(end: JournalPosition): Promise<void>;
  /** Judges the calls that are due now. Runs by itself once started. */
  settle(): Promise<void>;
  /** Reads LiveKit's configuration now. Runs by itself once started. */
  refresh(): Promise<void>;
  /** Finishes running work, and saves the verdicts that are due. */
  close(): Promise<void>;
}

/** Builds the engine, which stores the journal's webhooks, judges calls, updates incidents and counts. */
export function createEngine({
  settings,
  logger,
  metrics,
  reportState,
  clock,
  instance,
  journal,
  store,
}: EngineParts): Engine {
  const now = () => clock.now();
  const auditOf = auditEachOnce(settings.site);
  const { site, expectedCallsFile: file } = settings;
  const expected = file === undefined ? undefined : new ExpectedCalls({ file, site, metrics, logger, now });
  const directory = followConfiguration({
    settings,
    versions: store.configurations,
    auditOf,
    expected,
    metrics,
    logger,
    now,
    events: {
      onRefresh: (error) => reportConfiguration(error),
      onRead() {
        incidents.tracker.configurationRead();
        predictions.read();
      },
      // The new configuration may already have applied to calls since the reading before.
      onChanged(since) {
        predictions.changed();
        void store.due.reconsiderSince(since, now()).catch((error: unknown) => {
          metrics.store.failed('call');
          logger.error(error, 'could not re-evaluate open calls after a change of LiveKit’s configuration');
        });
      },
    },
  });
  let reported: Snapshot | undefined;
  const reportConfiguration = (error?: Error) => {
    const { current, ageSeconds } = directory ?? {};
    reportState({
      // It has the names of all trunks.
      ...(current && current !== reported && { configuration: configurationState(current) }),
      configurationError: error?.message,
      configurationReadAt: ageSeconds === undefined ? undefined : now() - ageSeconds * 1000,
    });
    reported = current;
  };
  const incidents = followIncidents({ settings, store, directory, metrics, logger, clock });
  const predictions = followPredictions({ settings, store, metrics, logger, now, directory: () => directory });
  const diagnoser = diagnoserFor(settings, directory);
  const calls = new OpenCalls(store, diagnoser);
  const unmatched = new Unmatched(store, () => metrics.calls.liveKitParticipant('unmatched'));
  const onCallError = (error: unknown) => {
    metrics.store.failed('call');
    logger.error(error, 'could not diagnose a call; retrying in a minute');
  };
  const feeder = new Feeder(
    journal,
    store,
    watchFeeding({ metrics, logger, reportState, site: settings.site, directory, calls, unmatched }),
  );
  store.database.onUnavailable = (error) => feeder.reportDown(error);
  const pipeline = new Pipeline({
    feed: async () => {
      await feeder.feed();
      return feeder.isCaughtUp;
    },
    catchUp: (at) => calls.catchUp(at),
    closeSettled: (at) => calls.closeSettled(at),
    claim: (at, limit) => calls.claim(at, limit),
    diagnoser,
    save: (judged) => calls.handBack(judged, now()),
    giveBack: (claimed) => calls.giveBack(claimed),
    findSaved: (judged, attempts, saved) => calls.findSaved(judged, attempts, saved),
    reconsiderAffected: (at) => calls.reconsiderAffected(at),
    count(attempt, verdict) {
      countAttempt({ metrics, logger, directory }, attempt, verdict);
      predictions.count(attempt, verdict);
    },
    countEnd: (attempt) => countEnd({ metrics, logger, directory }, attempt),
    saved: (saved) => incidents.tracker.saved(saved),
    failed: onCallError,
  });
  const cleanup = new Cleanup({
    store: store.retention,
    settings: settings.retention,
    metrics: metrics.store,
    logger,
    clock,
  });
  let forwarding: StatusForwarding | undefined;
  let probing: { stop(): void } | undefined;
  let settling: Loop | undefined;
  let indexing: Promise<void> | undefined;
  let isClosing = false;
  let countedAt = Number.NEGATIVE_INFINITY;
  let end = journal.end;

  const settle = async (signal: AbortSignal): Promise<boolean> => {
    let isMoreDue = false;
    try {
      const began = now();
      const jumpedBy = clock.takeJump();
      if (jumpedBy !== 0) {
        calls.clockJumped(jumpedBy, began);
        unmatched.clockJumped(jumpedBy);
      }
      // Within a run the clock does not jump.
      isMoreDue = await pipeline.run(clock.from(began), signal);
      await unmatched.countOverdue(now());
      if (hasPassed(COUNT_EVERY_MS, countedAt, now())) {
        reportState({ openCalls: await store.due.count() });
        countedAt = now();
      }
    } catch (error) {
      // The feeder has logged that the store is unavailable.
      if (!(error instanceof StoreUnavailable)) throw error;
    } finally {
      reportState({ backlog: feeder.backlog, forwardBacklog: forwarding?.backlog });
    }
    await incidents.settle();
    predictions.settle();
    return isMoreDue;
  };
  /** The latest run. Runs follow one another, whoever asks for them. */
  let latest: Promise<unknown> = Promise.resolve();
  const settleInTurn = (signal: AbortSignal): Promise<boolean> => {
    const next = latest.then(() => settle(signal));
    latest = next.catch(() => {});
    return next;
  };
  /** Judges all calls that are due. */
  const settleAll = async (signal: AbortSignal) => {
    while ((await settleInTurn(signal)) && !signal.aborted);
  };

  const answers = matchAnswers({
    store,
    site: settings.site,
    links: settings.links,
    callInJournal: (callSid) => callInJournal(journal.directory, feeder.position ?? JOURNAL_START, end, callSid),
    snapshotNow: () => directory?.current,
    configurationAt: (time) => directory?.at(time),
    auditOf,
    now,
    expected,
  });
  return {
    ...answers,
    ...handlingAnswers(store, now, {
      onChanged: (folded) => incidents.tracker.changed(folded),
      onAccepted: () => predictions.start(),
    }),
    async describeCall(callSid) {
      // A client may ask for a call as soon as its webhook is acknowledged, so store what has arrived first.
      await Promise.race([feeder.feed(), pause(FEED_WITHIN_MS, undefined, { ref: false })]);
      return answers.describeCall(callSid);
    },
    async start() {
      if (store.isShared)
        logger.info({ replica: store.owner, journal: journal.directory }, 'this replica shares its store with others');
      else await store.due.releaseAll();
      forwarding = await StatusForwarding.start({ settings, journal, instance, metrics, logger, clock });
      if (forwarding) feeder.retainFor(forwarding);
      feeder.start();
      // Webhooks are stored meanwhile. Verdicts wait, because calls from before a restart need the configuration.
      await directory?.start();
      if (directory && !directory.current) {
        logger.warn(
          'LiveKit’s trunks and dispatch rules are unknown: calls are diagnosed without them until they are read',
        );
      }
      await incidents.start();
      predictions.start();
      const { intervalSeconds, targets, sipHosts } = settings.probe;
      if (intervalSeconds > 0 && targets.length + sipHosts.length > 0) {
        // The SIP library comes with it.
        const { startProbing } = await import('../service/probing.ts');
        probing = startProbing(settings, metrics, logger, ({ target, reachable }) =>
          incidents.tracker.probed({ target, reachable, at: now() }),
        );
      }
      settling = every(async (signal) => ((await settleInTurn(signal)) ? 0 : undefined), {
        everyMs: SETTLE_EVERY_MS,
        backOff: BACK_OFF,
        onError: () => metrics.store.failed('verdict'),
        condition: new Condition(logger, 'cannot save verdicts; retrying', 'verdicts are saved again'),
      });
      cleanup.start();
      indexing = indexOlderAttempts(store.search, () => isClosing).catch((error: unknown) =>
        logger.error(
          error,
          'could not index the attempts of an older version: filters do not find all of them; retrying at the next start',
        ),
      );
    },
    async synced(to) {
      end = to;
      await Promise.all([feeder.feed(to), forwarding?.feed(to)]);
    },
    settle: () => settleAll(NEVER),
    async refresh() {
      await directory?.refresh();
      await predictions.tracker.settled();
      await expected?.settle();
    },
    async close() {
      isClosing = true;
      // A database that is silent would hold each of these steps.
      const aborting = setTimeout(() => store.database.abort(), CLOSE_WITHIN_MS);
      await settling?.stop();
      await directory?.stop();
      probing?.stop();
      await feeder.stop();
      await forwarding?.feed();
      await feeder
        .removeRead()
        .catch((error: unknown) => logger.error(error, 'could not delete old segments of the journal'));
      await settleAll(AbortSignal.timeout(STOPPING_MS)).catch((error: unknown) => {
        metrics.store.failed('verdict');
        logger.error(error, 'could not save the last verdicts; their calls are diagnosed after the next start');
      });
      await forwarding?.close();
      await indexing;
      await cleanup.stop();
      await incidents.close();
      await predictions.close();
      clearTimeout(aborting);
    },
  };
}

function diagnoserFor({ site }: Settings, directory: Directory | undefined): AttemptDiagnoser {
  return new AttemptDiagnoser(site, {
    at: (time) => directory?.at(time),
    changesUpTo: (snapshot, time) => directory?.changesUpTo(snapshot, time) ?? [],
  });
}

/** Indexes the attempts of an older version for searches, a few at a time, so that webhooks are stored meanwhile. */
async function indexOlderAttempts(search: Search, isStopped: () => boolean): Promise<void> {
  for (let after: string | undefined = ''; after !== undefined && !isStopped(); ) {
    after = await search.indexMissing(after);
    await setImmediate();
  }
}
