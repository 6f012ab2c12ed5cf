import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveKitEvent } from '../../../src/core/call/livekitEvent.ts';
import { join } from '../../../src/core/correlate/join.ts';
import { knownLeg, Legs } from '../../../src/core/correlate/legs.ts';
import { OpenCall } from '../../../src/core/correlate/openCall.ts';
import { Rooms } from '../../../src/core/correlate/rooms.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import { EPOCH_MS, eventOf } from '../running.ts';
import { bLeg } from '../scenario.ts';

interface Sent {
  readonly at?: number;
  readonly room?: string;
  readonly sid?: string;
  readonly callId?: string;
  readonly numbers?: readonly [caller: string, called: string];
  readonly event?: string;
  readonly more?: object;
}

function sent({ at = 0, room = 'RM_1', sid, callId, numbers, event = 'participant_joined', more }: Sent): LiveKitEvent {
  const attributes = {
    ...(callId !== undefined && { 'sip.callIDFull': callId }),
    ...(numbers && { 'sip.phoneNumber': numbers[0], 'sip.trunkPhoneNumber': numbers[1] }),
  };
  const participant = sid === undefined ? undefined : { sid, kind: 'SIP', attributes };
  const body = JSON.stringify({ event, room: { sid: room, name: room }, participant, ...more });
  const reading = readLiveKit(Buffer.from(body), EPOCH_MS + at, true);
  assert.ok(reading.ok);
  return reading.event;
}

function roomsOf(events: readonly Sent[]): Rooms {
  const rooms = new Rooms();
  for (const event of events) rooms.add(sent(event));
  return rooms;
}

const sidsOf = (rooms: Rooms, callId: string) => rooms.withCallId(callId).map(({ participant }) => participant.key);

describe('the rooms in memory', () => {
  it('find their SIP participants by Call-ID and by numbers', () => {
    const rooms = roomsOf([
      { sid: 'PA_1', callId: 'a', numbers: ['+1', '+2'] },
      { sid: 'PA_2', callId: 'b' },
      { sid: 'PA_3', numbers: ['+1', '+2'] },
    ]);
    assert.deepEqual(rooms.sipCallIds, ['a', 'b']);
    assert.deepEqual(sidsOf(rooms, 'b'), ['PA_2']);
    assert.deepEqual(
      rooms.withNumbers('+1>+2').map(({ participant }) => participant.key),
      ['PA_1', 'PA_3'],
    );
    assert.deepEqual(rooms.withNumbers(undefined), []);
    assert.deepEqual(rooms.withCallId(undefined), []);
  });

  it('are evicted seven hours, longer than calls last, after their last webhook', () => {
    const rooms = roomsOf([{ sid: 'PA_1', callId: 'a', numbers: ['+1', '+2'] }]);
    assert.deepEqual(rooms.evictQuiet(EPOCH_MS + 7 * 3_600_000 - 1), []);
    assert.equal(rooms.size, 1);
    const forgotten = rooms.evictQuiet(EPOCH_MS + 7 * 3_600_000);
    assert.deepEqual(
      forgotten.map(({ participant }) => participant.key),
      ['PA_1'],
    );
    assert.deepEqual(
      [rooms.size, rooms.sipCallIds, rooms.withCallId('a'), rooms.withNumbers('+1>+2')],
      [0, [], [], []],
    );
  });

  it('are evicted by the latest of their webhooks, in any order', () => {
    const rooms = roomsOf([{ sid: 'PA_1', callId: 'a' }, { at: 60_000, room: 'RM_2' }, { at: 1_000 }]);
    rooms.evictQuiet(EPOCH_MS + 7 * 3_600_000 + 60_000);
    assert.equal(rooms.size, 0);
    assert.equal(rooms.get('RM_1'), undefined);
    assert.equal(rooms.get(undefined), undefined);
  });

  it('are at most 20,000: then the room that was quiet longest is evicted', () => {
    const rooms = new Rooms();
    for (let i = 0; i < 20_000; i += 1) rooms.add(sent({ room: `RM_${i}` }));
    rooms.evictQuiet(EPOCH_MS);
    assert.equal(rooms.size, 20_000);
    rooms.add(sent({ room: 'RM_0' }));
    rooms.add(sent({ room: 'one more' }));
    rooms.evictQuiet(EPOCH_MS);
    assert.equal(rooms.size, 20_000);
    assert.equal(rooms.get('RM_1'), undefined);
    assert.ok(rooms.get('RM_0'));
  });
});

