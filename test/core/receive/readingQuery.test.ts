import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type JambonzHook, readQuery } from '../../../src/core/receive/jambonzWebhook.ts';

const MOMENT = { at: 1_795_387_200_000, receivedAt: 1_795_387_200_250, precise: true };

describe('reading a GET', () => {
  const query = (text: string, hook: JambonzHook = 'call_status') => readQuery(hook, new URLSearchParams(text), MOMENT);

  test('numbers in a query are numbers', () => {
    const reading = query('call_sid=b-leg&call_status=failed&sip_status=503&sip_reason=Try+again+later&duration=1.5');
    assert.ok(reading.ok);
    assert.equal(reading.event.sipStatus, 503);
    assert.equal(reading.event.sipReason, 'Try again later');
    const hook = query('call_sid=a-leg&dial_sip_status=180&dial_call_sid=b-leg', 'dial_action');
    assert.ok(hook.ok && hook.event.kind === 'dial_result');
    assert.equal(hook.event.dialSipStatus, 180);
  });

  test('numbers that are texts stay texts', () => {
    const reading = query('call_sid=1234&call_status=trying&from=15550123&to=%2B15550100');
    assert.ok(reading.ok);
    assert.equal(reading.event.callSid, '1234');
    assert.equal(reading.event.from, '15550123');
    assert.equal(reading.event.to, '+15550100');
  });

  test('a status that is no number is a fault of the field', () => {
    const reading = query('call_sid=b-leg&call_status=failed&sip_status=busy');
    assert.ok(!reading.ok);
    assert.deepEqual(
      reading.faults.map(({ field }) => field),
      ['sip_status'],
    );
  });

  test('an empty value is absent', () => {
    const reading = query('call_sid=b-leg&call_status=trying&parent_call_sid=&sip_status=&sip_reason=');
    assert.ok(reading.ok);
    assert.equal(reading.event.parentCallSid, undefined);
    assert.equal(reading.event.sipStatus, undefined);
    assert.equal(query('call_sid=&call_status=trying').ok, false);
  });

  test('a tag comes as JSON in a query', () => {
    const reading = query(
      `call_sid=b-leg&call_status=trying&customer_data=${encodeURIComponent('{"sipwhy":{"auth_username":false}}')}`,
    );
    assert.ok(reading.ok);
    assert.deepEqual(reading.event.declaredAuth, { sent: false });
  });

  test('a query with keys that JavaScript has its own use for is harmless', () => {
    const reading = query('call_sid=b-leg&call_status=trying&__proto__=x&constructor=y&customer_data=%7B');
    assert.ok(reading.ok);
    assert.equal(reading.event.declaredAuth, undefined);
  });

  test('an empty query names what is missing', () => {
    const reading = query('');
    assert.ok(!reading.ok);
    assert.deepEqual(reading.faults.map(({ field }) => field).sort(), ['call_sid', 'call_status']);
  });
});
