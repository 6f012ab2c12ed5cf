import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCase, type RecordedCase, replay } from '../../../src/core/replay/replay.ts';
import { caller, roomFinished } from '../livekitScenario.ts';
import { A_LEG, B_LEG, EMPTY, everySecond, FITTING, rule, SBC, trunk, type Webhook, webhooksOf } from '../scenario.ts';

const REFUSED = webhooksOf({ response: [407, 'Unauthorized', 230] });
const SILENT = webhooksOf({ ringing: [90], dialGaveUpAt: 20_000 });
const BARRED_SBC = { inbound_trunks: [trunk({ allowed_addresses: ['198.51.100.7'] })], dispatch_rules: [rule()] };

function causes(fields: Partial<Record<keyof RecordedCase, unknown>>): [string, string | null][] {
  const { calls } = replay(parseCase({ id: 'x', webhooks: REFUSED, ...fields }));
  return calls.map(({ call_sid, cause }) => [call_sid, cause]);
}

/** The same webhook as a hook with method GET sends it. */
function asGet({ path, body = '', at_ms }: Webhook): Webhook {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(JSON.parse(body))) query.set(key, String(value));
  return { method: 'GET', path: `${path}?${query}`, headers: {}, at_ms };
}

describe('a replay', () => {
  test('reads a hook with method GET as it reads a POST', () => {
    assert.deepEqual(causes({ webhooks: REFUSED.map(asGet) }), [[B_LEG, 'auth_missing']]);
  });

  test('keeps hooks with method GET apart that have an empty body and come within half a second', () => {
    const gets = REFUSED.map((webhook) => ({ ...asGet(webhook), body: '' }));
    assert.deepEqual(causes({ webhooks: gets }), causes({ webhooks: REFUSED.map(asGet) }));
    assert.deepEqual(causes({ webhooks: gets }), [[B_LEG, 'auth_missing']]);
  });

  test('takes webhooks in the order of their time, whatever their order in the file', () => {
    assert.deepEqual(causes({ webhooks: REFUSED.toReversed() }), [[B_LEG, 'auth_missing']]);
  });

  test('passes over requests to other paths, and reports what it cannot read', () => {
    const odd: Webhook[] = [
      { method: 'POST', path: '/other', body: '{"call_sid":"stray","call_status":"trying"}', at_ms: 1 },
      { method: 'POST', path: '/jambonz/call-status', body: '{"call_sid":7}', at_ms: 2 },
      { method: 'POST', path: '/jambonz/dial-action', body: 'nonsense', at_ms: 3 },
    ];
    const { calls, refused } = replay(parseCase({ id: 'x', webhooks: [...odd, ...REFUSED] }));
    assert.deepEqual(
      calls.map(({ call_sid }) => call_sid),
      [B_LEG],
    );
    assert.equal(refused.length, 2);
    assert.match(refused[0] ?? '', /call_sid/);
  });

  test('without webhooks has no calls', () => {
    assert.deepEqual(causes({ webhooks: [] }), []);
  });

  test('keeps calls apart', () => {
    const other = REFUSED.map((webhook) => ({
      ...webhook,
      body: webhook.body?.replaceAll(A_LEG, 'other-a').replaceAll(B_LEG, 'other-b') ?? '',
    }));
    const wanted = [
      [B_LEG, 'auth_missing'],
      ['other-b', 'auth_missing'],
    ];
    assert.deepEqual(causes({ webhooks: [...REFUSED, ...other] }).sort(), wanted);
  });

  for (const [what, fields, cause] of [
    ['invite.source_ip', { invite: { source_ip: SBC } }, 'source_address_not_allowed'],
    ['sbc_addresses as a list', { sbc_addresses: [SBC] }, 'source_address_not_allowed'],
    ['sbc_addresses as text', { sbc_addresses: `${SBC}, 203.0.113.9` }, 'source_address_not_allowed'],
    ['sbc_addresses before invite', { invite: { source_ip: SBC }, sbc_addresses: '198.51.100.7' }, 'unclassified'],
  ] as const) {
    test(`takes the SBC’s address from ${what}`, () => {
      const { calls } = replay(parseCase({ id: 'x', webhooks: SILENT, livekit: BARRED_SBC, ...fields }));
      assert.deepEqual(
        calls.map((got) => got.cause),
        [cause],
      );
      assert.equal(calls[0]?.confidence, cause === 'unclassified' ? 'possible' : 'certain');
    });
  }

  test('reads nothing else of a case: not what was on the wire, nor what is expected', () => {
    const bait = {
      wire: [[486, 'Busy Here']],
      final: [486, 'Busy Here'],
      expected: { blocking: ['callee_busy'] },
      invite: { credentials: 'sent', from_user: '1', to_user: '2', to_host: 'h' },
    };
    const plain = replay(parseCase({ id: 'x', webhooks: REFUSED, livekit: FITTING }));
    assert.deepEqual(replay(parseCase({ id: 'x', webhooks: REFUSED, livekit: FITTING, ...bait })), plain);
  });

  test('takes null for what is not there', () => {
    const absent = { invite: null, livekit: null, livekit_url: null, livekit_sip_host: null, sbc_addresses: null };
    const webhooks = REFUSED.map((webhook) => ({ ...webhook, headers: null, method: null }));
    assert.deepEqual(causes({ ...absent, webhooks }), [[B_LEG, 'auth_missing']]);
  });

  for (const livekit of [undefined, null, {}, { name: 'lab' }]) {
    test(`has no metadata in livekit: ${JSON.stringify(livekit)}`, () => {
      const { calls } = replay(parseCase({ id: 'x', webhooks: SILENT, livekit: livekit ?? null }));
      assert.deepEqual(
        calls.map(({ cause, confidence }) => [cause, confidence]),
        [['unclassified', 'possible']],
      );
    });
  }

  test('reads the lists under the names of protobuf’s JSON', () => {
    const livekit = { inboundTrunks: [trunk({ allowed_numbers: ['+15550142'] })], dispatchRules: [rule()] };
    assert.deepEqual(causes({ webhooks: SILENT, livekit }), [[B_LEG, 'caller_not_allowed']]);
  });

  test('takes a list that LiveKit left out or sent as null for empty', () => {
    const livekit = { inbound_trunks: [trunk()], dispatch_rules: null };
    assert.deepEqual(causes({ webhooks: SILENT, livekit }), [[B_LEG, 'no_dispatch_rule']]);
    assert.deepEqual(causes({ webhooks: SILENT, livekit: { inbound_trunks: [trunk()] } }), [
      [B_LEG, 'no_dispatch_rule'],
    ]);
  });

  test('knows LiveKit’s host in every form in which it is written', () => {
    const livekit = { inbound_trunks: [trunk({ allowed_numbers: ['+15550142'] })], dispatch_rules: [rule()] };
    const dialled = (host: string) =>
      SILENT.map((webhook) => ({ ...webhook, body: webhook.body?.replaceAll('lab.sip.livekit.cloud', host) ?? '' }));
    for (const [host, livekit_sip_host] of [
      ['[2001:db8::1]:5060', '2001:db8::1'],
      ['[2001:DB8:0:0::1]', '[2001:db8::1]'],
      ['[2001:db8::1];transport=tcp', '[2001:db8::1]:5060'],
      ['sip.example.com.', 'SIP.example.com'],
      ['sip.example.com', 'sip:sip.example.com;transport=tls'],
      ['192.0.2.7:5070', '192.0.2.7'],
    ] as const) {
      const webhooks = dialled(host);
      assert.deepEqual(causes({ webhooks, livekit, livekit_sip_host }), [[B_LEG, 'caller_not_allowed']], host);
      const other = causes({ webhooks, livekit, livekit_sip_host: '2001:db8::2, other.example.com' });
      assert.deepEqual(other, [[B_LEG, 'callee_no_answer']], host);
    }
  });

  test('says which field of a case is wrong', () => {
    assert.throws(() => parseCase({ webhooks: [] }), /id/);
    assert.throws(() => parseCase({ id: 'x', webhooks: [{ path: '/jambonz/call-status' }] }), /at_ms/);
    assert.throws(() => parseCase([]), /recorded case/);
    const odd = parseCase({ id: 'x', webhooks: [], livekit: { inbound_trunks: [{ numbers: 'all' }] } });
    assert.throws(() => replay(odd), /livekit: .*inbound_trunks/);
  });
  for (const [laterMs, cause] of [
    [500, 'no_trunk_configured'],
    [501, 'agent_not_joined'],
  ] as const) {
    test(`takes the same unsigned body ${laterMs} ms later for ${laterMs > 500 ? 'another 180' : 'a repeat'}`, () => {
      const ringing = SILENT.find(({ body = '' }) => body.includes('"ringing"'));
      assert.ok(ringing);
      const again = { ...ringing, at_ms: ringing.at_ms + laterMs };
      const livekit = cause === 'agent_not_joined' ? FITTING : EMPTY;
      assert.deepEqual(causes({ webhooks: [...SILENT, again], livekit }), [[B_LEG, cause]]);
    });
  }

  test('takes a call up again of which LiveKit tells after it is over, and no other', () => {
    const webhooks = webhooksOf({ ringing: everySecond(90, 19_090), dialGaveUpAt: 20_000 });
    const other = REFUSED.map((webhook) => ({
      ...webhook,
      body:
        webhook.body?.replaceAll(A_LEG, 'other-a').replaceAll(B_LEG, 'other-b').replaceAll('b-leg@', 'other@') ?? '',
    }));
    const late = [
      caller(300_000, 'participant_joined'),
      caller(300_001, 'participant_left', {}, { disconnectReason: 'CLIENT_INITIATED' }),
      roomFinished(300_002),
    ];
    const confidences = (more: readonly Webhook[]) =>
      Object.fromEntries(
        replay(parseCase({ id: 'x', webhooks: [...webhooks, ...other, ...more], livekit: FITTING })).calls.map(
          ({ call_sid, confidence }) => [call_sid, confidence],
        ),
      );
    assert.deepEqual(confidences([]), { 'other-b': 'likely', [B_LEG]: 'likely' });
    assert.deepEqual(confidences(late), { 'other-b': 'likely', [B_LEG]: 'certain' });
  });

  test('reports what it cannot read of LiveKit', () => {
    const odd = { method: 'POST', path: '/livekit/webhook', headers: {}, body: '{"event":7}', at_ms: 1 };
    const { refused } = replay(parseCase({ id: 'x', webhooks: [odd, ...REFUSED] }));
    assert.equal(refused.length, 1);
    assert.match(refused[0] ?? '', /event/);
  });
});
