import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { StatusEvent } from '../../src/core/call/callEvent.ts';
import type { LiveKitEvent } from '../../src/core/call/livekitEvent.ts';
import type { ReadWebhook } from '../../src/store/calls/delivery.ts';
import { PATIENCE_MS } from '../machineSpeed.ts';

export const T0 = 1_795_387_200_000;

/** What tests say of a webhook besides its event. */
interface Keys {
  readonly digest?: string;
  /** Signed where it is not given. */
  readonly repeatWithinMs?: number;
}

/** A status of the B leg `b<call>` of a call `a<call>`, `at` milliseconds after T0. */
export function status(call: string, at: number, more: Partial<StatusEvent> & Keys = {}): ReadWebhook {
  const { digest = `${call} ${at} ${JSON.stringify(more)}`, repeatWithinMs, ...keys } = more;
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
  const body = {
    call_sid: event.callSid,
    parent_call_sid: event.parentCallSid,
    direction: event.direction,
    from: event.from,
    to: event.to,
    sbc_callid: event.sbcCallId,
    sip_status: event.sipStatus,
    sip_reason: event.sipReason,
    call_status: event.callStatus,
  };
  return readWebhook('call_status', event, body, digest, repeatWithinMs);
}

/** A status that ends the B leg `b<call>`. */
export function failed(call: string, at: number, more: Partial<StatusEvent> & Keys = {}): ReadWebhook {
  return status(call, at, { callStatus: 'failed', sipStatus: 503, sipReason: 'Service Unavailable', ...more });
}

/** A participant of LiveKit's that joined a room. */
export function joined(room: string, sipCallId: string | undefined, at: number, caller = '+15550123'): ReadWebhook {
  const sid = `PA_${room}_${at}`;
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
      sid,
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
      isPublisher: false,
    },
    track: undefined,
    job: undefined,
    dropped: 0,
  };
  const attributes = { 'sip.callIDFull': sipCallId, 'sip.phoneNumber': caller, 'sip.trunkPhoneNumber': '+15550100' };
  const body = {
    event: event.name,
    room: { sid: room, name: room },
    participant: { sid, identity: 'sip', kind: 'SIP', attributes },
  };
  return readWebhook('livekit', event, body, `${room} ${at} ${event.name}`);
}

/** An agent's report of a transfer that succeeded. */
export function transferReported(sipCallId: string, at: number): ReadWebhook {
  const { event } = joined('', sipCallId, at);
  assert.ok(event.kind === 'livekit');
  const name = 'transfer_reported';
  const report = { ...event, name, sentName: name, room: undefined, participant: undefined } as const;
  const body = { event: name, sip_call_id: sipCallId, error: null };
  const transfer = { sipCallId, failure: undefined };
  return readWebhook('livekit', { ...report, transfer }, body, `${name} ${sipCallId} ${at}`);
}

function readWebhook(
  source: ReadWebhook['source'],
  event: ReadWebhook['event'],
  body: object,
  digest: string,
  repeatWithinMs = Number.POSITIVE_INFINITY,
): ReadWebhook {
  const { at, receivedAt, precise } = event;
  return {
    id: randomUUID(),
    source,
    form: 'json',
    moment: { at, receivedAt, precise },
    digest,
    repeatWithinMs,
    body: Buffer.from(JSON.stringify(body)),
    event,
  };
}

/** Resolves once something holds. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`after ${PATIENCE_MS} ms still not: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
