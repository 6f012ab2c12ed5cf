import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readRow, rowToJson } from '../../src/store/archive/archiveRow.ts';
import { pack } from '../../src/store/packedJson.ts';
import { CONFIGURATIONS, EVENTS } from '../../src/store/tables.ts';

const EVENT = { kind: 'status', at: 1, receivedAt: 1, precise: true, callSid: 'a', callStatus: 'trying' };
const BODY = '{"call_sid":"a","call_status":"trying","customer_data":{"key":"secret"},"later":"secret"}';
const KEPT = '{"call_sid":"a","call_status":"trying","customer_data":null,"later":null}';
const rowOf = (body: string) => ({
  id: 'x',
  received_at: 1,
  call_id: 'a',
  call_sid: 'a',
  dial_call_sid: null,
  kind: 'status',
  digest: 'd',
  event: JSON.stringify(EVENT),
  body: Buffer.from(body),
});

it('an export of what an older version stored has only what this one keeps', async () => {
  assert.partialDeepStrictEqual(await rowToJson(EVENTS, rowOf(BODY)), { body: KEPT, digest: 'd' });
  assert.partialDeepStrictEqual(await rowToJson(EVENTS, rowOf('call_sid=a&later=secret')), {
    body: 'call_sid=a&later=',
  });
  const snapshot = { trunks: [{ sip_trunk_id: 'ST_1', rest: { metadata: 'secret' } }], rules: [] };
  const row = {
    version: 1,
    first_seen_at: 1,
    last_seen_at: 1,
    snapshot: await pack(snapshot),
    changes: await pack([]),
    digest: null,
    follows: null,
  };
  assert.partialDeepStrictEqual(await rowToJson(CONFIGURATIONS, row), {
    snapshot: { trunks: [{ sip_trunk_id: 'ST_1', rest: { metadata: '<not stored by sipwhy>' } }], rules: [] },
  });
});

it('an import of what an older version exported takes only what this one keeps', async () => {
  const { dial_call_sid: _, ...given } = rowOf(BODY);
  const read = await readRow({ table: 'events', ...given, event: EVENT, body: BODY });
  assert.ok(read.ok);
  assert.equal(String(Buffer.from(read.row.body as Uint8Array)), KEPT);
});
