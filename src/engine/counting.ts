import type { Logger } from 'pino';
import { delaysOf } from '../core/call/call.ts';
import { waitsOf } from '../core/call/waits.ts';
import type { Site } from '../core/diagnose/facts/site.ts';
import { namesUnknownNumber } from '../core/diagnose/facts/site.ts';
import type { Verdict } from '../core/diagnose/judgeCall.ts';
import { maskOf } from '../core/explain/mask.ts';
import { isBlamedEnd } from '../core/incidents/failure.ts';
import type { Directory } from '../livekit/directory.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ReportState } from '../service/engineState.ts';
import type { StoredAttempt } from '../store/store.ts';
import { StoreUnavailable } from '../store/storeUnavailable.ts';
import type { FeederEvents } from './feeder.ts';
import type { OpenCalls } from './openCalls.ts';
import type { Unmatched } from './unmatched.ts';

/** What counting and logging use. */
interface Counters {
  readonly metrics: Pick<Metrics, 'calls' | 'store' | 'journal'>;
  readonly logger: Logger;
  readonly directory: Directory | undefined;
}

/** Counts an attempt with its first verdict, and logs a failure. */
export function countAttempt(
  { metrics, logger, directory }: Counters,
  { record, settledAt }: StoredAttempt,
  { attempt, report, join }: Verdict,
): void {
  const { callSid, outcome, cause, party, confidence, trunk, summary, response, ruleErrors } = record;
  const counted = { callSid, outcome, cause, party, trunk, response, ruleErrors };
  const delays = { ...delaysOf(attempt, settledAt), waits: waitsOf(attempt) };
  metrics.calls.attempt(counted, delays, settledAt / 1000);
  if (report.kind === 'admitted') metrics.calls.reached(report.seconds);
  if (join.kind !== 'none') metrics.calls.liveKitParticipant(join.kind);
  if (outcome !== 'failed') return;
  const mask = maskOf([record.from ?? '', record.to ?? '']);
  logger.info({ call_sid: callSid, cause, party, confidence, trunk }, mask(summary));
  // The configuration of a failing trunk may have changed since it was last read.
  if (trunk !== 'none') directory?.refreshSoon();
}

/** Counts the end of an answered attempt with the first verdict on it, and logs one with a fault. */
export function countEnd({ metrics, logger, directory }: Counters, { record, settledAt }: StoredAttempt): void {
  const { callSid, outcome, cause, party, confidence, trunk, summary, end } = record;
  const isBlamed = outcome !== 'dropped' || isBlamedEnd(record);
  const blame = isBlamed ? { cause, party } : { cause: undefined, party: undefined };
  metrics.calls.ended({ callSid, ...blame, trunk, end }, settledAt / 1000);
  if (outcome !== 'dropped' && !isBlamedEnd(record)) return;
  const mask = maskOf([record.from ?? '', record.to ?? '']);
  logger.info({ call_sid: callSid, cause, party, confidence, trunk }, mask(summary));
  if (trunk !== 'none') directory?.refreshSoon();
}

interface FeedingParts extends Counters {
  readonly reportState: ReportState;
  readonly site: Site;
  readonly calls: OpenCalls;
  readonly unmatched: Unmatched;
}

/** Counts and logs what the feeder does, and reports stored webhooks to the open calls. */
export function watchFeeding({
  metrics,
  logger,
  reportState,
  directory,
  site,
  calls,
  unmatched,
}: FeedingParts): FeederEvents {
  return {
    onFed(webhooks, delivery) {
      metrics.journal.fed(delivery.results, calls.delivered(delivery));
      for (const [i, { event }] of webhooks.entries()) {
        if (delivery.results[i] !== 'stored') continue;
        unmatched.note(event);
        if (event.kind === 'livekit' || !directory?.current) continue;
        if (namesUnknownNumber(site, event, directory.current)) directory.refreshSoon();
      }
    },
    onStoreDown(error) {
      metrics.store.setUp('store', false);
      const fault = error instanceof StoreUnavailable ? error.fault : undefined;
      reportState({ storeFault: fault });
      const what = fault === 'unreachable' ? 'PostgreSQL is unavailable' : 'cannot write to the store';
      logger.error(fault ? { error: (error as Error).message } : error, `${what}: webhooks wait in the journal`);
    },
    onStoreWorked: () => metrics.store.setUp('store', true),
    onStoreBack(downMs) {
      reportState({ storeFault: undefined });
      logger.info(
        { away_seconds: Math.round(downMs / 1000) },
        'the store is available again: storing the webhooks that waited in the journal',
      );
    },
    onSetAside(reason) {
      metrics.journal.setAside();
      logger.error(
        { reason },
        'the store refused a webhook: it is kept in the file set-aside in the journal directory',
      );
    },
    onDamage(bytes) {
      metrics.journal.damaged(bytes);
      logger.error({ bytes }, 'the journal is damaged: skipped to the next intact record');
    },
    onSegmentsLost(bytes) {
      metrics.journal.damaged(bytes);
      logger.error(
        { bytes },
        'segments of the journal were deleted before the store had them: their webhooks are lost. Never delete them: sipwhy does it once they are stored',
      );
    },
  };
}
