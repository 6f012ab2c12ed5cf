import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import { parseJson } from '../../../src/core/receive/readJson.ts';

const NOW = 1_795_387_200_000;
const read = (body: unknown, isRecording?: boolean) =>
  readLiveKit(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), NOW, isRecording);

function eventOf(body: object, isRecording?: boolean) {
  const reading = read(body, isRecording);
  assert.ok(reading.ok);
  return reading.event;
}

describe('a LiveKit webhook', () => {
  it('without JSON is refused', () => {
    const reading = read('{"event":');
    assert.ok(!reading.ok);
    assert.match(reading.fault, /^The body must be JSON in UTF-8: /);
  });

  it('with a known event is refused if a field is malformed', () => {
    const reading = read({ event: 'room_finished', room: 5 });
    assert.ok(!reading.ok);
    assert.match(reading.fault, /^room must be /);
  });

  it('with an unknown event is accepted in any shape', () => {
    const event = eventOf({ event: 'sip_call_ended', room: 5 });
    assert.deepEqual([event.name, event.sentName, event.room, event.at], ['other', 'sip_call_ended', undefined, NOW]);
  });

  it('without an event name of 1 to 255 characters is refused', () => {
    assert.equal(read({ event: '' }).ok, false);
    assert.equal(read({ event: 'x'.repeat(256) }).ok, false);
    assert.equal(read({ event: 'x'.repeat(255), room: 5 }).ok, true);
    assert.equal(read([]).ok, false);
  });

  for (const [what, createdAt, at, precise] of [
    ['created 3 s before', `${NOW / 1_000 - 3}`, NOW, true],
    ['created earlier', `${NOW / 1_000 - 4}`, NOW - 4_000, false],
    ['created 3 s later by LiveKit’s clock', NOW / 1_000 + 3, NOW, true],
    ['created later', NOW / 1_000 + 4, NOW + 4_000, false],
    ['without a time of creation', undefined, NOW, true],
    ['created at 0', '0', NOW, true],
    ['created at a time that isn’t a number', 'soon', NOW, true],
  ] as const) {
    it(`${what} is dated by ${precise ? 'its arrival' : 'itself, to the second'}`, () => {
      const event = eventOf({ event: 'room_finished', createdAt });
      assert.deepEqual([event.at, event.receivedAt, event.precise], [at, NOW, precise]);
    });
  }

  it('of a recording is dated by its arrival', () => {
    assert.equal(eventOf({ event: 'room_finished', createdAt: '1' }, true).at, NOW);
  });

  it('gives the number of dropped webhooks', () => {
    assert.equal(eventOf({ event: 'room_finished', numDropped: '3' }).dropped, 3);
    assert.equal(eventOf({ event: 'room_finished' }).dropped, 0);
    assert.equal(eventOf({ event: 'room_finished', numDropped: 'many' }).dropped, 0);
  });

  it('has the room of its job if it names no other', () => {
    const job = { id: 'AJ_1', agentName: '', room: { sid: 'RM_1' }, state: { status: 2, error: 'gone' } };
    const event = eventOf({ event: 'agent_job_ended', job });
    assert.deepEqual(event.room, { sid: 'RM_1', name: undefined });
    assert.deepEqual(event.job, { id: 'AJ_1', agentName: undefined, status: '2', error: 'gone' });
    assert.equal(eventOf({ event: 'agent_job_ended', room: { sid: 'RM_2' }, job }).room?.sid, 'RM_2');
  });

  it('has the whole participant when it joins or leaves, and only its given fields otherwise', () => {
    const participant = { sid: 'PA_1' };
    const of = (event: string) => eventOf({ event, participant }).participant;
    for (const event of ['participant_joined', 'participant_left']) {
      assert.deepEqual([of(event)?.kind, of(event)?.isPublisher], ['STANDARD', false]);
    }
    const named = of('track_published');
    assert.deepEqual([named?.kind, named?.isPublisher, named?.sip], [undefined, undefined, undefined]);
  });

  it('has SIP attributes if at least one is present', () => {
    const sipOf = (attributes: object) =>
      eventOf({ event: 'participant_joined', participant: { attributes } }).participant?.sip;
    assert.equal(sipOf({ language: 'de' }), undefined);
    assert.equal(sipOf({ language: 'de', 'sip.callIDFull': 'a', 'sip.trunkID': '' })?.callIdFull, 'a');
    assert.equal(sipOf({ 'sip.callIDFull': 'a', 'sip.trunkID': '' })?.trunkId, undefined);
  });

  it('is counted under its name, or under "other"', () => {
    assert.deepEqual(
      ['room_started', 'sip_call_ended'].map((event) => eventOf({ event }).name),
      ['room_started', 'other'],
    );
  });
});

describe('JSON', () => {
  it('has lone UTF-16 surrogates replaced, and everything else unchanged', () => {
    assert.deepEqual(parseJson('{"a":"x\\ud800","b":[1,null,"\\ud83d\\ude00"]}'), { a: 'x\ufffd', b: [1, null, '😀'] });
    assert.deepEqual(parseJson('{"a":"\\u00e9"}'), { a: 'é' });
  });
});
