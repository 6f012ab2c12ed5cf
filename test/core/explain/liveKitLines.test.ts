import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { liveKitMessages } from '../../../src/core/explain/ladder/liveKitMessages.ts';
import { liveKitEntry, liveKitEventsOf } from '../../../src/core/explain/liveKitTimeline.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import { EPOCH_MS, eventOf } from '../running.ts';
import { bLeg } from '../scenario.ts';

function event(body: object) {
  const reading = readLiveKit(Buffer.from(JSON.stringify(body)), EPOCH_MS, true);
  assert.ok(reading.ok);
  return reading.event;
}

const ROOM = { sid: 'RM_1', name: 'call-1' };
const AGENT = { sid: 'PA_agent', identity: 'agent-1', kind: 'AGENT' };
const CALLER = { sid: 'PA_sip', identity: 'sip_1', kind: 'SIP', attributes: { 'sip.callIDFull': 'b-leg' } };

const REPORT = { event: 'transfer_reported', sip_call_id: 'b-leg' };

describe('a reported transfer', () => {
  const shown = (error: object | null) => {
    const reported = event({ ...REPORT, error });
    const [message] = liveKitMessages([reported], (callId) => `leg of ${callId}`);
    assert.deepEqual([message?.from, message?.to, message?.leg], ['jambonz', 'livekit', 'leg of b-leg']);
    return [message?.label, message?.kind, Object.entries(liveKitEntry(reported)).at(-1)];
  };
  for (const [error, label, kind, inTimeline] of [
    [{ msg: 'sip status: 501: Not Implemented' }, 'REFER: 501 Not Implemented', 'failure', '501 Not Implemented'],
    [{ msg: 'call transfer failed: sip status: 486' }, 'NOTIFY to the REFER: 486', 'failure', '486'],
    [null, 'REFER: transferred', 'success', null],
  ] as const) {
    it(`is ${label} on the ladder`, () =>
      assert.deepEqual(shown(error), [label, kind, ['transfer_error', inTimeline]]));
  }
});

describe('a LiveKit webhook in the timeline', () => {
  const entry = (body: object) => {
    const { at, source, ...rest } = liveKitEntry(event(body));
    assert.deepEqual([at, source], [new Date(EPOCH_MS).toISOString(), 'livekit']);
    return rest;
  };
  for (const [what, body, wanted] of [
    ['a room by its name', { event: 'room_started', room: ROOM }, { event: 'room_started', room: 'call-1' }],
    ['a room by its sid', { event: 'room_started', room: { sid: 'RM_1' } }, { event: 'room_started', room: 'RM_1' }],
    ['no room', { event: 'egress_started' }, { event: 'egress_started', room: null }],
    [
      'why a room ended',
      { event: 'room_finished', room: ROOM, roomEndReason: 'ROOM_END_API_DELETE' },
      { event: 'room_finished', room: 'call-1', room_end_reason: 'ROOM_END_API_DELETE' },
    ],
    [
      'a participant, and why it left',
      { event: 'participant_left', room: ROOM, participant: { ...AGENT, disconnectReason: 'CLIENT_INITIATED' } },
      {
        event: 'participant_left',
        room: 'call-1',
        participant: 'agent-1',
        kind: 'AGENT',
        disconnect_reason: 'CLIENT_INITIATED',
      },
    ],
    [
      'a participant by its sid, and a call’s status',
      {
        event: 'participant_joined',
        room: ROOM,
        participant: { sid: 'PA_1', attributes: { 'sip.callStatus': 'active' } },
      },
      {
        event: 'participant_joined',
        room: 'call-1',
        participant: 'PA_1',
        kind: 'STANDARD',
        sip_call_status: 'active',
      },
    ],
    [
      'a track, of which nothing is known',
      { event: 'track_published', room: ROOM, participant: {}, track: {} },
      {
        event: 'track_published',
        room: 'call-1',
        participant: null,
        kind: null,
        track_source: null,
        track_mime_type: null,
      },
    ],
    [
      'a track',
      { event: 'track_published', room: ROOM, track: { source: 'MICROPHONE', mimeType: 'audio/red' } },
      { event: 'track_published', room: 'call-1', track_source: 'MICROPHONE', track_mime_type: 'audio/red' },
    ],
    [
      'a job, and how it ended',
      {
        event: 'agent_job_ended',
        room: ROOM,
        job: { agentName: 'desk', state: { status: 'JS_FAILED', error: 'gone' } },
      },
      { event: 'agent_job_ended', room: 'call-1', agent_name: 'desk', job_status: 'JS_FAILED', job_error: 'gone' },
    ],
    [
      'a job without a name',
      { event: 'agent_job_started', room: ROOM, job: {} },
      { event: 'agent_job_started', room: 'call-1', agent_name: null },
    ],
  ] as const) {
    it(`shows ${what}`, () => assert.deepEqual(entry(body), wanted));
  }

  it('is not shown for another caller in the room', () => {
    const call = [eventOf(bLeg(0, 180, 'Ringing', 'ringing', { sbc_callid: 'b-leg' }))];
    const other = { ...CALLER, sid: 'PA_other', attributes: { 'sip.callIDFull': 'other' } };
    const events = [CALLER, other, AGENT].map((participant) =>
      event({ event: 'participant_joined', room: ROOM, participant }),
    );
    assert.deepEqual(
      liveKitEventsOf(call, events).map(({ participant }) => participant?.sid),
      ['PA_sip', 'PA_agent'],
    );
  });

  it('is matched by its caller if Jambonz did not send the call’s id', () => {
    const call = [eventOf(bLeg(0, 180, 'Ringing', 'ringing'))];
    const sip = (sid: string, phoneNumber?: string) => ({
      sid,
      kind: 'SIP',
      attributes: {
        'sip.callIDFull': `of ${sid}`,
        ...(phoneNumber !== undefined && { 'sip.phoneNumber': phoneNumber }),
      },
    });
    const events = [sip('PA_1', '15550123'), sip('PA_2', '15550199'), sip('PA_3')].map((participant) =>
      event({ event: 'participant_joined', room: ROOM, participant }),
    );
    assert.deepEqual(
      liveKitEventsOf(call, events).map(({ participant }) => participant?.sid),
      ['PA_1'],
    );
  });
});

