import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readBody, readQuery } from '../../../src/core/receive/jambonzWebhook.ts';
import { keptBody } from '../../../src/core/receive/keptBody.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';

const MOMENT = { at: 1, receivedAt: 1, precise: true };
const keptJson = (source: 'call_status' | 'dial_action' | 'livekit', json: unknown) =>
  JSON.parse(Buffer.from(keptBody({ source, form: 'json' }, Buffer.from(JSON.stringify(json)))).toString());

const STATUS = {
  call_sid: 'b-leg',
  parent_call_sid: 'a-leg',
  direction: 'outbound',
  from: '+4915112345678',
  to: 'sip:+4930111@example.com',
  call_status: 'failed',
  sip_status: 503,
  sip_reason: 'Try again later',
  originating_sip_ip: '192.0.2.1',
  duration: 3,
};

describe('what is kept of a body from Jambonz', () => {
  it('is every field that is read, as it came', () => {
    assert.deepEqual(keptJson('call_status', STATUS), STATUS);
    const dial = {
      ...STATUS,
      dial_call_sid: 'c',
      dial_call_status: 'failed',
      dial_sip_status: 503,
      dial_sbc_callid: 'x',
    };
    assert.deepEqual(keptJson('dial_action', dial), dial);
  });

  it('is only the name of everything else', () => {
    const rest = {
      headers: { 'X-Key': 'secret' },
      unknown: 'secret',
      api_base_url: 'https://u:secret@h',
      list: ['secret'],
    };
    const none = { headers: null, unknown: null, api_base_url: null, list: null };
    assert.deepEqual(keptJson('call_status', { ...STATUS, ...rest }), { ...STATUS, ...none });
  });

  it('is only the name of what every object inherits', () => {
    const body = Buffer.from(
      '{"call_sid":"a","__proto__":{"password":"secret"},"constructor":"secret","call_status":"busy"}',
    );
    assert.equal(
      Buffer.from(keptBody({ source: 'call_status', form: 'json' }, body)).toString(),
      '{"call_sid":"a","__proto__":null,"constructor":null,"call_status":"busy"}',
    );
  });

  it('is only sipwhy’s own part of customer_data', () => {
    const keptOf = (customer_data: unknown) => keptJson('call_status', { ...STATUS, customer_data }).customer_data;
    assert.deepEqual(keptOf({ password: 'secret', sipwhy: { auth_username: 'user', more: 'secret' } }), {
      sipwhy: { auth_username: 'user' },
    });
    assert.deepEqual(keptOf({ password: 'secret', sipwhy: false }), { sipwhy: false });
    assert.equal(keptOf({ password: 'secret' }), null);
    assert.equal(keptOf('secret'), null);
  });

  it('has no value where a field holds an object instead of a text', () => {
    assert.deepEqual(keptJson('call_status', { ...STATUS, sip_reason: { a: 'secret' } }).sip_reason, null);
    assert.deepEqual(keptJson('call_status', []), {});
  });

  for (const [given, kept] of [
    ['sip:user:secret@example.com', 'sip:user@example.com'],
    ['"A" <sip:user:sec:ret@example.com:5060>;tag=1', '"A" <sip:user@example.com:5060>;tag=1'],
    ['sip:user:sec@ret@example.com', 'sip:user@example.com'],
    ['SIPS:user:secret@[2001:db8::1]', 'SIPS:user@[2001:db8::1]'],
    [
      'sip:user@example.com;transport=tcp?X-Key=secret&X-Other=secret',
      'sip:user@example.com;transport=tcp?X-Key&X-Other',
    ],
    ['sip:example.com:5060', 'sip:example.com:5060'],
    ['sip:user@example.com:5060;transport=tls', 'sip:user@example.com:5060;transport=tls'],
    ['+49 151 12345678', '+49 151 12345678'],
    ['sip:'.repeat(2048), 'sip:'.repeat(2048)],
  ] as const) {
    it(`has no password or header value in a URI: ${given.slice(0, 70)}`, () => {
      assert.equal(keptJson('call_status', { ...STATUS, to: given }).to, kept);
    });
  }

  it('is the same event', () => {
    const json = { ...STATUS, customer_data: { password: 'secret', sipwhy: { auth_username: 'user' } }, headers: {} };
    const before = readBody('call_status', Buffer.from(JSON.stringify(json)), MOMENT);
    const kept = keptBody({ source: 'call_status', form: 'json' }, Buffer.from(JSON.stringify(json)));
    assert.ok(before.ok);
    assert.deepEqual(readBody('call_status', kept, MOMENT), before);
  });

  it('is a query where it came as one', () => {
    const query =
      'call_sid=a&call_status=trying&sip_status=100&from=%2B49151&to=sip%3Au%3Asecret%40h&headers=secret' +
      '&customer_data=%7B%22p%22%3A%22secret%22%2C%22sipwhy%22%3A%7B%22auth_username%22%3A%22u%22%7D%7D&empty=';
    const kept = Buffer.from(keptBody({ source: 'call_status', form: 'query' }, Buffer.from(query))).toString();
    assert.equal(
      kept,
      'call_sid=a&call_status=trying&sip_status=100&from=%2B49151&to=sip%3Au%40h&headers=' +
        '&customer_data=%7B%22sipwhy%22%3A%7B%22auth_username%22%3A%22u%22%7D%7D',
    );
    const read = readQuery('call_status', new URLSearchParams(kept), MOMENT);
    assert.ok(read.ok);
    assert.deepEqual(read.event.declaredAuth, { sent: true, username: 'u' });
  });
});

