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

const queries = QUERIES.map(
  (query): Attack => ({
    what: `the calls by ${query.length > 60 ? `${query.slice(0, 20)}… of ${query.length} characters` : query}`,
    async run(ground) {
      const service = await ground.service();
      const { status, text } = await sendInCalm(service, `/api/v1/calls?${query}`);
      assert.equal(status, 400, text);
      assert.ok(text.length < 20_000, `an answer of ${text.length} characters`);
    },
  }),
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

export const strangeReads: readonly Attack[] = [...queries, ...ids, ...files];
