import type { Logger } from 'pino';
import { delaysOf } from '../call/delays.ts';
import { AttemptDiagnoser } from '../diagnose/attempts.ts';
import { namesUnknownNumber } from '../diagnose/unknownNumber.ts';
import { PostgresStore } from '../journal/postgres.ts';
import type { SavedAttempts, Store } from '../journal/store.ts';
import type { Directory } from '../livekit/directory.ts';
import { Pipeline } from '../pipeline.ts';
import type { Metrics } from '../record/metrics.ts';
import type { Settings } from '../settings/settings.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import type { CallFlow, CallFlowEvents } from './callFlow.ts';
import { Replica } from './replica.ts';
import { SingleServer } from './singleServer.ts';

/** Puts together what brings webhooks to their calls and calls to their verdicts, and counts and logs these. */
export function followCalls(
  { site }: Settings,
  store: Store,
  directory: Directory | undefined,
  metrics: Metrics,
  logger: Logger,
  onSaved: (saved: SavedAttempts) => void,
): CallFlow {
  const configuration = {
    at: (time: number) => directory?.at(time),
    changesUpTo: (snapshot: Snapshot, time: number) => directory?.changesUpTo(snapshot, time) ?? [],
  };
  const diagnoser = new AttemptDiagnoser(site, configuration);
  const makePipeline = () => new Pipeline(site, configuration.at, configuration.changesUpTo, diagnoser);
  const events: CallFlowEvents = {
    onEvent(event) {
      if (directory?.current && namesUnknownNumber(site, event, directory.current)) directory.refreshSoon();
    },
    onFirst({ callSid, record, settledAt }, { attempt, heard }) {
      metrics.calls.attempt(record, delaysOf(attempt, settledAt), settledAt / 1000);
      if (heard.kind === 'admitted') metrics.calls.reached(heard.seconds);
      const { outcome, cause, party, confidence, trunk, summary } = record;
      if (outcome !== 'failed') return;
      logger.info({ call_sid: callSid, cause, party, confidence, trunk }, summary);
      // A trunk that begins to fail may just have been changed.
      if (trunk !== 'none') directory?.refreshSoon();
    },
    onSaved,
    onParticipant: (result) => metrics.calls.liveKitParticipant(result),
    onCallError(error) {
      metrics.store.failed('call');
      logger.error(error, 'the call of a webhook could not be read from the store');
    },
  };
  return store instanceof PostgresStore
    ? new Replica(store, makePipeline, events)
    : new SingleServer(store, makePipeline(), events);
}
