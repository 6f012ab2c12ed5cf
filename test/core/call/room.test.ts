import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addLiveKitEvent, newRoom, staysOf } from '../../../src/core/call/room.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';

/** A room of these webhooks, each with the time at which it came. */
function roomOf(...sent: readonly (readonly [at: number, body: object])[]) {
  const room = newRoom('RM_1');
  for (const [at, body] of sent) {
    const reading = readLiveKit(
      Buffer.from(JSON.stringify({ room: { sid: 'RM_1', name: 'call-1' }, ...body })),
      at,
      true,
    );
    assert.ok(reading.ok);
    addLiveKitEvent(room, reading.event);
  }
  return room;
}

const ended = (status: string, error?: string) => ({
  event: 'agent_job_ended',
  job: { id: 'AJ_1', state: { status, error } },
});
const participant = (event: string, more: object = {}) => ({ event, participant: { sid: 'PA_1', ...more } });

describe('a room', () => {
  it('keeps the name, first start and first end of each job', () => {
    const started = { event: 'agent_job_started', job: { id: 'AJ_1', agentName: 'desk' } };
    const { jobs } = roomOf(
      [20, ended('JS_FAILED', 'gone')],
      [10, started],
      [15, started],
      [30, ended('JS_SUCCESS', 'x')],
    );
    const [job] = jobs.values();
    assert.equal(jobs.size, 1);
    assert.deepEqual(
      [job?.agentName, job?.started?.at, job?.ended?.at, job?.status, job?.error],
      ['desk', 10, 20, 'JS_FAILED', 'gone'],
    );
  });

  it('identifies a job without an id by its room', () => {
    const { jobs } = roomOf([10, { event: 'agent_job_started', job: { agentName: 'desk' } }]);
    assert.deepEqual([...jobs.keys()], ['RM_1']);
  });

  it('keeps when a participant first joined, first left and first aborted, and why', () => {
    const { participants } = roomOf(
      [30, participant('participant_left', { disconnectReason: 'CLIENT_INITIATED', isPublisher: true })],
      [40, participant('participant_left', { disconnectReason: 'ROOM_CLOSED' })],
      [10, participant('participant_joined', { identity: 'agent-1', kind: 'AGENT' })],
      [20, participant('participant_joined')],
    );
    const [one] = participants.values();
    assert.deepEqual(
      [one?.joined?.at, one?.left?.at, one?.aborted, one?.disconnectReason, one?.wasPublisher, one?.firstReported.at],
      [10, 30, undefined, 'CLIENT_INITIATED', true, 10],
    );
    const [other] = roomOf(
      [20, participant('participant_connection_aborted', { disconnectReason: 'JOIN_FAILURE' })],
      [30, participant('participant_connection_aborted', { disconnectReason: 'other' })],
    ).participants.values();
    assert.deepEqual([other?.aborted?.at, other?.joined, other?.disconnectReason], [20, undefined, 'JOIN_FAILURE']);
  });

  it('keeps of two webhooks of the same moment the one that came first', () => {
    const reading = readLiveKit(
      Buffer.from(JSON.stringify({ room: { sid: 'RM_1' }, ...participant('participant_joined') })),
      10,
      true,
    );
    assert.ok(reading.ok);
    const room = newRoom('RM_1');
    for (const receivedAt of [20, 30]) addLiveKitEvent(room, { ...reading.event, receivedAt });
    const [one] = room.participants.values();
    assert.deepEqual([one?.joined?.receivedAt, one?.firstReported.receivedAt], [20, 20]);
  });

  it('keeps when a participant first published audio, and ignores other tracks', () => {
    const published = (source: string) => ({ ...participant('track_published'), track: { source } });
    const [one] = roomOf(
      [10, published('CAMERA')],
      [30, published('MICROPHONE')],
      [20, published('MICROPHONE')],
    ).participants.values();
    assert.equal(one?.firstAudio?.at, 20);
  });

  it('identifies a participant without a sid by its identity, and ignores one with neither', () => {
    const { participants } = roomOf(
      [10, { event: 'participant_joined', participant: { identity: 'anna' } }],
      [10, { event: 'participant_joined', participant: { kind: 'SIP' } }],
    );
    assert.deepEqual([...participants.keys()], ['anna']);
  });

  it('keeps its first end and the reason, the highest count of dropped webhooks, and the latest arrival', () => {
    const room = roomOf(
      [20, { event: 'room_finished', roomEndReason: 'API', numDropped: 3 }],
      [30, { event: 'room_finished', roomEndReason: 'other', numDropped: 1 }],
      [10, { event: 'room_started' }],
    );
    assert.deepEqual(
      [room.name, room.finished?.at, room.endReason, room.dropped, room.lastReceivedAt],
      ['call-1', 20, 'API', 3, 30],
    );
    assert.equal(roomOf([10, { event: 'room_started' }]).finished, undefined);
  });
});

