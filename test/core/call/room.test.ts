import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addLiveKitEvent, newRoom } from '../../../src/core/call/room.ts';
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
