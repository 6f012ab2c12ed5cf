import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';
import {
  decodeWebhook,
  encodeWebhook,
  eventOf,
  isBefore,
  JOURNAL_START,
  readRecord,
  type Webhook,
} from '../../../src/core/receive/webhook.ts';
import { joined, status, T0 } from '../../store/storedEvents.ts';
import { bLeg, dialHook } from '../scenario.ts';

const PROMPT = { at: T0, receivedAt: T0, precise: true };
const LATE = { at: T0 - 7_000, receivedAt: T0, precise: false };

function webhook(body: string | Uint8Array, more: Partial<Webhook> = {}): Webhook {
  return {
    id: 'id',
    source: 'call_status',
    form: 'json',
    moment: PROMPT,
    digest: 'digest',
    repeatWithinMs: Number.POSITIVE_INFINITY,
    body: Buffer.from(body),
    ...more,
  };
}

/** As it comes out of the log. */
function throughLog(one: Webhook): Webhook {
  return decodeWebhook(encodeWebhook(one));
}

describe('a webhook in the log', () => {
  const rows: { what: string; webhook: Webhook }[] = [
    { what: 'as JSON', webhook: webhook(bLeg(0, 180, 'Ringing', 'ringing').body ?? '') },
    { what: 'without a body', webhook: webhook('') },
    { what: 'of bytes that are no UTF-8', webhook: webhook(new Uint8Array([0xff, 0, 0xc3, 10, 0x28])) },
    { what: 'that came late', webhook: webhook('{}', { moment: LATE }) },
    { what: 'without a signature', webhook: webhook('{}', { repeatWithinMs: 500 }) },
    { what: 'of LiveKit’s', webhook: webhook('{"event":"room_started"}', { source: 'livekit' }) },
    {
      what: 'that is to be passed on as it came with GET',
      webhook: webhook('call_sid=b%20leg&call_status=trying', {
        form: 'query',
        passOn: { method: 'GET', query: '?call_sid=b%20leg', headers: ['X-Signature', 'a=b, "c"', 'x-signature', 'ü'] },
      }),
    },
  ];
  for (const { what, webhook: one } of rows) {
    it(`${what} comes out as it went in`, () => {
      const out = throughLog(one);
      assert.deepEqual({ ...out, body: Buffer.from(out.body) }, one);
    });
  }

  it('has the event of its JSON, of either hook', () => {
    const leg = bLeg(0, 407, 'Unauthorized', 'failed');
    const event = eventOf(throughLog(webhook(leg.body ?? '', { moment: LATE })));
    assert.ok(event?.kind === 'status');
    assert.deepEqual([event.sipStatus, event.at, event.receivedAt, event.precise], [407, LATE.at, T0, false]);
    const dial = eventOf(throughLog(webhook(dialHook(0, 503, 'failed').body ?? '', { source: 'dial_action' })));
    assert.ok(dial?.kind === 'dial_result');
    assert.deepEqual([dial.dialSipStatus, dial.dialCallStatus], [503, 'failed']);
  });

  it('has the event of its query', () => {
    const query = 'call_sid=b%20leg&sip_status=180&call_status=ringing&from=%2B15550123&sip_reason=';
    const event = eventOf(throughLog(webhook(query, { form: 'query' })));
    assert.ok(event?.kind === 'status');
    assert.deepEqual(
      [event.callSid, event.sipStatus, event.callStatus, event.from, event.sipReason],
      ['b leg', 180, 'ringing', '+15550123', undefined],
    );
  });

  it('has the events of what LiveKit sent', () => {
    const lines = readFileSync(new URL('../../recorded/livekit-webhooks.jsonl', import.meta.url), 'utf8').trim();
    for (const line of lines.split('\n')) {
      const { at, body } = JSON.parse(line);
      const moment = { at, receivedAt: at, precise: true };
      const event = eventOf(throughLog(webhook(body, { source: 'livekit', moment })));
      const reading = readLiveKit(Buffer.from(body), at);
      assert.ok(event?.kind === 'livekit' && reading.ok);
      assert.deepEqual(event, reading.event);
    }
  });

  it('has none where it cannot be read', () => {
    assert.equal(eventOf(webhook(new Uint8Array([0xff]))), undefined);
    assert.equal(eventOf(webhook('{"call_status":"trying"}')), undefined);
    assert.equal(eventOf(webhook('[]', { source: 'livekit' })), undefined);
  });

  it('is made by the tests as it is read', () => {
    for (const made of [
      status('1', 20, { sbcCallId: 'sip-1' }),
      joined('RM_1', 'sip-1', 30),
      joined('RM_1', undefined, 9),
    ]) {
      assert.deepEqual(eventOf(made), made.event);
    }
  });
});

describe('a record of the journal', () => {
  it('is read as its webhook with its event', () => {
    const one = webhook('{"event":"room_started","id":"EV_1"}', { source: 'livekit' });
    const record = readRecord(encodeWebhook(one));
    assert.deepEqual([record?.id, record?.event.kind], ['id', 'livekit']);
  });
  it('is undefined if this version cannot read it', () => {
    assert.equal(readRecord(encodeWebhook(webhook('{}'))), undefined);
    assert.equal(readRecord(Buffer.from('no record at all')), undefined);
  });
});

describe('a position in the journal comes before another', () => {
  for (const [a, b, wanted] of [
    [[1, 5], [2, 0], true],
    [[2, 0], [1, 5], false],
    [[1, 5], [1, 6], true],
    [[1, 6], [1, 6], false],
    [[1, 7], [1, 6], false],
    [[2, 5], [1, 6], false],
  ] as const) {
    it(`${a.join(':')} before ${b.join(':')}: ${wanted}`, () => {
      const [first, second] = [a, b].map(([segment, offset]) => ({ segment, offset }));
      assert.ok(first && second);
      assert.equal(isBefore(first, second), wanted);
    });
  }
});

it('the journal begins with the first byte of its first segment', () => {
  assert.deepEqual(JOURNAL_START, { segment: 0, offset: 0 });
});
