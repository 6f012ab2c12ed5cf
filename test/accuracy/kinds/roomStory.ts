import type { Random } from '../../oracle/random.ts';
import { uuid, type Webhook } from '../generatedJambonz.ts';

// What LiveKit's webhooks tell of one room: FACTS, sections 1, 5 and 8. Times in milliseconds from the INVITE.

/** Somebody in the room beside the caller. */
export interface Guest {
  readonly kind: 'AGENT' | 'STANDARD' | 'EGRESS';
  readonly joins: number;
  readonly leaves: number;
  readonly publishes?: number;
  readonly reason?: string;
}

export interface RoomStory {
  readonly callId: string;
  readonly caller: string;
  readonly called: string;
  readonly trunkId: string;
  readonly ruleId: string;
  /** When livekit-sip joined the room; with `isAborted`, when it gave up. */
  readonly joins: number;
  readonly isAborted?: boolean;
  readonly leaves: number;
  readonly reason: string;
  readonly guests: readonly Guest[];
  readonly job?: { readonly at: number; readonly name: string; readonly fails?: number };
  readonly finished: number;
  /** The rule's `hide_phone_number`. */
  readonly hidesNumbers?: boolean;
}

export function roomStory(random: Random, story: RoomStory): Webhook[] {
  const id = (prefix: string) => `${prefix}_${uuid(random).replaceAll('-', '').slice(0, 12)}`;
  const room = { sid: id('RM'), name: `call-${id('x')}`, emptyTimeout: 300, departureTimeout: 20 };
  const attributes = {
    'sip.callID': id('SCL'),
    'sip.callIDFull': story.callId,
    'sip.callStatus': 'ringing',
    ...(!story.hidesNumbers && { 'sip.phoneNumber': story.caller, 'sip.trunkPhoneNumber': story.called }),
    ...(random.chance(0.8) && { 'sip.trunkID': story.trunkId, 'sip.ruleID': story.ruleId }),
  };
  const sip = { sid: id('PA'), identity: `sip_${story.caller}`, state: 'ACTIVE', kind: 'SIP', attributes };
  const events: [number, string, object][] = [[Math.min(60, story.joins - 5), 'room_started', { room }]];
  const says = (at: number, event: string, keys: object) => events.push([at, event, { room, ...keys }]);
  const publishes = (at: number, { sid, identity }: { sid: string; identity: string }) =>
    says(at, 'track_published', {
      room: { sid: room.sid, name: room.name },
      participant: { sid, identity },
      track: { sid: id('TR'), source: 'MICROPHONE', mimeType: 'audio/opus' },
    });
  if (story.isAborted) {
    const participant = { ...sip, state: 'DISCONNECTED', disconnectReason: 'JOIN_FAILURE' };
    says(story.joins, 'participant_connection_aborted', { participant });
  } else {
    says(story.joins, 'participant_joined', { participant: sip });
    publishes(story.joins + 40, sip);
    const left = { ...sip, state: 'DISCONNECTED', isPublisher: true, disconnectReason: story.reason };
    says(story.leaves, 'participant_left', { participant: left });
  }
  if (story.job) {
    const job = { id: id('AJ'), agentName: story.job.name, room };
    says(story.job.at, 'agent_job_started', { job });
    if (story.job.fails !== undefined) {
      const state = { status: 'JS_FAILED', ...(random.chance(0.5) && { error: 'worker left' }) };
      says(story.job.fails, 'agent_job_ended', { job: { ...job, state } });
    }
  }
  for (const [i, guest] of story.guests.entries()) {
    const participant = {
      sid: id('PA'),
      identity: `${guest.kind.toLowerCase()}-${i}`,
      state: 'ACTIVE',
      kind: guest.kind,
    };
    says(guest.joins, 'participant_joined', { participant });
    if (guest.publishes !== undefined) publishes(guest.publishes, participant);
    const isPublisher = guest.publishes !== undefined && { isPublisher: true };
    const left = { ...participant, ...isPublisher, state: 'DISCONNECTED', disconnectReason: guest.reason };
    says(guest.leaves, 'participant_left', { participant: left });
    // Seen at times after an agent had left.
    const again = { ...left, disconnectReason: 'ROOM_CLOSED' };
    if (guest.kind === 'AGENT' && random.chance(0.15))
      says(story.finished - 5, 'participant_left', { participant: again });
  }
  says(story.finished, 'room_finished', {});
  return events
    .sort(([a], [b]) => a - b)
    .map(([at, event, keys]) => {
      const createdAt = `${1_790_000_000 + Math.floor(at / 1000)}`;
      const body = JSON.stringify({ event, ...keys, id: id('EV'), createdAt });
      return { method: 'POST', path: '/livekit/webhook', headers: {}, body, at_ms: at };
    });
}
