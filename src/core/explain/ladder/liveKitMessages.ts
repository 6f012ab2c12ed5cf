import {
  isAudio,
  type LiveKitEvent,
  type ReportedParticipant,
  type ReportedTransfer,
  TRANSFER_REPORTED,
} from '../../call/livekitEvent.ts';
import { failureWords } from '../../diagnose/facts/transferResult.ts';
import type { Message, Participant } from './ladder.ts';

/** The messages that LiveKit's webhooks show. `legOf` gives the leg of a SIP Call-ID. */
export function liveKitMessages(
  events: readonly LiveKitEvent[],
  legOf: (sipCallId: string) => string | undefined,
): Message[] {
  // Track events name their participant by sid and identity only.
  const bySid = new Map<string | undefined, ReportedParticipant>();
  for (const { participant } of events) {
    if (participant?.sid !== undefined && participant.kind !== undefined) bySid.set(participant.sid, participant);
  }
  return events.map((event) => {
    const who = event.participant && (bySid.get(event.participant.sid) ?? event.participant);
    const callId = event.transfer?.sipCallId ?? who?.sip?.callIdFull;
    const message: Message = {
      at: event.at,
      from: 'livekit',
      to: 'livekit',
      label: event.sentName.replaceAll('_', ' '),
      kind: 'event',
      detail: event.room?.name && `room ${event.room.name}`,
      leg: callId === undefined ? undefined : legOf(callId),
      isInferred: false,
    };
    return { ...message, ...special(event, who) };
  });
}

function special(event: LiveKitEvent, who: ReportedParticipant | undefined): Partial<Message> {
  const isAgent = who?.kind === 'AGENT';
  const from: Participant = isAgent ? 'agent' : 'livekit';
  const name = isAgent ? 'agent' : who?.kind === 'SIP' ? 'caller' : (who?.identity ?? 'somebody');
  switch (event.name) {
    case 'participant_joined':
      return { from, label: `${name} joined` };
    case 'participant_left':
    case 'participant_connection_aborted': {
      const label = event.name === 'participant_left' ? `${name} left` : `${name}’s connection broke`;
      const why = event.participant?.disconnectReason;
      return { from, label, ...(why !== undefined && { detail: why }) };
    }
    case 'track_published':
      return { from, label: `${name} published ${isAudio(event) ? 'audio' : 'a track'}` };
    case 'agent_job_started':
      return { to: 'agent', label: 'job assigned to a worker', detail: event.job?.agentName };
    case 'agent_job_ended':
      return { from: 'agent', label: 'job ended', detail: event.job?.error ?? event.job?.status };
    case TRANSFER_REPORTED:
      return event.transfer ? transferred(event.transfer) : {};
    case 'room_finished':
      return event.roomEndReason === undefined ? {} : { detail: event.roomEndReason };
    default:
      return {};
  }
}

/** LiveKit sends a REFER for a transfer, and Jambonz answers it, or reports by NOTIFY what the target answered. */
function transferred({ failure }: ReportedTransfer): Partial<Message> {
  const answer = { from: 'jambonz', to: 'livekit', detail: 'reported by the agent' } as const;
  if (!failure) return { ...answer, label: 'REFER: transferred', kind: 'success' };
  const label = failure.answers === 'target' ? 'NOTIFY to the REFER' : 'REFER';
  return { ...answer, label: `${label}: ${failureWords(failure)}`, kind: 'failure' };
}
