import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readBody, readQuery } from '../../../src/core/receive/jambonzWebhook.ts';
import { boundsFault } from '../../../src/core/receive/jsonBounds.ts';
import { readLiveKit } from '../../../src/core/receive/livekitWebhook.ts';

const MOMENT = { at: 1_795_387_200_000, receivedAt: 1_795_387_200_000, precise: true };
const lists = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const keys = (count: number) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 1])));

describe('JSON is bounded', () => {
  for (const [what, text, fault] of [
    ['64 lists in each other', lists(64), undefined],
    ['65 lists in each other', lists(65), 'it is nested deeper than 64 levels'],
    ['64 objects in each other', objects(64), undefined],
    ['65 objects in each other', objects(65), 'it is nested deeper than 64 levels'],
    ['many lists side by side', `[${'[],'.repeat(1_000)}{}]`, undefined],
    ['2,000 keys', keys(2_000), undefined],
    ['2,001 keys', keys(2_001), 'it has more than 2000 keys'],
    ['2,001 keys in many objects', `[${'{"a":1},'.repeat(2_001)}1]`, 'it has more than 2000 keys'],
    ['brackets and colons in text', JSON.stringify({ a: '[:'.repeat(5_000) }), undefined],
    ['brackets behind an escaped quote', JSON.stringify({ a: `"${'[:'.repeat(5_000)}` }), undefined],
    [
      'brackets behind text that ends in a backslash',
      `{"a":"\\\\","b":${lists(65)}}`,
      'it is nested deeper than 64 levels',
    ],
    [
      'brackets behind text that is one escaped backslash',
      `["\\\\",${lists(64)}]`,
      'it is nested deeper than 64 levels',
    ],
    ['no JSON', 'x', undefined],
  ] as const) {
    it(what, () => assert.equal(boundsFault(text), fault));
  }

  it('in each webhook, which is then refused', () => {
    const deep = Buffer.from(`{"call_sid":"a","call_status":"trying","customer_data":${lists(64)}}`);
    for (const hook of ['call_status', 'dial_action'] as const) {
      const reading = readBody(hook, deep, MOMENT);
      assert.ok(!reading.ok);
      assert.equal(reading.faults[0]?.detail, 'The body must be JSON in UTF-8: it is nested deeper than 64 levels');
    }
    const read = readLiveKit(Buffer.from(`{"event":"room_started","x":${lists(64)}}`), MOMENT.receivedAt);
    assert.equal(!read.ok && read.fault, 'The body must be JSON in UTF-8: it is nested deeper than 64 levels');
  });

  it('in the tag of a query, which is then text', () => {
    const query = new URLSearchParams({ call_sid: 'a', call_status: 'trying', customer_data: lists(65) });
    const reading = readQuery('call_status', query, MOMENT);
    assert.ok(reading.ok);
    assert.equal(reading.event.declaredAuth, undefined);
  });

  for (const [count, isRead] of [
    [2_000, true],
    [2_001, false],
  ] as const) {
    it(`and so are the keys of a query: ${count}`, () => {
      const query = new URLSearchParams('call_sid=a&call_status=trying');
      for (let i = 2; i < count; i += 1) query.append('k', '1');
      assert.equal(readQuery('call_status', query, MOMENT).ok, isRead);
    });
  }
});
