import type { CallEvent } from '../call/callEvent.ts';
import type { LiveKitEvent } from '../call/livekitEvent.ts';
import type { KnownConfiguration } from '../diagnose/facts/facts.ts';
import type { Site } from '../diagnose/facts/site.ts';
import type { AttemptRecord } from '../diagnose/record.ts';
import { explain } from './explanation.ts';
import { titleOf } from './incidentJson.ts';
import { ladderOf } from './ladder/ladder.ts';
import { type LinkTargets, traceIdOf, traceUrl } from './links.ts';
import { liveKitEntry, liveKitEventsOf } from './liveKitTimeline.ts';
import { attemptsIn, type MatchedAttempt, matchAttempts } from './matchOfCall.ts';

/** How many webhooks and attempts of a call are described: more than any real call has. */
export const WEBHOOKS_DESCRIBED = 1_000;
export const ATTEMPTS_DESCRIBED = 100;

/** What is stored about a call, up to the limits above. Times in epoch milliseconds. */
export interface CallToDescribe {
  readonly callId: string;
  readonly events: readonly CallEvent[];
  readonly attempts: readonly {
    readonly callSid: string;
    readonly startedAt: number;
    readonly settledAt: number;
    readonly record: AttemptRecord;
    /** The incident that counts it. */
    readonly incident?: { readonly id: string; readonly cause: string } | undefined;
  }[];
  readonly liveKitEvents: readonly LiveKitEvent[];
  /** How many webhooks of Jambonz's and attempts are stored besides; absent for none. */
  readonly leftOut?: { readonly webhooks: number; readonly attempts: number };
}

/** When a call's attempts began, in epoch milliseconds: the times whose configuration is needed. */
export function startsOf({ callId, events }: Pick<CallToDescribe, 'callId' | 'events'>): number[] {
  return [...new Set(describedIn(callId, events).map(({ startedAt }) => startedAt))];
}

/**
 * One call for the API: what was reported when, how far it came, and why each attempt ended as it did. Readable as soon
 * as its first event is acknowledged; explanations follow once attempts settle. Keys are public.
 */
export function describeCall(
  site: Site,
  { callId, events, attempts, liveKitEvents, leftOut }: CallToDescribe,
  configurationAt: (time: number) => KnownConfiguration | undefined,
  targets: LinkTargets = {},
) {
  const first = events.find((event) => event.callSid === callId) ?? events[0];
  const matched = matchAttempts(site, callId, describedIn(callId, events), liveKitEvents, configurationAt);
  const settled = new Map(attempts.map((attempt) => [attempt.callSid, attempt]));
  const matches = new Map(matched.map(({ attempt, match }) => [attempt.callSid, match]));
  return {
    call_sid: callId,
    from: first?.from ?? null,
    to: first?.to ?? null,
    started_at: first ? iso(first.at) : null,
    settled: attempts.length > 0,
    timeline: [...events, ...liveKitEventsOf(events, liveKitEvents)]
      .toSorted((a, b) => a.at - b.at)
      .map((event) => (event.kind === 'livekit' ? liveKitEntry(event) : timelineEntry(event))),
    ladder: ladderOf(
      site,
      events,
      liveKitEvents,
      attempts.map(({ record }) => record),
    ),
    attempts: attempts.map(({ callSid, record, startedAt, settledAt, incident }) => ({
      ...explain(record),
      started_at: iso(startedAt),
      settled_at: iso(settledAt),
      match: matches.get(callSid) ?? null,
      incident: incident ? { ...incident, title: titleOf(incident.cause) } : null,
      trace_url: traceUrl(traceIdOf(events, callSid), targets),
    })),
    /** Attempts without an explanation yet: they are not over, or have just ended. */
    pending: matched.filter(({ attempt }) => !settled.has(attempt.callSid)).map(pendingJson),
    left_out: {
      webhooks: leftOut?.webhooks ?? 0,
      attempts: Math.max(leftOut?.attempts ?? 0, attemptsIn(callId, events).length - ATTEMPTS_DESCRIBED),
    },
  };
}

function describedIn(callId: string, events: readonly CallEvent[]) {
  return attemptsIn(callId, events).slice(0, ATTEMPTS_DESCRIBED);
}

function pendingJson({ attempt, startedAt, match }: MatchedAttempt) {
  return {
    call_sid: attempt.callSid,
    from: attempt.leg?.from ?? null,
    to: attempt.leg?.to ?? null,
    started_at: iso(startedAt),
    match: match ?? null,
  };
}

function timelineEntry(event: CallEvent) {
  return {
    at: iso(event.at),
    source: 'jambonz' as const,
    event: event.kind === 'status' ? 'call_status' : 'dial_action',
    call_sid: event.callSid,
    direction: event.direction ?? null,
    call_status: event.callStatus,
    sip_status: event.sipStatus ?? null,
    sip_reason: event.sipReason ?? null,
    ...(event.kind === 'dial_result' && {
      dial_call_sid: event.dialCallSid ?? null,
      dial_call_status: event.dialCallStatus ?? null,
      dial_sip_status: event.dialSipStatus ?? null,
    }),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
