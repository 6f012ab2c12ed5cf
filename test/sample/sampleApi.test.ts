import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { SampleApi } from '../../src/sample/sampleApi.ts';
import { startService } from '../app/service.ts';
import { PATIENCE_MS } from '../machineSpeed.ts';

const TOKEN = 'a-token-of-this-test';
const JSON_BODY = { 'content-type': 'application/json' };

describe('the API over sample data', () => {
  let service: Awaited<ReturnType<typeof startService>>;
  before(async () => {
    service = await startService({
      API_TOKEN: TOKEN,
      PAGE_URL: 'https://example.com',
      GRAFANA_URL: 'https://example.com',
    });
  });
  after(() => service.app.close());
  const ask = (url: string, options: { method?: 'GET' | 'HEAD' | 'POST'; headers?: object; payload?: string } = {}) =>
    service.app.http.inject({
      url: `/api/v1/${url}`,
      ...options,
      headers: { authorization: `Bearer ${TOKEN}`, ...options.headers },
    });

  it('answers what the API answers, and marks each answer', async () => {
    const [{ call_sid }] = (await ask('sample/calls?limit=1&outcome=failed')).json().calls;
    const [{ id }] = (await ask('sample/incidents?state=open')).json().incidents;
    for (const [path, key] of [
      ['calls?since=-24h', 'calls'],
      [`calls/${call_sid}`, 'attempts'],
      ['incidents', 'incidents'],
      [`incidents/${id}`, 'example_calls'],
      ['stats', 'counts'],
      ['trunks', 'trunks'],
      ['trunks/history', 'versions'],
      ['causes', 'causes'],
    ] as const) {
      const answer = await ask(`sample/${path}`);
      assert.deepEqual([answer.statusCode, answer.headers['sipwhy-sample']], [200, 'true'], path);
      assert.equal(answer.headers['cache-control'], 'no-store');
      assert.ok(answer.json()[key].length > 0, path);
      assert.equal((await ask(path.replace('/trunks', ''))).headers['sipwhy-sample'], undefined);
    }
  });

  it('has what is asked for its problems, tables and reports too', async () => {
    const wrong = await ask('sample/calls?nothing=1');
    assert.deepEqual(
      [wrong.statusCode, wrong.headers['content-type']],
      [400, 'application/problem+json; charset=utf-8'],
    );
    assert.equal((await ask('sample/calls/none')).statusCode, 404);
    const table = await ask('sample/calls?limit=1', { headers: { accept: 'text/csv' } });
    assert.match(table.body, /^call_sid,/);
    const [, next = ''] = /^<\/api\/v1\/(sample\/calls\?[^>]+)>; rel="next"$/.exec(String(table.headers.link)) ?? [];
    const second = await ask(next, { headers: { accept: 'text/csv' } });
    assert.equal(second.statusCode, 200);
    assert.notEqual(second.body, table.body);
  });

  it('checks a call against the sample’s trunks', async () => {
    const payload = JSON.stringify({ to: 'sip:441632960100@demo.sip.livekit.cloud', caller: '+441632960010' });
    const answer = await ask('sample/check', { method: 'POST', headers: JSON_BODY, payload });
    assert.deepEqual([answer.statusCode, answer.headers['sipwhy-sample']], [200, 'true']);
    assert.equal(answer.json().answers[0].would_connect, true);
  });

  it('changes nothing: other posts are refused', async () => {
    for (const path of ['incidents/x/acknowledge', 'incidents/x/mute', 'calls', 'session']) {
      const { statusCode } = await ask(`sample/${path}`, { method: 'POST', headers: JSON_BODY, payload: '{}' });
      assert.equal(statusCode, 405, path);
    }
  });

  it('has no events, no sessions and nothing beside the API', async () => {
    for (const path of [
      'events',
      'session',
      'openapi.json',
      'sample/calls',
      'calls/../events',
      'calls/%2e%2e/events',
      '',
    ])
      assert.equal((await ask(`sample/${path}`)).statusCode, 404, path);
  });

  it('links to the sample’s incidents and calls', async () => {
    const [{ id, links, last_call }] = (await ask('sample/incidents?cause=trunk_conflict')).json().incidents;
    assert.deepEqual(links, {
      page: `?view=incidents&incident=${id}&sample=1`,
      runbook: 'runbooks/trunk_conflict',
      grafana: null,
      ticket: `api/v1/sample/calls/${last_call.call_sid}?format=markdown`,
    });
    assert.match((await ask(links.ticket.replace('api/v1/', ''))).body, /^# Call /);
  });

  it('needs the token of the API', async () => {
    const answer = await service.app.http.inject('/api/v1/sample/calls');
    assert.deepEqual([answer.statusCode, answer.headers['sipwhy-sample']], [401, undefined]);
  });

  it('touches neither the store nor the metrics', async () => {
    assert.deepEqual((await ask('calls')).json().calls, []);
    assert.deepEqual((await ask('incidents')).json().incidents, []);
    const { body } = await service.app.http.inject({ url: '/metrics', headers: { authorization: `Bearer ${TOKEN}` } });
    const counted = body.match(/^sipwhy_(call|incident|trunk|sip_|livekit_)\w*(\{.*\})? .*$/gm) ?? [];
    assert.ok(counted.length > 100);
    assert.deepEqual(
      counted.filter((line) => /Sample|ST_/.test(line) || (/_total|incidents/.test(line) && !line.endsWith(' 0'))),
      [],
    );
  });
});

describe('the sample', () => {
  const start = (parts: { now?: () => number; idleMs?: number }) =>
    new SampleApi({ now: Date.now, onInternalError: assert.ifError, ...parts });
  const incidentsOf = async (sample: SampleApi): Promise<{ id: string; opened_at: string }[]> => {
    const { payload } = await sample.ask({
      method: 'GET',
      url: '/api/v1/incidents',
      accept: undefined,
      body: undefined,
    });
    return JSON.parse(payload.toString()).incidents;
  };

  const dropped = async (sample: SampleApi) => {
    for (const deadline = Date.now() + PATIENCE_MS; sample.isMade; await setTimeout(1))
      assert.ok(Date.now() < deadline, 'it was not dropped');
  };

  it('is made for the first question, dropped when nobody asks, and made again with the same ids', async () => {
    const sample = start({ idleMs: 1 });
    assert.equal(sample.isMade, false);
    const idsOf = async () => (await incidentsOf(sample)).map(({ id }) => id);
    const [ids, same] = await Promise.all([idsOf(), idsOf()]);
    assert.ok(ids.length > 0);
    assert.deepEqual(same, ids);
    await dropped(sample);
    assert.deepEqual(await idsOf(), ids);
    await sample.close();
    assert.equal(sample.isMade, false);
  });

  it('is kept for an hour at most, so that its day does not grow old', async () => {
    let now = 1_795_387_200_000;
    const sample = start({ now: () => now });
    const [before] = await incidentsOf(sample);
    now += 59 * 60_000;
    assert.deepEqual((await incidentsOf(sample))[0]?.opened_at, before?.opened_at);
    now += 60_000;
    await incidentsOf(sample);
    await dropped(sample);
    const [later] = await incidentsOf(sample);
    assert.equal(Date.parse(later?.opened_at ?? '') - Date.parse(before?.opened_at ?? ''), 3_600_000);
    await sample.close();
  });
});