describe('a room', () => {
  it('keeps at most 1,000 participants: then the earliest is evicted', () => {
    const rooms = new Rooms();
    for (let i = 0; i < 1_000; i += 1) rooms.add(sent({ at: 10_000 - i, sid: `PA_${i}`, callId: `call-${i}` }));
    assert.equal(rooms.get('RM_1')?.participants.size, 1_000);
    rooms.add(sent({ at: 20_000, sid: 'PA_last', callId: 'call-last' }));
    assert.equal(rooms.get('RM_1')?.participants.size, 1_000);
    assert.deepEqual(sidsOf(rooms, 'call-999'), []);
    assert.deepEqual(sidsOf(rooms, 'call-0'), ['PA_0']);
    assert.deepEqual(sidsOf(rooms, 'call-last'), ['PA_last']);
  });

  it('keeps at most 100 jobs: then the first is evicted', () => {
    const job = (id: string) => sent({ event: 'agent_job_started', more: { job: { id } } });
    const rooms = new Rooms();
    for (let i = 0; i < 100; i += 1) rooms.add(job(`AJ_${i}`));
    assert.equal(rooms.get('RM_1')?.jobs.size, 100);
    rooms.add(job('AJ_last'));
    const jobs = [...(rooms.get('RM_1')?.jobs.keys() ?? [])];
    assert.deepEqual([jobs.length, jobs[0], jobs.at(-1)], [100, 'AJ_1', 'AJ_last']);
  });

  it('is evicted if all rooms together have more than 100,000 participants', () => {
    const rooms = new Rooms();
    for (let room = 0; room < 100; room += 1)
      for (let i = 0; i < 1_000; i += 1) rooms.add(sent({ room: `RM_${room}`, sid: `PA_${room}_${i}` }));
    rooms.evictQuiet(EPOCH_MS);
    assert.equal(rooms.size, 100);
    rooms.add(sent({ room: 'one more', sid: 'PA_last' }));
    rooms.evictQuiet(EPOCH_MS);
    assert.equal(rooms.size, 100);
    assert.equal(rooms.get('RM_0'), undefined);
  });

  it('is found by its sid, else by its name; an event without a room has none', () => {
    const rooms = new Rooms();
    assert.equal(rooms.add(sent({ more: { room: { name: 'call-1' } } }))?.key, 'call-1');
    assert.equal(rooms.add(sent({ more: { room: undefined } })), undefined);
    assert.equal(rooms.size, 1);
  });
});

describe('a leg’s far end', () => {
  const leg = { callId: 'A', callSid: 'B', farEndCallId: 'a', numbers: undefined, beganAt: EPOCH_MS };
  const joined = (rooms: Rooms) => {
    const found = join(leg, rooms, new Legs());
    return found.kind === 'joined' ? found.sip.participant.key : found.kind;
  };

  it('is the earliest participant with its Call-ID', () => {
    assert.equal(
      joined(
        roomsOf([
          { at: 5, sid: 'PA_a', callId: 'a' },
          { at: 4, sid: 'PA_b', callId: 'a' },
        ]),
      ),
      'PA_b',
    );
    assert.equal(
      joined(
        roomsOf([
          { at: 4, sid: 'PA_b', callId: 'a' },
          { at: 5, sid: 'PA_a', callId: 'a' },
        ]),
      ),
      'PA_b',
    );
  });

  it('is the first by name of participants with the same time', () => {
    assert.equal(
      joined(
        roomsOf([
          { sid: 'PA_b', callId: 'a' },
          { sid: 'PA_a', callId: 'a' },
        ]),
      ),
      'PA_a',
    );
    assert.equal(
      joined(
        roomsOf([
          { sid: 'PA_a', callId: 'a' },
          { sid: 'PA_b', callId: 'a' },
        ]),
      ),
      'PA_a',
    );
  });
});

describe('a participant without a Call-ID', () => {
  const NUMBERS = ['+15550123', '+15550100'] as const;
  const UNNAMED = { at: 100, sid: 'PA_1', numbers: NUMBERS };
  /** The leg of each call, which began at a time and has a Call-ID or none. */
  function joins(events: readonly Sent[], calls: Readonly<Record<string, readonly [at: number, callId?: string]>>) {
    const rooms = roomsOf(events);
    const legs = new Legs();
    const attempts = Object.entries(calls).map(([id, [at, sbc_callid]]) => {
      const call = new OpenCall(id, [eventOf(bLeg(at, 100, 'Trying', 'trying', { call_sid: `${id}-b`, sbc_callid }))]);
      legs.set(id, call.attempts);
      return call.attempts.map((attempt) => [id, attempt] as const);
    });
    return attempts.flat().map(([id, attempt]) => join(knownLeg(id, attempt), rooms, legs).kind);
  }

  it('is the far end of the only leg with its numbers', () =>
    assert.deepEqual(joins([UNNAMED], { A: [0] }), ['joined']));

  it('may be that of either of two legs, whether or not they tell their Call-IDs', () => {
    assert.deepEqual(joins([UNNAMED], { A: [0], B: [0] }), ['ambiguous', 'ambiguous']);
    assert.deepEqual(joins([UNNAMED], { A: [0], B: [0, 'b'] }), ['ambiguous', 'ambiguous']);
  });

  it('is not that of a leg whose Call-ID another participant has', () => {
    const named = { at: 100, sid: 'PA_2', callId: 'b', numbers: NUMBERS };
    assert.deepEqual(joins([UNNAMED, named], { A: [0], B: [0, 'b'] }), ['joined', 'joined']);
  });

  it('is not that of a leg that began at another time', () => {
    assert.deepEqual(joins([UNNAMED], { A: [0], B: [60_000] }), ['joined', 'none']);
  });

  it('is not that of a leg of unknown beginning', () => {
    const legs = new Legs();
    const leg = {
      callId: 'A',
      callSid: 'B',
      farEndCallId: undefined,
      numbers: '+15550123>+15550100',
      beganAt: undefined,
    };
    assert.deepEqual(join(leg, roomsOf([UNNAMED]), legs), { kind: 'none' });
  });
});