describe('a LiveKit webhook in the ladder', () => {
  const legs = new Map([['b-leg', 'B']]);
  const message = (...bodies: object[]) => {
    const { at: _, ...last } = liveKitMessages(bodies.map(event), (callId) => legs.get(callId)).at(-1) ?? assert.fail();
    return last;
  };
  const plain = {
    from: 'livekit',
    to: 'livekit',
    kind: 'event',
    detail: 'room call-1',
    leg: undefined,
    isInferred: false,
  };
  const of = (name: string, participant: object, more: object = {}) => ({
    event: name,
    room: ROOM,
    participant,
    ...more,
  });

  for (const [what, body, wanted] of [
    ['of a room', { event: 'room_started', room: ROOM }, { label: 'room started' }],
    ['without a room', { event: 'egress_started' }, { label: 'egress started', detail: undefined }],
    ['of a caller that joined', of('participant_joined', CALLER), { label: 'caller joined', leg: 'B' }],
    ['of an agent that joined', of('participant_joined', AGENT), { label: 'agent joined', from: 'agent' }],
    ['of somebody that joined', of('participant_joined', { identity: 'anna' }), { label: 'anna joined' }],
    ['of nobody in particular', of('participant_joined', {}), { label: 'somebody joined' }],
    ['of an agent that left', of('participant_left', AGENT), { label: 'agent left', from: 'agent' }],
    [
      'of why a caller left',
      of('participant_left', { ...CALLER, disconnectReason: 'ROOM_DELETED' }),
      { label: 'caller left', detail: 'ROOM_DELETED', leg: 'B' },
    ],
    [
      'of a connection that broke',
      of('participant_connection_aborted', { ...CALLER, disconnectReason: 'JOIN_FAILURE' }),
      { label: 'caller’s connection broke', detail: 'JOIN_FAILURE', leg: 'B' },
    ],
    [
      'of audio',
      of('track_published', AGENT, { track: { source: 'MICROPHONE' } }),
      { label: 'agent published audio', from: 'agent' },
    ],
    [
      'of audio by its type',
      of('track_published', AGENT, { track: { mimeType: 'audio/red' } }),
      { label: 'agent published audio', from: 'agent' },
    ],
    [
      'of another track',
      of('track_published', AGENT, { track: {} }),
      { label: 'agent published a track', from: 'agent' },
    ],
    [
      'of a job',
      { event: 'agent_job_started', room: ROOM, job: { agentName: 'desk' } },
      { label: 'job assigned to a worker', to: 'agent', detail: 'desk' },
    ],
    [
      'of a job that failed',
      { event: 'agent_job_ended', room: ROOM, job: { state: { status: 'JS_FAILED', error: 'gone' } } },
      { label: 'job ended', from: 'agent', detail: 'gone' },
    ],
    [
      'of a job that ended',
      { event: 'agent_job_ended', room: ROOM, job: { state: { status: 'JS_SUCCESS' } } },
      { label: 'job ended', from: 'agent', detail: 'JS_SUCCESS' },
    ],
    [
      'of why a room ended',
      { event: 'room_finished', room: ROOM, roomEndReason: 'API' },
      { label: 'room finished', detail: 'API' },
    ],
    ['of a room’s end', { event: 'room_finished', room: ROOM }, { label: 'room finished' }],
  ] as const) {
    it(what, () => assert.deepEqual(message(body), { ...plain, ...wanted }));
  }

  it('of a track names the participant by its earlier join', () => {
    const track = of('track_published', { sid: 'PA_sip' }, { track: { source: 'MICROPHONE' } });
    assert.deepEqual(message(of('participant_joined', CALLER), track), {
      ...plain,
      label: 'caller published audio',
      leg: 'B',
    });
  });
});
