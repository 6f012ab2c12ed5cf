import assert from 'node:assert/strict';
import { until } from '../durable/serviceProcess.ts';
import type { Attack, Ground } from './attack.ts';
import type { Target } from './attackedService.ts';

type Service = (ground: Ground) => Promise<Target>;

const digits = (count: number) => Array.from({ length: count }, (_, i) => (i * 7) % 10).join('');
/** Text that no database compresses well, so that it is too long for an index. */
const noise = (count: number) =>
  Array.from({ length: count }, (_, i) => ((i * i * 7919 + i) % 36).toString(36)).join('');

/** Keys of a call status that a database may refuse. The second is the call_sid by which the call is found. */
const CALLS: Readonly<Record<string, readonly [keys: Readonly<Record<string, unknown>>, found?: string]>> = {
  'a NUL in the call_sid': [{ call_sid: 'nul\0sid' }, 'nul\ufffdsid'],
  'a call_sid that is a NUL': [{ call_sid: '\0' }, '\ufffd'],
  'a lone surrogate in the call_sid': [{ call_sid: 'lone\ud800' }, 'lone\ufffd'],
  'a NUL in the caller': [{ from: '+49\0' }],
  'a NUL in the called number': [{ to: 'sip:+49\0@x' }],
  'a NUL in the reason phrase': [{ sip_reason: 'a\0b' }],
  'a NUL in the Call-ID': [{ sbc_callid: 'a\0b' }],
  'a NUL in an unknown key': [{ foo: 'a\0b', '\0': 1 }],
  'a NUL in the tag': [{ customer_data: { sipwhy: { auth_username: 'a\0' } } }],
  'a lone surrogate in the reason phrase': [{ sip_reason: '\udfff' }],
  'a call_sid of 255 characters': [{ call_sid: 'k'.repeat(255) }, 'k'.repeat(255)],
  'a call_sid of 255 characters of three bytes': [{ call_sid: '漢'.repeat(255) }, '漢'.repeat(255)],
  'a Call-ID of 8 KB': [{ sbc_callid: noise(8_000) }],
  'a Call-ID of 8 KB in emoji': [{ sbc_callid: '😀'.repeat(4_096) }],
  'numbers of 8 KB': [{ from: digits(8_000), to: digits(8_000) }],
  'a reason phrase of 8 KB': [{ sip_reason: noise(8_000) }],
  'a duration beyond all numbers': [{ duration: 1e308 }],
};

/** LiveKit's webhooks that a database may refuse. */
const ROOMS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'a NUL in a room': { room: { sid: 'RM\0', name: '\0' } },
  'a room name of 8 KB': { room: { name: noise(8_000) } },
  'a room sid of 8 KB': { room: { sid: noise(8_000) } },
  'a SIP Call-ID of 50 KB': sip({ 'sip.callIDFull': noise(50_000) }),
  'numbers of 50 KB': sip({ 'sip.phoneNumber': digits(50_000), 'sip.trunkPhoneNumber': digits(50_000) }),
  'a trunk id of 50 KB': sip({ 'sip.callIDFull': 'x', 'sip.trunkID': noise(50_000) }),
  'a NUL in every attribute': sip({ 'sip.callIDFull': '\0', 'sip.phoneNumber': '\0', 'sip.trunkPhoneNumber': '\0' }),
  'a time beyond all times': { createdAt: '1e300', numDropped: 1e300 },
};

function sip(attributes: Readonly<Record<string, string>>) {
  return { room: { sid: 'RM_1' }, participant: { sid: 'PA_1', kind: 'SIP', attributes } };
}

