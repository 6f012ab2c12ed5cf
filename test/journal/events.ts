import type { StatusEvent } from '../../src/call/event.ts';
import type { LiveKitEvent } from '../../src/call/livekitEvent.ts';
import type { FeederEvents } from '../../src/journal/feeder.ts';
import type { NewEvent } from '../../src/journal/store.ts';

export const T0 = 1_795_387_200_000;

/** A status of the B leg `b<call>` of a call `a<call>`; signed where `repeatWithinMs` is not given. */
export function status(
  call: string,
  at: number,
  more: Partial<StatusEvent> & { readonly digest?: string } = {},
): NewEvent {
  const { digest = `${call} ${at} ${JSON.stringify(more)}`, ...keys } = more;
  const event: StatusEvent = {
    kind: 'status',
    at: T0 + at,
    receivedAt: T0 + at,
    precise: true,
    callSid: `b${call}`,
    parentCallSid: `a${call}`,
    direction: 'outbound',
    from: '+15550123',
    to: 'sip:+15550100@lab.sip.livekit.cloud',
    sbcCallId: undefined,
    sipStatus: 100,
    sipReason: 'Trying',
    callStatus: 'trying',
    terminatedBy: undefined,
    declaredAuth: undefined,
    ...keys,
  };
  return { event, digest, repeatWithinMs: Number.POSITIVE_INFINITY, body: new TextEncoder().encode(digest) };
}

/** A participant of LiveKit's that joined a room. */
export function joined(room: string, sipCallId: string | undefined, at: number, caller = '+15550123'): NewEvent {
  const event: LiveKitEvent = {
    kind: 'livekit',
    at: T0 + at,
    receivedAt: T0 + at,
    precise: true,
    name: 'participant_joined',
    sentName: 'participant_joined',
    id: undefined,
    room: { sid: room, name: room },
    roomEndReason: undefined,
    participant: {
      sid: `PA_${room}_${at}`,
      identity: 'sip',
      kind: 'SIP',
      sip: {
        callIdFull: sipCallId,
        callId: undefined,
        trunkId: undefined,
        ruleId: undefined,
        phoneNumber: caller,
        trunkPhoneNumber: '+15550100',
        callStatus: undefined,
      },
      disconnectReason: undefined,
      isPublisher: undefined,
    },
    track: undefined,
    job: undefined,
    dropped: 0,
  };
  const digest = `${room} ${at} ${event.name}`;
  return { event, digest, repeatWithinMs: Number.POSITIVE_INFINITY, body: new TextEncoder().encode(digest) };
}

/** For a store of whose PostgreSQL nobody is told. */
export const IGNORED: FeederEvents = { onAway() {}, onBack() {}, onSpool() {}, onDelivered() {}, onSetAside() {} };

/** Resolves once something holds. */
export async function until(holds: () => Promise<boolean> | boolean, limitMs = 30_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`after ${limitMs} ms still not: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