describe('the stay of a participant', () => {
  const sent = (at: number, event: string, sid: string, more: object = {}) =>
    [at, { event, participant: { sid, identity: 'sip_1', kind: 'SIP', ...more } }] as const;
  const call = (id: string) => ({ attributes: { 'sip.callIDFull': id } });
  const left = (disconnectReason: string, more: object = {}) => ({ disconnectReason, ...more });
  /** When each stay begins and ends, and why. The order of the webhooks does not matter. */
  const staysIn = (...webhooks: readonly (readonly [number, object])[]) => {
    const [stays, reversed] = [webhooks, webhooks.toReversed()].map((all) =>
      [...new Set(staysOf(roomOf(...all)).values())]
        .map((stay) => [stay.joined?.at, stay.left?.at, stay.disconnectReason, stay.wasPublisher])
        .sort((a, b) => Number(a[0]) - Number(b[0])),
    );
    assert.deepEqual(stays, reversed);
    return stays;
  };

  it('goes on if LiveKit moves it, and ends when it leaves with the same sid', () => {
    const webhooks = [
      sent(10, 'participant_joined', 'PA_1'),
      sent(20, 'participant_left', 'PA_1', left('MIGRATION')),
      sent(30, 'participant_left', 'PA_1', left('MIGRATION')),
    ];
    assert.deepEqual(staysIn(...webhooks), [[10, undefined, undefined, undefined]]);
    const [stay] = staysOf(roomOf(...webhooks)).values();
    assert.equal(stay?.moved?.at, 30);
    const ended = sent(40, 'participant_left', 'PA_1', left('ROOM_DELETED'));
    assert.deepEqual(staysIn(...webhooks, ended), [[10, 40, 'ROOM_DELETED', false]]);
  });

  it('ends when it leaves with its latest sid', () => {
    const webhooks = [
      sent(10, 'participant_joined', 'PA_1'),
      sent(20, 'participant_left', 'PA_1', left('MIGRATION')),
      sent(21, 'participant_joined', 'PA_2'),
      sent(30, 'participant_left', 'PA_2', left('MIGRATION')),
      sent(31, 'participant_joined', 'PA_3'),
    ];
    assert.deepEqual(staysIn(...webhooks), [[10, undefined, undefined, undefined]]);
    const ended = sent(40, 'participant_left', 'PA_3', left('CLIENT_INITIATED', { isPublisher: true }));
    assert.deepEqual(staysIn(...webhooks, ended), [[10, 40, 'CLIENT_INITIATED', true]]);
  });

  it('goes on after any leaving if it comes back with the same SIP Call-ID', () => {
    const webhooks = [
      sent(10, 'participant_joined', 'PA_1', call('one')),
      sent(20, 'participant_left', 'PA_1', left('STATE_MISMATCH', call('one'))),
      sent(21, 'participant_joined', 'PA_2', call('one')),
    ];
    assert.deepEqual(staysIn(...webhooks), [[10, undefined, undefined, undefined]]);
    const ended = sent(40, 'participant_left', 'PA_2', left('ROOM_DELETED', call('one')));
    assert.deepEqual(staysIn(...webhooks, ended), [[10, 40, 'ROOM_DELETED', false]]);
  });

  it('is another one with another SIP Call-ID, also after a move', () => {
    const webhooks = [
      sent(10, 'participant_joined', 'PA_1', call('one')),
      sent(20, 'participant_left', 'PA_1', left('MIGRATION', call('one'))),
      sent(30, 'participant_joined', 'PA_2', call('two')),
    ];
    assert.equal(staysIn(...webhooks)?.length, 2);
  });

  it('is another one if it left by itself, and nothing tells that it is the same call', () => {
    const webhooks = [
      sent(10, 'participant_joined', 'PA_1'),
      sent(20, 'participant_left', 'PA_1', left('CLIENT_INITIATED')),
      sent(30, 'participant_joined', 'PA_2'),
    ];
    assert.deepEqual(staysIn(...webhooks), [
      [10, 20, 'CLIENT_INITIATED', false],
      [30, undefined, undefined, undefined],
    ]);
  });
});