/** Parameters of the API that a database may refuse. */
const QUERIES: Readonly<Record<string, string>> = {
  'a trunk that is a NUL': 'calls?trunk=%00',
  'a call_sid that is a NUL': 'calls/%00%00',
  'an incident id that is a NUL': 'incidents/%00',
  'the calls of an incident that is a NUL': 'calls?incident=%00',
  'a trunk that is half a surrogate': 'calls?trunk=%ED%A0%80',
  'a trunk with quotes': `calls?trunk=${encodeURIComponent(`a','b"; DROP TABLE events; --`)}`,
  'a number with 4,000 digits': `calls?number=${digits(4_000)}`,
  'a number with wildcards': 'calls?number=1%25_1',
  '1,000 trunks': `calls?trunk=${Array.from({ length: 1_000 }, (_, i) => i).join(',')}`,
  'calls since the year 0': 'calls?since=0000-01-01T00:00:00Z',
  'calls since a leap second': 'calls?since=2016-12-31T23:59:60Z',
  'calls until the year 9999': 'calls?until=9999-12-31T23:59:59%2B23:59',
  'a cursor with a NUL': `calls?cursor=${cursor('[1,"\\u0000"]')}`,
  'a cursor with half a number': `calls?cursor=${cursor('[1.5,"a"]')}`,
  'a cursor with a large number': `calls?cursor=${cursor('[9e30,"a"]')}`,
  'a cursor with infinity': `calls?cursor=${cursor('[1e999,"a"]')}`,
  'a cursor with a negative number': `calls?cursor=${cursor('[-9007199254740991,"a"]')}`,
  'a cursor with an object': `calls?cursor=${cursor('{"length":2,"0":1,"1":"a"}')}`,
  'a cursor that is no JSON': 'calls?cursor=AAAA',
  'a cursor of incidents with half a number': `incidents?cursor=${cursor('["impact",0,1.5,1,1,1,1,"a"]')}`,
  'a cursor of incidents with a large number': `incidents?cursor=${cursor('["impact",0,1e30,1,1,1,1,"a"]')}`,
  'a cursor of incidents with a NUL': `incidents?cursor=${cursor('["impact",0,1,1,1,1,1,"\\u0000"]')}`,
  'a cursor of incidents with another order': `incidents?sort=last&cursor=${cursor('["impact",0,1,1,1,1,1,"a"]')}`,
  'a cursor of incidents from before all times': `incidents?cursor=${cursor('["impact",-9007199254740991,-9007199254740990,1,1,1,1,"a"]')}`,
  'incidents by a NUL': 'incidents?q=%00',
  'calls by half a surrogate': 'calls?q=%ED%A0%80aaaaaaa',
  'calls by wildcards': 'calls?q=%25_%25_%25_%25_%25_',
  'a cursor of events with half a number': 'events?poll=1&cursor=1.5',
  'a cursor of events with a large number': 'events?poll=1&cursor=99999999999999999999',
  'a cursor of events with a NUL': 'events?poll=1&cursor=1.call.%2500',
  'a cursor of events with half a surrogate': 'events?poll=1&cursor=1.call.%25ED%25A0%2580',
  'a version beyond all versions': 'trunks/history/1/9007199254740993',
  'a version with an exponent': 'trunks/history/1/1e30',
};

function cursor(json: string): string {
  return Buffer.from(json).toString('base64url');
}

/** Attacks by content: on a service with a store of either kind. `name` is the name of the database. */
export function contentAttacks(name: string, service: Service): readonly Attack[] {
  const calls = Object.entries(CALLS).map(([what, [keys, found]], i): Attack => {
    const callSid = found ?? `odd-${i}`;
    return {
      what: `${name}: a call status with ${what}`,
      faults: [13],
      async run(ground) {
        const target = await service(ground);
        const body = {
          call_sid: callSid,
          call_status: 'failed',
          sip_status: 486,
          direction: 'outbound',
          from: '+49',
          to: 'x',
          ...keys,
        };
        assert.equal((await target.post('/jambonz/call-status', body)).status, 204);
        await until('the call is diagnosed', async () => {
          const { status, text } = await target.send(`/api/v1/calls/${encodeURIComponent(callSid)}`);
          return status === 200 && JSON.parse(text).attempts.length === 1;
        });
        await assertNoneAside(target);
      },
    };
  });
  const rooms = Object.entries(ROOMS).map(
    ([what, keys]): Attack => ({
      what: `${name}: a webhook of LiveKit with ${what}`,
      faults: [13],
      async run(ground) {
        const target = await service(ground);
        const stored = () => target.sample('sipwhy_journal_fed_total{result="stored"}');
        const before = await stored();
        const answer = await target.post('/livekit/webhook', { event: 'participant_joined', id: what, ...keys });
        assert.equal(answer.status, 200);
        await until('it is stored', async () => (await stored()) === before + 1);
        await assertNoneAside(target);
      },
    }),
  );
  const queries = Object.entries(QUERIES).map(
    ([what, path]): Attack => ({
      what: `${name}: someone asks for ${what}`,
      faults: [21],
      async run(ground) {
        const target = await service(ground);
        const { status, text } = await target.send(`/api/v1/${path}`);
        assert.ok(status === 200 || (status >= 400 && status < 500), `${status} ${text}`);
      },
    }),
  );
  return [...calls, ...rooms, ...queries];
}

async function assertNoneAside(target: Target): Promise<void> {
  assert.equal(await target.sample('sipwhy_journal_set_aside_events'), 0);
  assert.equal(await target.sample('sipwhy_store_up'), 1);
}
