import { type Attempt, addEvent, attemptsOf, newCall } from '../call/call.ts';
import type { CallEvent } from '../call/callEvent.ts';
import type { LiveKitEvent } from '../call/livekitEvent.ts';
import { LiveKitSide } from '../correlate/liveKitSide.ts';
import { agreeingFacts } from '../diagnose/facts/agreeing.ts';
import type { KnownConfiguration } from '../diagnose/facts/facts.ts';
import { liveKitReportOf } from '../diagnose/facts/liveKitReport.ts';
import type { Site } from '../diagnose/facts/site.ts';
import { type MatchTrace, traceMatch } from './trace.ts';

/** An attempt of a call, over or not, with what LiveKit's matching makes of it. */
export interface MatchedAttempt {
  readonly attempt: Attempt;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly match: MatchTrace | undefined;
}

/** The attempts of a call from its events, and when each began in epoch milliseconds: its leg, or else its dial hook, tells. */
export function attemptsIn(callId: string, events: readonly CallEvent[]) {
  const call = newCall(callId);
  for (const event of events) addEvent(call, event);
  return attemptsOf(call).flatMap((attempt) => {
    const begun = attempt.leg?.first ?? attempt.dialResult;
    return begun ? [{ attempt, startedAt: begun.at }] : [];
  });
}

/**
 * Matches each attempt of a call again, by the configuration of its own time and with the choice between two readings
 * that its diagnosis makes. `undefined` for a leg that is not LiveKit's, and where the configuration is not known.
 */
export function matchAttempts(
  site: Site,
  callId: string,
  attempts: ReturnType<typeof attemptsIn>,
  liveKitEvents: readonly LiveKitEvent[],
  configurationAt: (time: number) => KnownConfiguration | undefined,
): MatchedAttempt[] {
  const liveKit = new LiveKitSide();
  for (const event of liveKitEvents) liveKit.note(event);
  liveKit.setLegs(
    callId,
    attempts.map(({ attempt }) => attempt),
  );
  return attempts.map(({ attempt, startedAt }) => {
    const report = liveKitReportOf(liveKit.joinOf(callId, attempt), attempt, liveKit.isReporting(startedAt));
    // The match does not depend on when the attempt settled.
    const settled = { attempt, settledAt: startedAt, report };
    const { facts, configuration } = agreeingFacts(site, settled, configurationAt(startedAt));
    const match = facts.match && configuration && traceMatch(facts.match, configuration.snapshot);
    return { attempt, startedAt, match };
  });
}
