import type { Random } from '../oracle/random.ts';
import { type Answer, uuid, type Webhook } from './generatedJambonz.ts';
import type { Trunk } from './generatedLivekit.ts';

// An admitted call in its room: whether an agent comes, and what LiveKit's own webhooks tell of it.

export interface Stay {
  readonly cause: string;
  readonly also: readonly (readonly string[])[];
  readonly answers: readonly Answer[];
  readonly timeout: number;
  readonly hungUpAfter?: number;
  /** LiveKit's webhooks; times from the INVITE. */
  readonly delivered: readonly Webhook[];
}

export interface Agent {
  readonly joins: number;
  readonly publishes?: number;
}

const LONG_MS = 400_000;
const RINGS_FROM_MS = 90;

/** What becomes of an admitted call. `isTold`: LiveKit's webhooks reach sipwhy. */
export function stay(random: Random, trunk: Trunk | undefined, call: Call, isTold: boolean): Stay {
  const silent: Agent | undefined = random.chance(0.4) ? { joins: 300 + random.below(1_500) } : undefined;
  const cause = silent ? 'agent_not_publishing' : 'agent_not_joined';
  // From outside a silent agent looks as if nobody were there.
  const also = silent && !isTold ? [['agent_not_joined']] : [];
  const long = 12_500 + random.below(45_000);
  const finish = (end: number, ending: Omit<Stay, 'delivered'>, agent = silent, reason = 'CLIENT_INITIATED'): Stay => ({
    ...ending,
    delivered: isTold ? roomWebhooks(random, call, agent, end, reason) : [],
  });
  return random.pick<() => Stay>([
    () => finish(long, { cause, also, answers: ringing(), timeout: long }),
    () => finish(long, { cause, also, answers: ringing(), timeout: LONG_MS, hungUpAfter: long }),
    () => {
      const end = 2_300 + random.below(6_500);
      const soon = { answers: ringing(), timeout: LONG_MS, hungUpAfter: end };
      return finish(end, { cause: 'caller_abandoned', also: [[cause], ['agent_not_joined']], ...soon });
    },
    () => {
      if (!trunk) return stay(random, trunk, call, isTold);
      const seconds = 8 + random.below(25);
      trunk.ringing_timeout = `${seconds}s`;
      const end = RINGS_FROM_MS + seconds * 1_000 + random.below(60);
      return finish(end, { cause, also, answers: rejected(end), timeout: LONG_MS });
    },
    () => {
      const end = 2_500 + random.below(20_000);
      const reason = random.pick(['ROOM_DELETED', 'SERVER_SHUTDOWN']);
      return finish(
        end,
        { cause: 'livekit_room_closed', also: [], answers: rejected(end), timeout: LONG_MS },
        silent,
        reason,
      );
    },
    () => {
      const publishes = 150 + random.below(9_000);
      const end = publishes + 42_000;
      const answers = [...ringing(publishes), { after: publishes, status: 200, reason: 'OK' }];
      return finish(
        end,
        { cause: 'connected', also: [], answers, timeout: LONG_MS },
        { joins: publishes - 100, publishes },
      );
    },
  ])();
}

/** Accepted and not answered: 180 once a second. */
function ringing(until = 300_000): Answer[] {
  const times = Array.from({ length: Math.ceil((until - RINGS_FROM_MS) / 1_000) }, (_, i) => RINGS_FROM_MS + i * 1_000);
  return times.map((after) => ({ after, status: 180, reason: 'Ringing' }));
}

function rejected(at: number): Answer[] {
  return [...ringing(at), { after: at, status: 486, reason: 'Rejected' }];
}

export interface Call {
  readonly callId: string;
  readonly caller: string;
  readonly called: string;
  readonly trunkId: string;
}

/** LiveKit's webhooks of a call in its room, from its INVITE on. */
export function roomWebhooks(
  random: Random,
  call: Call,
  agent: Agent | undefined,
  end: number,
  reason: string,
): Webhook[] {
  const room = { sid: `RM_${uuid(random).slice(0, 8)}`, name: `call-${uuid(random).slice(0, 8)}`, emptyTimeout: 300 };
  const sip = {
    sid: `PA_${uuid(random).slice(0, 8)}`,
    identity: `sip_${call.caller}`,
    state: 'ACTIVE',
    kind: 'SIP',
    attributes: {
      'sip.callID': `SCL_${uuid(random).slice(0, 8)}`,
      'sip.callIDFull': call.callId,
      'sip.callStatus': 'ringing',
      'sip.phoneNumber': call.caller,
      'sip.trunkPhoneNumber': call.called,
      'sip.trunkID': call.trunkId,
    },
  };
  const robot = {
    sid: `PA_${uuid(random).slice(0, 8)}`,
    identity: 'agent-1',
    state: 'ACTIVE',
    name: 'agent',
    kind: 'AGENT',
  };
  const named = ({ sid, identity }: { sid: string; identity: string }) => ({ sid, identity });
  const track = () => ({ sid: `TR_${uuid(random).slice(0, 8)}`, source: 'MICROPHONE', mimeType: 'audio/opus' });
  const events: [number, string, object][] = [
    [70, 'room_started', { room }],
    [85, 'participant_joined', { room, participant: sip }],
    [120, 'track_published', { room: { sid: room.sid, name: room.name }, participant: named(sip), track: track() }],
    [
      end + 15,
      'participant_left',
      { room, participant: { ...sip, state: 'DISCONNECTED', isPublisher: true, disconnectReason: reason } },
    ],
  ];
  if (agent) {
    const left = { ...robot, state: 'DISCONNECTED', disconnectReason: 'CLIENT_INITIATED' };
    if (random.chance(0.4)) {
      const job = { id: `AJ_${uuid(random).slice(0, 8)}`, agentName: 'greeter', room };
      events.push([agent.joins - 60, 'agent_job_started', { room, job }]);
    }
    events.push([agent.joins, 'participant_joined', { room, participant: robot }]);
    if (agent.publishes !== undefined) {
      const published = { room: { sid: room.sid, name: room.name }, participant: named(robot), track: track() };
      events.push([agent.publishes - 15, 'track_published', published]);
    }
    const wasHeard = agent.publishes !== undefined && { isPublisher: true };
    events.push([end + 40, 'participant_left', { room, participant: { ...left, ...wasHeard } }]);
  }
  const isDeleted = reason === 'ROOM_DELETED';
  events.push([isDeleted ? end + 20 : end + 20_050, 'room_finished', { room }]);
  return events
    .sort(([a], [b]) => a - b)
    .map(([at, event, keys]) => {
      const body = JSON.stringify({ event, ...keys, id: `EV_${uuid(random).slice(0, 12)}`, createdAt: '1790000000' });
      return { method: 'POST', path: '/livekit/webhook', headers: {}, body, at_ms: at };
    });
}
