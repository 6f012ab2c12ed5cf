import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { Attack } from '../attack.ts';

const brackets = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const keys = (count: number) => Array.from({ length: count }, (_, i) => `"k${i}":1`).join(',');
const status = (fields: string) => `{"call_sid":"a","call_status":"trying",${fields}}`;
const latin1 = (text: string) => Buffer.from(text, 'latin1');

/** Bodies that no sender sends. Each is refused with a message, and nothing else happens. */
const NO_JSON: Readonly<Record<string, string | Buffer>> = {
  'an empty body': '',
  'JSON that ends early': '{"call_sid":"a"',
  'an array': '[]',
  'a number': '5',
  'a number without end': '1'.repeat(100_000),
  null: 'null',
  true: 'true',
  text: '"text"',
  'two documents': '{}{}',
  'a comment': '/* */ {}',
  'a trailing comma': '{"a":1,}',
  'single quotes': "{'a':1}",
  NaN: '{"a":NaN}',
  'a bare NUL': '\0',
  'a NUL within text': '{"a":"\0"}',
  'a byte order mark alone': '\uFEFF',
  'invalid UTF-8': latin1('{"call_sid":"\xff\xfe","call_status":"trying","event":"x","to":"x"}'),
  'UTF-8 that ends within a character': latin1('{"call_sid":"\xe2\x82'),
  'UTF-8 of a surrogate': latin1('{"call_sid":"\xed\xa0\x80","call_status":"trying","event":"x","to":"x"}'),
  'overlong UTF-8': latin1('{"call_sid":"\xc0\xaf","call_status":"trying","event":"x","to":"x"}'),
  'UTF-16': Buffer.from('{"call_sid":"a"}', 'utf16le'),
  'gzip that says it is JSON': gzipSync('{"call_sid":"a","call_status":"trying"}'),
  'a form': 'call_sid=a&call_status=trying',
  XML: '<call sid="a"/>',
  'brackets nested 20,000 deep': brackets(20_000),
  'objects nested 20,000 deep': objects(20_000),
  'brackets that never close': '['.repeat(200_000),
  'braces that never close': '{"a":'.repeat(40_000),
  '20,000 keys': `{${keys(20_000)}}`,
  '20,000 keys with one name': `{${'"a":1,'.repeat(20_000)}"b":1}`,
};

/** Statuses with one field that no status has. */
const STATUSES: Readonly<Record<string, string>> = {
  'a call_sid that is an object': '{"call_sid":{},"call_status":"trying"}',
  'a call_sid that is a list': '{"call_sid":["a"],"call_status":"trying"}',
  'a call_sid that is a number': '{"call_sid":5,"call_status":"trying"}',
  'an empty call_sid': '{"call_sid":"","call_status":"trying"}',
  'a call_sid of 300 characters': JSON.stringify({ call_sid: 'x'.repeat(300), call_status: 'trying' }),
  'no call_sid': '{"call_status":"trying"}',
  'no status': '{"call_sid":"a"}',
  'a status that is a number': '{"call_sid":"a","call_status":1}',
  'a status of 65 characters': JSON.stringify({ call_sid: 'a', call_status: 'x'.repeat(65) }),
  'keys of the prototype alone': '{"__proto__":{"call_sid":"a","call_status":"trying"}}',
  'a status behind constructor.prototype': '{"constructor":{"prototype":{"call_sid":"a","call_status":"trying"}}}',
  'a SIP status below zero': status('"sip_status":-1'),
  'a SIP status of 1000': status('"sip_status":1000'),
  'a SIP status of 1e308': status('"sip_status":1e308'),
  'a SIP status with a fraction': status('"sip_status":486.5'),
  'a SIP status in words': status('"sip_status":"486 Busy"'),
  'a duration in words': status('"duration":"long"'),
  'a caller that is an object': status('"from":{"a":1}'),
  'a caller of 9,000 characters': status(`"from":"${'5'.repeat(9_000)}"`),
  'a called number of 200,000 characters': status(`"to":"${'5'.repeat(200_000)}"`),
  'a reason that is a list': status('"sip_reason":["a"]'),
  'a parent of 256 characters': status(`"parent_call_sid":"${'x'.repeat(256)}"`),
  'customer data nested 20,000 deep': status(`"customer_data":${brackets(20_000)}`),
  'customer data nested 65 deep': status(`"customer_data":${objects(65)}`),
  'customer data with 2,500 keys': status(`"customer_data":{${keys(2_500)}}`),
};

/** Events of LiveKit with one field that no event has. */
const EVENTS: Readonly<Record<string, string>> = {
  'no event': '{}',
  'an event that is a number': '{"event":5}',
  'an event of 256 characters': JSON.stringify({ event: 'x'.repeat(256) }),
  'a room that is text': '{"event":"room_started","room":"x"}',
  'a room name that is an object': '{"event":"room_started","room":{"name":{}}}',
  'a room name of 9,000 characters': JSON.stringify({ event: 'room_started', room: { name: 'x'.repeat(9_000) } }),
  'a time of 256 digits': JSON.stringify({ event: 'room_started', createdAt: '1'.repeat(256) }),
  'attributes that are a list': '{"event":"participant_joined","participant":{"attributes":["a"]}}',
  'an attribute that is an object': '{"event":"participant_joined","participant":{"attributes":{"sip.callID":{}}}}',
  'a kind of 256 characters': JSON.stringify({ event: 'participant_joined', participant: { kind: 'x'.repeat(256) } }),
  'a room nested 65 deep': `{"event":"room_started","room":{"x":${brackets(63)}}}`,
};

