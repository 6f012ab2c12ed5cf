import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CallEvent } from '../../../src/core/call/callEvent.ts';
import { type JambonzHook, readBody } from '../../../src/core/receive/jambonzWebhook.ts';
import { recordedCases } from '../recordedCases.ts';

const MOMENT = { at: 1_795_387_200_000, receivedAt: 1_795_387_200_250, precise: true };
const STATUS = { call_sid: 'b-leg', call_status: 'trying' };

function read(keys: unknown, hook: JambonzHook = 'call_status') {
  return readBody(hook, Buffer.from(JSON.stringify(keys)), MOMENT);
}

function eventOf(keys: unknown, hook: JambonzHook = 'call_status'): CallEvent {
  const reading = read(keys, hook);
  if (!reading.ok) assert.fail(JSON.stringify(reading.faults));
  return reading.event;
}

/** The fields that are found fault with, sorted. */
function faultyFields(keys: unknown, hook: JambonzHook = 'call_status'): string[] {
  const reading = read(keys, hook);
  return reading.ok ? [] : reading.faults.map(({ field }) => field).sort();
}

describe('reading a webhook', () => {
  test('a status becomes an event with all that a diagnosis reads', () => {
    const event = eventOf({
      call_sid: 'b-leg',
      parent_call_sid: 'a-leg',
      direction: 'outbound',
      from: '+15550123',
      to: 'sip:+15550100@lab.sip.livekit.cloud',
      caller_id: '+15550124',
      sbc_callid: 'far@192.0.2.1',
      sip_status: 503,
      sip_reason: 'Try again later',
      call_status: 'failed',
      call_termination_by: 'caller',
      customer_data: { sipwhy: { auth_username: 'livekit_client' } },
    });
    assert.deepEqual(event, {
      kind: 'status',
      ...MOMENT,
      callSid: 'b-leg',
      parentCallSid: 'a-leg',
      direction: 'outbound',
      from: '+15550123',
      to: 'sip:+15550100@lab.sip.livekit.cloud',
      sbcCallId: 'far@192.0.2.1',
      sipStatus: 503,
      sipReason: 'Try again later',
      callStatus: 'failed',
      terminatedBy: 'caller',
      declaredAuth: { sent: true, username: 'livekit_client' },
    });
  });

  test('a dial hook becomes an event of the leg that dialled', () => {
    const event = eventOf(
      {
        call_sid: 'a-leg',
        dial_call_sid: 'b-leg',
        dial_call_status: 'ringing',
        dial_sip_status: 180,
        dial_sbc_callid: 'x',
      },
      'dial_action',
    );
    assert.equal(event.kind, 'dial_result');
    const { callSid, callStatus, ...rest } = event;
    assert.deepEqual({ callSid, callStatus }, { callSid: 'a-leg', callStatus: 'other' });
    assert.ok('dialCallSid' in rest);
    const { dialCallSid, dialCallStatus, dialSipStatus, dialSbcCallId } = rest;
    assert.deepEqual([dialCallSid, dialCallStatus, dialSipStatus, dialSbcCallId], ['b-leg', 'ringing', 180, 'x']);
  });

  test('every recorded webhook is read', () => {
    for (const { call } of recordedCases()) {
      for (const { path, body = '' } of call.webhooks) {
        const hook = path.endsWith('dial-action') ? 'dial_action' : 'call_status';
        const reading = readBody(hook, Buffer.from(body), MOMENT);
        assert.ok(reading.ok);
        assert.equal(reading.event.callSid, JSON.parse(body).call_sid);
      }
    }
  });

  for (const [field, wrong] of [
    ['call_sid', 7],
    ['call_sid', ''],
    ['call_sid', ['b-leg']],
    ['call_sid', 'x'.repeat(256)],
    ['parent_call_sid', {}],
    ['call_status', true],
    ['call_status', 'x'.repeat(65)],
    ['sip_status', '503'],
    ['sip_status', 503.5],
    ['sip_status', -1],
    ['sip_status', 1_000],
    ['sip_reason', 7],
    ['sip_reason', 'x'.repeat(8_193)],
    ['from', { user: 'x' }],
    ['to', 15_550_100],
    ['direction', 1],
    ['sbc_callid', false],
    ['call_termination_by', []],
    ['duration', '12'],
  ] as const) {
    const shown = JSON.stringify(wrong).slice(0, 20);
    test(`${field} as ${shown} is a fault of ${field}`, () => {
      assert.deepEqual([...new Set(faultyFields({ ...STATUS, [field]: wrong }))], [field]);
    });
  }

  for (const [field, wrong] of [
    ['dial_sip_status', '180'],
    ['dial_call_sid', ''],
    ['dial_call_status', 180],
    ['dial_sbc_callid', 1],
  ] as const) {
    test(`${field} as ${JSON.stringify(wrong)} is a fault of ${field}`, () => {
      assert.deepEqual(faultyFields({ call_sid: 'a-leg', [field]: wrong }, 'dial_action'), [field]);
    });
  }

  test('all faults are told at once, each naming its field', () => {
    const keys = { sip_status: '503', sip_reason: 7, to: [] };
    assert.deepEqual(faultyFields(keys), ['call_sid', 'call_status', 'sip_reason', 'sip_status', 'to']);
    const reading = read(keys);
    assert.ok(!reading.ok);
    for (const { field, detail } of reading.faults) assert.ok(detail.startsWith(`${field} `), detail);
  });

  test('a dial hook needs no call_status, a status does', () => {
    assert.deepEqual(faultyFields({ call_sid: 'a-leg' }, 'dial_action'), []);
    assert.deepEqual(faultyFields({ call_sid: 'a-leg' }), ['call_status']);
  });

  test('unknown keys and unknown values are tolerated', () => {
    const event = eventOf({ ...STATUS, new_key: { deep: [1] }, call_status: 'on-hold', direction: 'sideways' });
    assert.equal(event.callStatus, 'other');
    assert.equal(event.direction, undefined);
  });

  test('null means absent', () => {
    const event = eventOf({
      ...STATUS,
      parent_call_sid: null,
      sip_status: null,
      sip_reason: null,
      customer_data: null,
    });
    assert.equal(event.parentCallSid, undefined);
    assert.equal(event.sipStatus, undefined);
    assert.equal(event.sipReason, undefined);
    assert.deepEqual(faultyFields({ call_sid: null, call_status: 'trying' }), ['call_sid']);
  });

  for (const [what, body] of [
    ['nothing', ''],
    ['an array', '[{"call_sid":"a","call_status":"trying"}]'],
    ['a string', '"call_sid"'],
    ['a number', '7'],
    ['null', 'null'],
    ['true', 'true'],
    ['half a body', '{"call_sid":"a",'],
    ['two bodies', '{"call_sid":"a","call_status":"trying"}{}'],
    ['a form', 'call_sid=a&call_status=trying'],
  ] as const) {
    test(`${what} is a fault of the body as a whole`, () => {
      const reading = readBody('call_status', Buffer.from(body), MOMENT);
      assert.ok(!reading.ok);
      assert.deepEqual(
        reading.faults.map(({ field }) => field),
        [''],
      );
    });
  }

  test('bytes that are not UTF-8 are a fault of the body, not replaced', () => {
    const body = Buffer.concat([
      Buffer.from('{"call_sid":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('","call_status":"trying"}'),
    ]);
    const reading = readBody('call_status', body, MOMENT);
    assert.ok(!reading.ok);
    assert.deepEqual(
      reading.faults.map(({ field }) => field),
      [''],
    );
  });

  test('numbers and names beyond ASCII are kept as they are', () => {
    assert.equal(eventOf({ ...STATUS, from: '٤٩', sip_reason: 'Überlastet' }).from, '٤٩');
  });

  test('keys that JavaScript has its own use for are harmless', () => {
    const body =
      '{"call_sid":"b","call_status":"trying","__proto__":{"parent_call_sid":"evil"},"constructor":1,"toString":2}';
    const reading = readBody('call_status', Buffer.from(body), MOMENT);
    assert.ok(reading.ok);
    assert.equal(reading.event.parentCallSid, undefined);
    assert.equal(Object.hasOwn(Object.prototype, 'parent_call_sid'), false);
    for (const sid of ['__proto__', 'constructor']) assert.equal(eventOf({ ...STATUS, call_sid: sid }).callSid, sid);
  });

  for (const [what, customer_data, want] of [
    ['a username', { sipwhy: { auth_username: 'x' } }, { sent: true, username: 'x' }],
    ['false', { sipwhy: { auth_username: false } }, { sent: false }],
    ['false for all of it', { sipwhy: false }, { sent: false }],
    ['true for all of it', { sipwhy: true }, undefined],
    ['an empty username', { sipwhy: { auth_username: '' } }, { sent: false }],
    ['true', { sipwhy: { auth_username: true } }, undefined],
    ['another tag', { order: 7 }, undefined],
    ['text', 'sipwhy', undefined],
    ['nothing', undefined, undefined],
  ] as const) {
    test(`a tag with ${what} says what was sent, or nothing`, () => {
      assert.deepEqual(eventOf({ ...STATUS, customer_data }).declaredAuth, want);
    });
  }
});
