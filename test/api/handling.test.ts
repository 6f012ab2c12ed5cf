import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { webhooksOf } from '../core/scenario.ts';
import { apiOf, served } from './served.ts';

const TOKEN = 'a-token-of-the-api-1234';
const DAY = 86_400_000;

describe('the routes for what people do about an incident', () => {
  let api: Awaited<ReturnType<typeof served>>;
  let id: string;
  let count = 0;

  before(async () => {
    api = await served({ API_TOKEN: TOKEN, LIVEKIT_SIP_HOST: 'lab.sip.livekit.cloud' });
  });
  beforeEach(async () => {
    // Each has an incident of its own: later than an hour after the one before, which is closed.
    count += 1;
    api.service.clock.now += 2 * 3_600_000;
    await api.make(
      webhooksOf({ response: [503, 'DNS Error', 20] }).map((sent) => ({
        ...sent,
        body: sent.body?.replaceAll('5bd6b0c', `5bd6b${String(count).padStart(2, '0')}`),
      })) as never,
    );
    id = (await get('/incidents?state=open')).json().incidents[0].id;
  });
  after(() => api.close());

  const get = (path: string) => api.get(path, { authorization: `Bearer ${TOKEN}` });
  const post = (verb: string, payload: object = {}, headers: object = {}, of = id) =>
    apiOf(api).inject({
      method: 'POST',
      url: `/api/v1/incidents/${of}/${verb}`,
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      payload,
    });
  const now = () => new Date(api.service.clock.now).toISOString();
  const later = (milliseconds: number) => new Date(api.service.clock.now + milliseconds).toISOString();
  const resolved = () => post('resolve');

  it('answer with the incident as GET has it', async () => {
    const at = now();
    const acknowledged = await post('acknowledge', { by: '  Ann ' });
    assert.deepEqual([acknowledged.statusCode, acknowledged.json().acknowledged], [200, { by: 'Ann', at }]);
    assert.equal((await post('acknowledge', { acknowledged: false })).json().acknowledged, null);
    assert.deepEqual((await post('note', { text: ' a\r\nb\tc ' })).json().notes, [{ by: null, at, text: 'a\nb\tc' }]);
    const muted = (await post('mute', { by: 'Bob', until: '+90m' })).json().muted;
    assert.deepEqual(muted, { by: 'Bob', at, until: later(90 * 60_000) });
    assert.equal((await post('mute', { until: null })).json().muted, null);
    const done = (await post('resolve', { by: 'Ann' })).json();
    assert.deepEqual(
      [done.state, done.closed_because, done.resolved],
      ['closed', 'resolved_by_hand', { by: 'Ann', at }],
    );
    assert.equal(done.status, 503);
    assert.deepEqual(done, (await get(`/incidents/${id}`)).json());
    assert.equal(done.example_calls.length, 1);
  });

  it('take a call out by its call_sid, and close with the last one', async () => {
    const [callSid] = (await get(`/incidents/${id}`)).json().examples;
    const none = await post('put-away', { call_sid: 'nobody' });
    assert.deepEqual([none.statusCode, none.json().title], [409, 'not in incident']);
    const at = now();
    const { put_away, closed_because, calls } = (await post('put-away', { call_sid: callSid, by: 'Ann' })).json();
    assert.deepEqual([put_away, closed_because, calls], [[{ by: 'Ann', at, call_sid: callSid }], 'put_away', 0]);
    assert.equal((await post('put-away', { call_sid: callSid })).statusCode, 409);
  });

  it('say no where the incident is closed', async () => {
    await resolved();
    for (const [verb, payload, status] of [
      ['acknowledge', {}, 409],
      ['acknowledge', { acknowledged: false }, 200],
      ['mute', { until: '+1h' }, 409],
      ['mute', { until: null }, 200],
      ['resolve', {}, 409],
      ['note', { text: 'why' }, 200],
    ] as const) {
      const answer = await post(verb, payload);
      assert.equal(answer.statusCode, status, `${verb} ${answer.body}`);
      if (status === 409) assert.match(answer.json().detail, /^The incident is closed\. Only an open one can be/);
    }
  });

  const characters = (length: number) => '☎'.repeat(length);
  const rows: readonly [what: string, verb: string, payload: () => object, status: number][] = [
    ['a name of 100 characters', 'resolve', () => ({ by: characters(100) }), 200],
    ['a name of 100 characters between spaces', 'resolve', () => ({ by: ` ${characters(100)}\n` }), 200],
    ['a name of 101 characters', 'resolve', () => ({ by: characters(101) }), 400],
    ['a name of spaces', 'resolve', () => ({ by: '   ' }), 400],
    ['a name of two lines', 'resolve', () => ({ by: 'a\nb' }), 400],
    ['a name with an escape sequence', 'resolve', () => ({ by: 'a\u001b[2Jb' }), 400],
    ['a note of 2,000 characters', 'note', () => ({ text: characters(2_000) }), 200],
    ['a note of 2,001 characters', 'note', () => ({ text: characters(2_001) }), 400],
    ['a note of one character', 'note', () => ({ text: 'x' }), 200],
    ['an empty note', 'note', () => ({ text: '' }), 400],
    ['a note of spaces', 'note', () => ({ text: ' \n\t' }), 400],
    ['no note', 'note', () => ({}), 400],
    ['a note with a NUL', 'note', () => ({ text: 'a\0b' }), 400],
    ['a mute of 90 days', 'mute', () => ({ until: '+90d' }), 200],
    ['a mute until a time in 90 days', 'mute', () => ({ until: later(90 * DAY) }), 200],
    ['a mute until a time in 90 days and a millisecond', 'mute', () => ({ until: later(90 * DAY + 1) }), 400],
    ['a mute of 91 days', 'mute', () => ({ until: '+91d' }), 400],
    ['a mute until now', 'mute', () => ({ until: now() }), 400],
    ['a mute until in a millisecond', 'mute', () => ({ until: later(1) }), 200],
    ['a mute until an hour ago', 'mute', () => ({ until: '-1h' }), 400],
    ['a mute of no time', 'mute', () => ({ until: '+0s' }), 400],
    ['a mute without a sign', 'mute', () => ({ until: '2h' }), 400],
    ['a mute until an empty text', 'mute', () => ({ until: '' }), 400],
    ['a mute without a time', 'mute', () => ({}), 400],
    ['a field that is none', 'resolve', () => ({ note: 'x' }), 400],
    ['no call', 'put-away', () => ({}), 400],
    ['two calls', 'put-away', () => ({ call_sid: ['a', 'b'] }), 400],
  ];
  for (const [what, verb, payload, status] of rows)
    it(`${status === 200 ? 'take' : 'refuse'} ${what}`, async () => {
      const answer = await post(verb, payload());
      assert.equal(answer.statusCode, status, answer.body);
      assert.ok(answer.body.length < 40_000);
      await post('mute', { until: null });
      await resolved();
    });

  it('know no other incident', async () => {
    for (const other of ['x', '__proto__', '%2e%2e%2f%2e%2e', id.toUpperCase(), `${id}%00`])
      for (const [verb, payload] of [
        ['acknowledge', {}],
        ['note', { text: 'x' }],
        ['mute', { until: '+1h' }],
        ['resolve', {}],
        ['put-away', { call_sid: 'x' }],
      ] as const) {
        const answer = await post(verb, payload, {}, other);
        assert.deepEqual([answer.statusCode, answer.json().title], [404, 'unknown incident'], `${other} ${verb}`);
      }
  });

  it('take JSON alone, from nobody without the token or the session, and from no other website', async () => {
    const url = `/api/v1/incidents/${id}/resolve`;
    const authorization = `Bearer ${TOKEN}`;
    const json = { 'content-type': 'application/json' };
    const send = async (headers: Record<string, string>, payload = '{}') =>
      (await apiOf(api).inject({ method: 'POST', url, headers, payload })).statusCode;
    assert.equal(await send({ authorization, 'content-type': 'text/plain' }), 415);
    assert.equal(await send({ authorization, 'content-type': 'application/x-www-form-urlencoded' }, 'by=x'), 415);
    assert.equal(await send(json), 401);
    assert.equal(await send({ ...json, authorization: 'Bearer x' }), 401);
    assert.equal(await send({ ...json, authorization, origin: 'https://evil.example' }), 403);
    assert.equal(await send({ ...json, authorization, 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal((await get(`/incidents/${id}`)).json().state, 'open');
    const signedIn = await apiOf(api).inject({ method: 'POST', url: '/api/v1/session', payload: { token: TOKEN } });
    const [cookie = ''] = String(signedIn.headers['set-cookie']).split(';');
    assert.equal(await send({ ...json, cookie, origin: 'https://evil.example' }), 403);
    assert.equal(await send({ ...json, cookie }), 200);
  });
});
