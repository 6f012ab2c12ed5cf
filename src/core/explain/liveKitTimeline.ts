import type { CallEvent } from '../call/callEvent.ts';
import type { LiveKitEvent, ReportedParticipant } from '../call/livekitEvent.ts';
import { failureWords } from '../diagnose/facts/transferResult.ts';
import { lineOf } from '../trunks/hashedNumber.ts';

// How much is shown of a room that outlasts the call: milliseconds before the call's first and after its last webhook.
const BEFORE_MS = 60_000;
const AFTER_MS = 15 * 60_000;

/**
 * LiveKit's webhooks of a call's rooms that concern the call: without those of other callers in the same room, and
 * those of long before or after. Agents are shown whenever they came.
 */
export function liveKitEventsOf(events: readonly CallEvent[], liveKit: readonly LiveKitEvent[]): LiveKitEvent[] {
  const others = otherCallers(events, liveKit);
  const times = events.map(({ at }) => at);
  const [from, to] = [Math.min(...times) - BEFORE_MS, Math.max(...times) + AFTER_MS];
  return liveKit.filter(({ at, participant }) => {
    if (participant?.sid !== undefined && others.has(participant.sid)) return false;
    return participant?.kind === 'AGENT' ? at <= to : at >= from && at <= to;
  });
}

/** The sids of SIP participants that are other calls. */
function otherCallers(events: readonly CallEvent[], liveKit: readonly LiveKitEvent[]): Set<string | undefined> {
  const callIds = new Set(
    events.flatMap((event) => [event.sbcCallId, event.kind === 'dial_result' ? event.dialSbcCallId : undefined]),
  );
  const callers = new Set(events.flatMap(({ from }) => (from === undefined ? [] : [lineOf(from)])));
  const sip = liveKit.flatMap(({ participant }) => (participant?.sip ? [participant] : []));
  const byCallId = sip.some((participant) => callIds.has(participant.sip?.callIdFull));
  const isOurs = ({ sip }: ReportedParticipant) =>
    byCallId ? callIds.has(sip?.callIdFull) : callers.has(lineOf(sip?.phoneNumber ?? ''));
  return new Set(sip.filter((participant) => !isOurs(participant)).map(({ sid }) => sid));
}

/** A webhook of LiveKit's as a line of the timeline. Keys are public. */
export function liveKitEntry(event: LiveKitEvent) {
  const { at, sentName, room, participant, track, job, roomEndReason, transfer } = event;
  return {
    at: new Date(at).toISOString(),
    source: 'livekit' as const,
    event: sentName,
    room: room?.name ?? room?.sid ?? null,
    ...(roomEndReason !== undefined && { room_end_reason: roomEndReason }),
    ...(participant && {
      participant: participant.identity ?? participant.sid ?? null,
      kind: participant.kind ?? null,
      ...(participant.sip?.callStatus !== undefined && { sip_call_status: participant.sip.callStatus }),
      ...(participant.disconnectReason !== undefined && { disconnect_reason: participant.disconnectReason }),
    }),
    ...(track && { track_source: track.source ?? null, track_mime_type: track.mimeType ?? null }),
    ...(job && {
      agent_name: job.agentName ?? null,
      ...(job.status !== undefined && { job_status: job.status }),
      ...(job.error !== undefined && { job_error: job.error }),
    }),
    ...(transfer && { transfer_error: transfer.failure ? failureWords(transfer.failure) : null }),
  };
}
