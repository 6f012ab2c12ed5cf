import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRule, parseTrunk, readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';

describe('the other fields of a trunk', () => {
  it('leave out times, and what is empty or zero', () => {
    const fields = { created_at: { seconds: 1 }, updated_at: '2026-01-01', at: '1s', krisp_enabled: true };
    const empty = { metadata: '', headers: {}, include_headers: [], media: null, hide: false, max: 0 };
    assert.deepEqual(parseTrunk({ sip_trunk_id: 'ST_1', ...fields, ...empty }).rest, { at: '1s', krisp_enabled: true });
  });

  it('leave out the password and the ringing timeout', () => {
    const trunk = parseTrunk({
      sip_trunk_id: 'ST_1',
      auth_password: 'secret',
      ringing_timeout: '20s',
      headers: { a: 'b' },
    });
    assert.equal(trunk.has_password, true);
    assert.equal(trunk.ringing_timeout_seconds, 20);
    assert.deepEqual(trunk.rest, { ringing_timeout: '20s', headers: { a: '<not stored by sipwhy>' } });
  });
});

describe('the ringing timeout of a trunk', () => {
  for (const [given, seconds] of [
    ['20s', 20],
    ['0.5s', 0.5],
    ['0s', undefined],
    [{ seconds: 20 }, 20],
    [{ seconds: '30' }, 30],
    [{ nanos: 1 }, undefined],
    [{ seconds: 0 }, undefined],
    [null, undefined],
    [20, undefined],
  ] as const) {
    it(`${JSON.stringify(given)} is ${seconds ?? 'unset'}`, () => {
      const trunk = parseTrunk({ sip_trunk_id: 'ST_1', ringing_timeout: given });
      assert.equal(trunk.ringing_timeout_seconds, seconds);
      assert.equal('ringing_timeout_seconds' in trunk, seconds !== undefined);
    });
  }
});

describe('a dispatch rule', () => {
  for (const [kind, body, room] of [
    ['direct', { room_name: 'desk', room_prefix: 'call-' }, 'desk'],
    ['individual', { room_name: 'desk', room_prefix: 'call-' }, 'call-'],
    ['callee', { room_name: 'desk', room_prefix: 'call-' }, 'call-'],
    ['direct', {}, ''],
    ['callee', {}, ''],
  ] as const) {
    it(`of kind ${kind} with ${JSON.stringify(body)} has the room ${JSON.stringify(room)}`, () => {
      const read = parseRule({
        sip_dispatch_rule_id: 'SDR_1',
        rule: { [`dispatch_rule_${kind}`]: { ...body, pin: '1234' } },
        created_at: 1,
        metadata: 'm',
      });
      assert.deepEqual([read.kind, read.room, read.pin], [kind, room, '1234']);
      assert.deepEqual(read.body, body);
      assert.deepEqual(read.rest, { metadata: '<not stored by sipwhy>' });
    });
  }
});

const ruleWith = (callers: number) => ({
  inbound_trunks: [],
  dispatch_rules: [
    {
      sip_dispatch_rule_id: 'SDR_1',
      inbound_numbers: Array.from({ length: callers }, (_, i) => `+1555${i}`),
      numbers: Array.from({ length: 1_000 }, (_, i) => `+1666${i}`),
    },
  ],
});

it('a configuration with a million combinations of trunk, caller and called number is read', () => {
  assert.equal(readSnapshot(ruleWith(1_000)).ok, true);
});

it('a configuration with more combinations is refused with their number', () => {
  const reading = readSnapshot(ruleWith(1_001));
  assert.ok(!reading.ok);
  assert.match(reading.faults.join(), /^\/dispatch_rules have 1001000 combinations .* at most 1000000/);
});
