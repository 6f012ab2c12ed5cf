import assert from 'node:assert/strict';
import type { Attack } from '../attack.ts';
import { sendInCalm } from '../sendInCalm.ts';

/** Parameters that no client sends, and that no answer of the service has. */
const QUERIES = [
  'limit=0',
  'limit=-1',
  'limit=501',
  'limit=1e9',
  'limit=99999999999999999999',
  'limit=NaN',
  'limit=1&limit=2',
  'limit[]=1',
  'cursor=x',
  'cursor=%00',
  'cursor=-1',
  `cursor=${'9'.repeat(400)}`,
  'cursor=eyJhIjoxfQ',
  `cursor=${Buffer.from('{"at":"x","id":null}').toString('base64url')}`,
  'cause=no_such_cause',
  'cause=__proto__',
  'cause=constructor',
  'cause=',
  'party=nobody,,x',
  'status=99',
  'status=7e2',
  'number=%00',
  'number=x',
  'since=yesterday',
  'since=9999999-01-01T00:00:00Z',
  'since=2026-13-01T00:00:00Z',
  'until=0',
  'fields=secrets',
  'numbers=clear',
  'format=../../etc/passwd',
  '__proto__=1',
  '__proto__[a]=1',
  'constructor=1',
  'hasOwnProperty=1',
  'a=%',
  `${'a=1&'.repeat(3_000)}b=1`,
  `${'cause=x,'.repeat(1_500)}`,
];

const queries = ['calls', 'incidents', 'stats'].flatMap((place) =>
  QUERIES.map(
    (query): Attack => ({
      what: `the ${place} by ${query.length > 60 ? `${query.slice(0, 20)}… of ${query.length} characters` : query}`,
      async run(ground) {
        const service = await ground.service();
        const { status, text } = await sendInCalm(service, `/api/v1/${place}?${query}`);
        assert.equal(status, 400, text);
        assert.ok(text.length < 20_000, `an answer of ${text.length} characters`);
      },
    }),
  ),
);

const IDS = [
  '%00',
  '%ff',
  '%zz',
  '..%2f..%2f..%2fetc%2fpasswd',
  "'%20OR%201=1--",
  '__proto__',
  'constructor',
  '%F0%9F%93%9E',
  'a%0d%0aset-cookie:%20a=b',
  'x'.repeat(760),
  'x'.repeat(800),
];

const ids = ['calls', 'incidents', 'trunks/history'].flatMap((place) =>
  IDS.map(
    (id): Attack => ({
      what: `one of ${place} by ${id.length > 60 ? `${id.length} letters` : id}`,
      async run(ground) {
        const service = await ground.service();
        const { status, text, headers } = await sendInCalm(service, `/api/v1/${place}/${id}`);
        assert.ok([400, 404, 414].includes(status), `${status} ${text}`);
        assert.equal(headers['set-cookie'], undefined);
      },
    }),
  ),
);

const DEEDS = {
  acknowledge: {},
  note: { text: 'x' },
  mute: { until: '+1h' },
  resolve: {},
  'put-away': { call_sid: 'x' },
};
const JSON_BODY = { 'content-type': 'application/json' };

/** What people may do about an incident, done to none, and said in strange ways. */
const deeds = Object.entries(DEEDS).flatMap(([deed, body]) => [
  ...IDS.map(
    (id): Attack => ({
      what: `${deed} of an incident by ${id.length > 60 ? `${id.length} letters` : id}`,
      async run(ground) {
        const service = await ground.service();
        const sent = { method: 'POST', headers: JSON_BODY, body: JSON.stringify(body) };
        const { status, text } = await sendInCalm(service, `/api/v1/incidents/${id}/${deed}`, sent);
        assert.ok([400, 404, 414].includes(status), `${status} ${text}`);
      },
    }),
  ),
  ...Object.entries({
    'of 256 KB': JSON.stringify({ ...body, text: 'x'.repeat(256 * 1024) }),
    'nested 5,000 deep': `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
    'with a prototype': '{"__proto__":{"by":"x"}}',
    'that is no object': '"x"',
    'that is cut off': '{"by":',
    'of a name of 10,000 letters': JSON.stringify({ ...body, by: 'x'.repeat(10_000) }),
    'with control characters': JSON.stringify({ ...body, by: 'a\u0000\u001b[2Jb' }),
  }).map(
    ([what, text]): Attack => ({
      what: `${deed} with a body ${what}`,
      async run(ground) {
        const service = await ground.service();
        const sent = { method: 'POST', headers: JSON_BODY, body: text };
        const { status } = await sendInCalm(service, `/api/v1/incidents/x/${deed}`, sent);
        assert.ok([400, 404, 413].includes(status), `${status}`);
      },
    }),
  ),
]);

const runbooks = IDS.map(
  (id): Attack => ({
    what: `the runbook ${id.length > 60 ? `of ${id.length} letters` : id}`,
    async run(ground) {
      const service = await ground.service();
      const { status, text } = await sendInCalm(service, `/runbooks/${id}`);
      assert.ok([400, 404, 414].includes(status), `${status} ${text.slice(0, 100)}`);
    },
  }),
);

const files = [
  '/../package.json',
  '/..%2fpackage.json',
  '/%2e%2e/package.json',
  '/assets/../../package.json',
  '/assets/..%2f..%2fpackage.json',
  '/.git/config',
  '/sipwhy.db',
  '/index.html.br',
  '/index.html%00.js',
  '/..\\package.json',
  '//etc/passwd',
].map(
  (path): Attack => ({
    what: `the file ${path}`,
    async run(ground) {
      const service = await ground.service();
      const { status, text } = await sendInCalm(service, path);
      assert.ok([400, 404].includes(status), `${status} ${text.slice(0, 100)}`);
    },
  }),
);

export const strangeReads: readonly Attack[] = [...queries, ...ids, ...deeds, ...runbooks, ...files];
