import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readFrame } from '../../../src/core/receive/jambonzFrame.ts';

const MOMENT = { at: 1_795_387_200_000, receivedAt: 1_795_387_200_000, precise: true };
const STATUS = { call_sid: 'A', call_status: 'trying' };
const read = (message: unknown) => readFrame(Buffer.from(JSON.stringify(message)), MOMENT);
const long = (length: number) => 'x'.repeat(length);

describe('a Jambonz WebSocket frame', () => {
  it('is a status, with the same body as a POST', () => {
    const frame = read({ type: 'call:status', msgid: 'm', b3: 'trace', data: STATUS });
    assert.ok(frame.kind === 'status');
    assert.deepEqual(
      [frame.msgid, frame.b3, Buffer.from(frame.body).toString()],
      ['m', 'trace', JSON.stringify(STATUS)],
    );
    assert.ok(frame.reading.ok && frame.reading.event.callStatus === 'trying');
  });

  it('is a status without data, too, but unreadable', () => {
    const frame = read({ type: 'call:status' });
    assert.ok(frame.kind === 'status');
    assert.equal(Buffer.from(frame.body).toString(), 'null');
    assert.equal(frame.reading.ok, false);
  });

  for (const [what, message, kind] of [
    ['a reconnect', { type: 'session:reconnect', msgid: 'm' }, 'reconnect'],
    ['a reconnect without a msgid', { type: 'session:reconnect' }, 'other'],
    ['another type', { type: 'session:new', msgid: 'm', data: STATUS }, 'other'],
    ['no type', { msgid: 'm', data: STATUS }, 'malformed'],
    ['an empty type', { type: '' }, 'malformed'],
    ['a type of one letter', { type: 'x' }, 'other'],
    ['an empty msgid', { type: 'x', msgid: '' }, 'malformed'],
    ['a msgid of one letter', { type: 'x', msgid: 'm' }, 'other'],
    ['a msgid of 255 letters', { type: 'x', msgid: long(255) }, 'other'],
    ['a longer msgid', { type: 'x', msgid: long(256) }, 'malformed'],
    ['a trace of 255 letters', { type: 'x', b3: long(255) }, 'other'],
    ['a longer trace', { type: 'x', b3: long(256) }, 'malformed'],
    ['a number for an object', 5, 'malformed'],
  ] as const) {
    it(`with ${what} is: ${kind}`, () => assert.equal(read(message).kind, kind));
  }

  it('of a reconnect names the message to acknowledge', () => {
    assert.deepEqual(read({ type: 'session:reconnect', msgid: 'm' }), { kind: 'reconnect', msgid: 'm' });
  });

  it('without JSON is malformed', () => {
    assert.deepEqual(readFrame(Buffer.from('{"type":"call:status"'), MOMENT), { kind: 'malformed' });
  });
});
