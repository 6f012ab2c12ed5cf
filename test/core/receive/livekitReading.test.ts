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

describe('a webhook of LiveKit’s', () => {
  it('that is no JSON is refused', () => {
    const reading = read('{"event":');
    assert.ok(!reading.ok);
    assert.match(reading.fault, /^The body must be JSON in UTF-8: /);
  });

  it('of a kind that is known is refused where a field is not as it must be', () => {
    const reading = read({ event: 'room_finished', room: 5 });
    assert.ok(!reading.ok);
    assert.match(reading.fault, /^room must be /);
  });

  it('of a kind that is not known is taken, whatever it looks like', () => {
    const event = eventOf({ event: 'sip_call_ended', room: 5 });
    assert.deepEqual([event.name, event.sentName, event.room, event.at], ['other', 'sip_call_ended', undefined, NOW]);
  });

  it('without a name is refused', () => {
    assert.equal(read({ event: '' }).ok, false);
    assert.equal(read({ event: 'x'.repeat(256) }).ok, false);
    assert.equal(read({ event: 'x'.repeat(255), room: 5 }).ok, true);
    assert.equal(read([]).ok, false);
  });

  for (const [what, createdAt, at, precise] of [
    ['made 3 s before', `${NOW / 1_000 - 3}`, NOW, true],
    ['made earlier', `${NOW / 1_000 - 4}`, NOW - 4_000, false],
    ['made 3 s later by LiveKit’s clock', NOW / 1_000 + 3, NOW, true],
    ['made later', NOW / 1_000 + 4, NOW + 4_000, false],
    ['that does not say when it was made', undefined, NOW, true],
    ['made at no time', '0', NOW, true],
    ['made at a time that is no number', 'soon', NOW, true],
  ] as const) {
    it(`${what} is dated by ${precise ? 'its arrival' : 'itself, to the second'}`, () => {
      const event = eventOf({ event: 'room_finished', createdAt });
      assert.deepEqual([event.at, event.receivedAt, event.precise], [at, NOW, precise]);
    });
  }

  it('of a recording is dated by its arrival', () => {
    assert.equal(eventOf({ event: 'room_finished', createdAt: '1' }, true).at, NOW);
  });

  it('tells how many were dropped', () => {
    assert.equal(eventOf({ event: 'room_finished', numDropped: '3' }).dropped, 3);
    assert.equal(eventOf({ event: 'room_finished' }).dropped, 0);
    assert.equal(eventOf({ event: 'room_finished', numDropped: 'many' }).dropped, 0);
  });

  it('has the room of its job where it names no other', () => {
    const job = { id: 'AJ_1', agentName: '', room: { sid: 'RM_1' }, state: { status: 2, error: 'gone' } };
    const event = eventOf({ event: 'agent_job_ended', job });
    assert.deepEqual(event.room, { sid: 'RM_1', name: undefined });
    assert.deepEqual(event.job, { id: 'AJ_1', agentName: undefined, status: '2', error: 'gone' });
    assert.equal(eventOf({ event: 'agent_job_ended', room: { sid: 'RM_2' }, job }).room?.sid, 'RM_2');
  });

  it('shows a whole participant where it joins or leaves, and names it elsewhere', () => {
    const participant = { sid: 'PA_1' };
    const of = (event: string) => eventOf({ event, participant }).participant;
    for (const event of ['participant_joined', 'participant_left']) {
      assert.deepEqual([of(event)?.kind, of(event)?.isPublisher], ['STANDARD', false]);
    }
    const named = of('track_published');
    assert.deepEqual([named?.kind, named?.isPublisher, named?.sip], [undefined, undefined, undefined]);
  });

  it('has SIP’s attributes where one of them is there', () => {
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
  it('has no half of a pair of UTF-16 alone, and anything else as it is', () => {
    assert.deepEqual(parseJson('{"a":"x\\ud800","b":[1,null,"\\ud83d\\ude00"]}'), { a: 'x\ufffd', b: [1, null, '😀'] });
    assert.deepEqual(parseJson('{"a":"\\u00e9"}'), { a: 'é' });
  });
});