describe('what is kept of a body from LiveKit', () => {
  const WEBHOOK = {
    event: 'participant_joined',
    id: 'EV_1',
    createdAt: '1',
    room: { sid: 'RM_1', name: 'call-1', turnPassword: 'secret', metadata: 'secret' },
    participant: {
      sid: 'PA_1',
      identity: 'sip_1',
      kind: 'SIP',
      metadata: 'secret',
      attributes: { 'sip.callIDFull': 'x@y', 'sip.phoneNumber': '+49151', 'sip.h.x-key': 'secret', key: 'secret' },
    },
    job: { id: 'AJ_1', metadata: 'secret', state: { status: 'JS_FAILED', error: 'no', metadata: { a: 'secret' } } },
  };

  it('is every field that is read, and only the names of metadata and attributes', () => {
    assert.deepEqual(keptJson('livekit', WEBHOOK), {
      event: 'participant_joined',
      id: 'EV_1',
      createdAt: '1',
      room: { sid: 'RM_1', name: 'call-1', turnPassword: '', metadata: '' },
      participant: {
        sid: 'PA_1',
        identity: 'sip_1',
        kind: 'SIP',
        metadata: '',
        attributes: { 'sip.callIDFull': 'x@y', 'sip.phoneNumber': '+49151', 'sip.h.x-key': '', key: '' },
      },
      job: { id: 'AJ_1', metadata: '', state: { status: 'JS_FAILED', error: 'no', metadata: '' } },
    });
  });

  it('is every field of every event', () => {
    const whole = {
      event: 'track_published',
      id: 'EV_1',
      createdAt: '1',
      numDropped: 1,
      room: { sid: 'RM_1', name: 'call-1' },
      roomEndReason: 'ROOM_END_API_DELETE',
      participant: {
        sid: 'PA_1',
        identity: 'sip_1',
        kind: 'SIP',
        attributes: { 'sip.callIDFull': 'x@y', 'sip.phoneNumber': '+49151', 'sip.trunkPhoneNumber': '+4930' },
        disconnectReason: 'ROOM_DELETED',
        isPublisher: true,
      },
      track: { sid: 'TR_1', source: 'MICROPHONE', mimeType: 'audio/red' },
      job: {
        id: 'AJ_1',
        agentName: 'desk',
        room: { sid: 'RM_1', name: 'call-1' },
        state: { status: 'JS_FAILED', error: 'no' },
      },
    };
    assert.deepEqual(keptJson('livekit', whole), whole);
  });

  it('is the same event', () => {
    const body = Buffer.from(JSON.stringify(WEBHOOK));
    const before = readLiveKit(body, 1000);
    assert.ok(before.ok);
    assert.deepEqual(readLiveKit(keptBody({ source: 'livekit', form: 'json' }, body), 1000), before);
  });

  it('has no value of a name that every object inherits', () => {
    assert.deepEqual(keptJson('livekit', { event: 'new', constructor: 'secret', room: { toString: { name: 'a' } } }), {
      event: 'new',
      constructor: '',
      room: { toString: '' },
    });
  });

  it('is nothing but names where an unknown event has another form', () => {
    assert.deepEqual(keptJson('livekit', { event: 'new', room: 'secret', track: ['secret'], id: { a: 'secret' } }), {
      event: 'new',
      room: {},
      track: {},
      id: '',
    });
  });
});
