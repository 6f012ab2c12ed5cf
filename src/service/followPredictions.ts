import type { Logger } from 'pino';
import type { Verdict } from '../core/diagnose/judgeCall.ts';
import { titleOfPrediction } from '../core/explain/predictionJson.ts';
import type { Prediction } from '../core/predict/prediction.ts';
import type { SeenChange } from '../core/trunks/difference.ts';
import type { Directory } from '../livekit/directory.ts';
import { hasPassed } from '../loop/clockWatch.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { OpenPrediction } from '../metrics/predictionMetrics.ts';
import type { Settings } from '../settings/settings.ts';
import type { Store, StoredAttempt } from '../store/store.ts';
import { StoreUnavailable } from '../store/storeUnavailable.ts';
import { PredictionTracker } from './predictionTracker.ts';

/** How often, in milliseconds, the kinds of calls that connected are stored, and open predicted incidents read. */
const STORE_EVERY_MS = 10_000;

interface PredictionParts {
  readonly settings: Settings;
  readonly store: Store;
  readonly metrics: Pick<Metrics, 'predictions' | 'store'>;
  readonly logger: Logger;
  /** Epoch milliseconds. */
  now(): number;
  /** `undefined` if LiveKit's configuration is not read. Asked late, because the directory reports to this. */
  directory(): Directory | undefined;
}

/** Builds what predicts, from the calls that connect and each change of the configuration, which calls will fail. */
export function followPredictions({ settings, store, metrics, logger, now, directory }: PredictionParts) {
  const trunkName = (trunk: string) => directory()?.current?.trunksById.get(trunk)?.name ?? '';
  const tracker = new PredictionTracker({
    kinds: store.callKinds,
    predictions: store.predictions,
    site: settings.site,
    now,
    events: {
      onOpen: (open) => metrics.predictions.show(open.map((one) => openPrediction(one, trunkName(one.trunk)))),
      onEvent(prediction) {
        const { id, effect, cause, trunk, closed } = prediction;
        const facts = {
          predicted_incident: id,
          effect,
          cause,
          trunk,
          ...(closed && { closed_because: closed.because }),
        };
        if (closed) logger.info(facts, 'a predicted incident closed');
        else logger.warn(facts, `a change of LiveKit’s configuration was judged: ${titleOfPrediction(prediction)}`);
      },
      onError(error) {
        metrics.store.failed('prediction');
        // The feeder already logs that the store is unavailable.
        if (!(error instanceof StoreUnavailable))
          logger.error(error, 'could not judge a change of LiveKit’s configuration');
      },
    },
  });
  /** The change that led to the version in force. */
  const latestChange = (): SeenChange | undefined => {
    const latest = directory()?.latest;
    return latest && directory()?.changesUpTo(latest.snapshot, latest.firstSeenAt)[0];
  };
  let storedAt = now();
  return {
    tracker,
    /** Notes an attempt with its first verdict. */
    count({ record, startedAt }: StoredAttempt, { attempt: { leg }, seen }: Verdict) {
      // A call that was answered and then dropped got in.
      const isAnswered = record.outcome === 'connected' || record.outcome === 'dropped';
      if (!isAnswered || !seen || leg?.to === undefined) return;
      const known = directory()?.at(startedAt);
      // Between two readings that differ it is not known which one the call met.
      if (!known || known.other) return;
      const { to, from, declaredAuth } = leg;
      tracker.connected({ to, from, declaredAuth }, known.snapshot, startedAt);
    },
    /** Judges the version that was just read for the first time. */
    changed() {
      const change = latestChange();
      if (change) tracker.changed(change.after, change);
    },
    /** Call it after each reading. */
    read() {
      const current = directory()?.current;
      if (current) tracker.again(current, latestChange());
    },
    start: () => tracker.refresh(),
    settle() {
      if (!hasPassed(STORE_EVERY_MS, storedAt, now())) return;
      storedAt = now();
      tracker.flush();
      tracker.refresh();
    },
    async close() {
      tracker.flush();
      await tracker.settled();
    },
  };
}

function openPrediction(prediction: Prediction, trunkName: string): OpenPrediction {
  const { id, effect, cause, party, trunk, kindsHit, kindsSeen, share } = prediction;
  return {
    incident: id,
    effect,
    cause: cause ?? '',
    party,
    trunk,
    trunkName,
    title: titleOfPrediction(prediction),
    kindsHit,
    kindsSeen,
    share,
  };
}
