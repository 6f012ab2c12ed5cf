import type { CallEvent } from '../call/event.ts';
import type { LiveKitEvent } from '../call/livekitEvent.ts';
import type { Explanation } from './json.ts';
import { liveKitEntry, liveKitEventsOf } from './liveKitTimeline.ts';

interface Settled {
  readonly callSid: string;
  readonly settledAt: number;
  readonly explanation: Explanation;
}

/** One call for the API: what was reported when, and why each attempt ended as it did. */
export function describeCall(
  callId: string,
  events: readonly CallEvent[],
  attempts: readonly Settled[],
  liveKitEvents: readonly LiveKitEvent[] = [],
) {
  const first = events.find((event) => event.callSid === callId) ?? events[0];
  return {
    call_sid: callId,
    from: first?.from ?? null,
    to: first?.to ?? null,
    started_at: first ? new Date(first.at).toISOString() : null,
    // A call is readable as soon as its first event is acknowledged; explanations follow once attempts settle.
    settled: attempts.length > 0,
    timeline: [...events, ...liveKitEventsOf(events, liveKitEvents)]
      .toSorted((a, b) => a.at - b.at)
      .map((event) => (event.kind === 'livekit' ? liveKitEntry(event) : timelineEntry(event))),
    attempts: attempts.map(({ explanation, settledAt }) => ({
      ...explanation,
      settled_at: new Date(settledAt).toISOString(),
    })),
  };
}

function timelineEntry(event: CallEvent) {
  return {
    at: new Date(event.at).toISOString(),
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