/** Questions that nobody asks. */
const QUESTIONS: Readonly<Record<string, string>> = {
  'no question': '{}',
  'a target that is a number': '{"to":5}',
  'an empty target': '{"to":""}',
  'an unknown field': '{"to":"+15550100","x":1}',
  'a prototype': '{"to":"+15550100","__proto__":{"a":1}}',
  'a constructor with a prototype': '{"to":"+15550100","constructor":{"prototype":{"a":1}}}',
  'a source that is no address': '{"to":"+15550100","source":"here"}',
  'a source with a NUL': '{"to":"+15550100","source":"\\u0000"}',
  'a dial that is text': '{"dial":"x"}',
  'a dial nested 65 deep': `{"dial":${objects(65)}}`,
  'both a target and a dial': '{"to":"+15550100","dial":{}}',
};

const posted = (route: string, name: string, body: string | Buffer): Attack => ({
  what: `${route}: ${name}`,
  async run(ground) {
    const service = await ground.service();
    const headers = { 'content-type': 'application/json' };
    const { status: answered, text } = await service.send(route, { method: 'POST', headers, body });
    assert.ok(answered >= 400 && answered < 500, `${answered} ${text}`);
    assert.match(text, /"detail":"/);
  },
});

const ROUTES = [
  ['/jambonz/call-status', { ...NO_JSON, ...STATUSES }],
  ['/jambonz/dial-action', NO_JSON],
  ['/livekit/webhook', { ...NO_JSON, ...EVENTS }],
  ['/api/v1/check', { ...NO_JSON, ...QUESTIONS }],
  [
    '/api/v1/session',
    {
      'brackets nested 20,000 deep': brackets(20_000),
      'a token of 5,000 characters': JSON.stringify({ token: 'x'.repeat(5_000) }),
    },
  ],
] as const;

/** Bodies that are strange, but are what they say: they are taken, and hurt nobody. */
const TAKEN: Readonly<Record<string, string>> = {
  'a lone surrogate in a call_sid': '{"call_sid":"\\ud800","call_status":"trying"}',
  'a NUL in a call_sid': '{"call_sid":"a\\u0000b","call_status":"trying"}',
  'an own key __proto__': status('"__proto__":{"call_sid":"b","polluted":1}'),
  'an own key hasOwnProperty': status('"hasOwnProperty":1,"toString":2,"constructor":3'),
  'a direction that turns text around': status('"from":"\u202e+1555"'),
  'a status that nobody knows': '{"call_sid":"a","call_status":"levitating"}',
  'a field twice': '{"call_sid":"a","call_sid":"b","call_status":"trying"}',
  '64 levels': status(`"customer_data":${objects(63)}`),
};

const taken = Object.entries(TAKEN).map(
  ([name, body]): Attack => ({
    what: `a status is taken: ${name}`,
    async run(ground) {
      const service = await ground.service();
      const sent = await service.send('/jambonz/call-status', { method: 'POST', body });
      assert.equal(sent.status, 204, sent.text);
      const list = await service.send('/api/v1/calls?limit=1');
      assert.deepEqual([list.status, /polluted/.test(list.text)], [200, false]);
    },
  }),
);

/** Media types and encodings of a status that is otherwise right, and its answer. */
const TYPES: Readonly<
  Record<string, readonly [headers: Readonly<Record<string, string>>, body: Buffer | string, status: number]>
> = {
  'gzip, said to be': [{ 'content-encoding': 'gzip' }, gzipSync(status('"x":1')), 400],
  'more than 256 KB': [{}, status(`"x":"${'x'.repeat(256 * 1024)}"`), 413],
  'a megabyte of spaces': [{}, ' '.repeat(1024 * 1024), 413],
  'a length that is said and not sent is no body': [{ 'content-length': '0' }, '', 400],
};

const types = Object.entries(TYPES).map(
  ([name, [headers, body, wanted]]): Attack => ({
    what: `a status is refused: ${name}`,
    async run(ground) {
      const service = await ground.service();
      const sent = await service.send('/jambonz/call-status', { method: 'POST', headers, body });
      assert.equal(sent.status, wanted, sent.text);
    },
  }),
);

const MEDIA = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonp',
  'application/json-patch+json',
  'text/json',
  'application',
  ' ',
  '',
];

const media = ['/api/v1/check', '/api/v1/session'].flatMap((route) =>
  MEDIA.map(
    (type): Attack => ({
      what: `${route} as ${JSON.stringify(type)}`,
      async run(ground) {
        const service = await ground.service();
        const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
        const sent = await service.send(route, { method: 'POST', headers, body: '{"to":"+15550100"}' });
        assert.equal(sent.status, 415, sent.text);
      },
    }),
  ),
);

const hooks = [2_500, 5_000, 10_000].map(
  (count): Attack => ({
    what: `a status by GET with ${count} keys`,
    async run(ground) {
      const service = await ground.service();
      const sent = await service.send(`/jambonz/call-status?call_sid=a&call_status=trying${'&k'.repeat(count)}`);
      assert.ok([400, 431].includes(sent.status), `${sent.status} ${sent.text}`);
    },
  }),
);

export const bodies: readonly Attack[] = [
  ...ROUTES.flatMap(([route, list]) => Object.entries(list).map(([name, body]) => posted(route, name, body))),
  ...taken,
  ...types,
  ...hooks,
  ...media,
];
