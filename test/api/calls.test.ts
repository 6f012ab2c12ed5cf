import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { A_LEG, B_LEG, webhooksOf } from '../core/scenario.ts';
import { apiOf, served } from './served.ts';

type Api = Awaited<ReturnType<typeof served>>;

/** The webhooks of a call with ids of its own. */
const call = (name: string, dial: Parameters<typeof webhooksOf>[0]) =>
  webhooksOf(dial).map((sent) => ({
    ...sent,
    body: (sent.body ?? '').replaceAll(A_LEG, `${name}-a`).replaceAll(B_LEG, `${name}-b`),
  }));

describe('the API’s calls', () => {
  let api: Api;
  const sids = async (query: string) =>
    (await api.json(`/calls?${query}`)).calls.map((c: { call_sid: string }) => c.call_sid);

  before(async () => {
    api = await served({ LIVEKIT_SIP_HOST: 'lab.sip.livekit.cloud' });
    await api.make(call('auth', { from: '+15550101', response: [407, 'Unauthorized', 90] }));
    await api.make(call('busy', { to: '+15550177', response: [486, 'Busy Here', 900] }));
    await api.make(call('fine', { ringing: [90], response: [200, 'OK', 900] }));
    await api.make(call('dns', { from: '+44 1632 960123', response: [503, 'DNS Error', 20] }));
  });
  after(() => api.close());

  it('are listed, the latest settled first, and filtered', async () => {
    assert.deepEqual(await sids(''), ['dns-b', 'fine-b', 'busy-b', 'auth-b']);
    assert.deepEqual(await sids('outcome=failed'), ['dns-b', 'auth-b']);
    assert.deepEqual(await sids('outcome=connected,not_counted'), ['fine-b', 'busy-b']);
    assert.deepEqual(await sids('outcome=connected&outcome=not_counted'), ['fine-b', 'busy-b']);
    assert.deepEqual(await sids('cause=dns_failure'), ['dns-b']);
    assert.deepEqual(await sids('party=network,nobody'), ['dns-b', 'busy-b']);
    assert.deepEqual(await sids('status=407,486'), ['busy-b', 'auth-b']);
    assert.deepEqual(await sids('from=441632960'), ['dns-b']);
    assert.deepEqual(await sids('to=%2B1%20555-0177'), ['busy-b']);
    assert.deepEqual(await sids('number=5550101'), ['auth-b']);
    // As the query is decoded, these are %2B15550101, %2b…, %252B… and the whole URI.
    for (const escaped of ['%252B15550101', '%252b15550101', '%25252B15550101', 'sip:%252B15550101%40h1.example']) {
      assert.deepEqual(await sids(`number=${escaped}`), ['auth-b'], escaped);
    }
    assert.deepEqual(await sids('trunk=no-such-trunk'), []);
    const [, fine] = (await api.json('/calls')).calls;
    assert.deepEqual(await sids(`since=${fine.settled_at}`), ['dns-b', 'fine-b']);
    assert.deepEqual(await sids(`until=${fine.settled_at}`), ['busy-b', 'auth-b']);
    assert.deepEqual(await sids('since=-1w'), ['dns-b', 'fine-b', 'busy-b', 'auth-b']);
    assert.deepEqual(await sids('until=-1w'), []);
    const { incidents } = await api.json('/incidents');
    const incident = incidents.find(({ cause }: { cause: string }) => cause === 'dns_failure');
    assert.deepEqual(await sids(`incident=${incident.id}`), ['dns-b']);
  });

  it('are counted by outcome, cause and trunk over a time', async () => {
    const { attempts, counts } = await api.json('/stats');
    assert.equal(attempts, 4);
    const find = (outcome: string) => counts.find((one: { outcome: string }) => one.outcome === outcome);
    assert.deepEqual(
      counts.map((one: { cause: string | null; party: string | null }) => [one.cause, one.party]).toSorted(),
      [
        [null, null],
        ['auth_missing', 'application'],
        ['callee_busy', 'nobody'],
        ['dns_failure', 'network'],
      ],
    );
    assert.deepEqual([find('connected').attempts, find('connected').cause], [1, null]);
    assert.equal((await api.json('/stats?cause=dns_failure')).attempts, 1);
    assert.equal((await api.json('/stats?trunk=no-such-trunk')).attempts, 0);
    const [latest] = (await api.json('/calls')).calls;
    assert.equal((await api.json(`/stats?until=${latest.settled_at}`)).attempts, 3);
    assert.equal((await api.json(`/stats?since=${latest.settled_at}`)).attempts, 1);
    assert.equal((await api.get('/stats?since=soon')).statusCode, 400);
  });

  it('are given page by page, and new ones do not shift a page', async () => {
    const first = await api.json('/calls?limit=3');
    assert.deepEqual(first.calls.length, 3);
    await api.make(call('later', { response: [503, 'DNS Error', 20] }));
    const second = await api.json(`/calls?limit=3&cursor=${first.next_cursor}`);
    assert.deepEqual(
      second.calls.map((c: { call_sid: string }) => c.call_sid),
      ['auth-b'],
    );
    assert.equal(second.next_cursor, null);
  });

  it('refuse a parameter that is wrong, and say which and what it must be', async () => {
    for (const [query, field, words] of [
      ['cause=nonsense', 'cause', /must be agent_left_caller, .*, got "nonsense"/],
      ['outcome=failed,lost', 'outcome', /must be connected, failed, dropped, not_counted, got "lost"/],
      ['status=abc', 'status', /must be integer, got "abc"/],
      ['limit=0', 'limit', /must be >= 1, got 0/],
      ['limit=501', 'limit', /must be <= 500/],
      ['since=yesterday', 'since', /must be a time with its zone, .*got "yesterday"/],
      ['since=2026-13-45T00:00:00Z', 'since', /must be a time with its zone/],
      ['until=-1y', 'until', /or how long ago, such as -1h, got "-1y"/],
      ['since=-1h&since=-2h', 'since', /must be a time with its zone/],
      ['number=abc', 'number', /must contain a digit, got "abc"/],
      ['causes=auth_missing', 'causes', /isn’t a parameter here/],
      ['cursor=nonsense', 'cursor', /must be an unchanged next_cursor or event id/],
      // [1e308,"x"]: a number, but no time.
      ['cursor=WzFlMzA4LCJ4Il0', 'cursor', /must be an unchanged next_cursor or event id/],
      ['format=xml', 'format', /must be json, csv/],
      ['fields=cause', 'fields', /must be all, summary, got "cause"/],
    ] as const) {
      const answer = await api.get(`/calls?${query}`);
      assert.equal(answer.statusCode, 400, query);
      assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
      const problem = answer.json();
      assert.equal(problem.type, 'urn:sipwhy:problem:invalid');
      assert.equal(problem.errors[0].field, field);
      assert.match(problem.detail, words);
    }
  });

  it('are listed without what fills a page, where that is asked for', async () => {
    const whole = await api.json('/calls?cause=auth_missing');
    const brief = await api.json('/calls?cause=auth_missing&fields=summary');
    const [one] = brief.calls;
    assert.deepEqual(Object.keys(one).toSorted(), [
      ...['blocking', 'call_sid', 'cause', 'confidence', 'from', 'outcome', 'party', 'response', 'settled_at'],
      ...['started_at', 'summary', 'to', 'trunk'],
    ]);
    for (const [key, value] of Object.entries(one)) assert.deepEqual(value, whole.calls[0][key], key);
    assert.ok(JSON.stringify(brief).length * 3 < JSON.stringify(whole).length);
    const masked = await api.get('/calls?fields=summary&numbers=masked');
    assert.doesNotMatch(masked.body, /15550101/);
  });

  it('are never kept by a cache or taken for another type', async () => {
    for (const path of ['/calls', '/calls/auth-b', '/calls/nobody', '/calls?limit=0']) {
      const { headers } = await api.get(path);
      assert.equal(headers['cache-control'], 'no-store', path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      assert.equal(headers['strict-transport-security'], undefined, path);
    }
  });

  it('have a ladder, and LiveKit’s match field by field', async () => {
    const one = await api.json('/calls/auth-a');
    assert.equal(one.ladder.stopped.at_participant, 'livekit');
    const [attempt] = one.attempts;
    assert.equal(attempt.match.trunks[0].sip_trunk_id, 'ST_1');
    assert.deepEqual(
      attempt.match.trunks[0].fields.map(({ field }: { field: string }) => field),
      ['allowed_numbers', 'allowed_addresses', 'numbers'],
    );
    assert.equal(attempt.match.auth.verdict, 'unknown');
    assert.deepEqual(attempt.match.auth.listed, ['livekit_client']);
    assert.deepEqual([attempt.match.trunks_left_out, attempt.match.dispatch_rules_left_out], [0, 0]);
    assert.equal((await api.json('/calls/busy-a')).attempts[0].match, null);
    assert.equal((await api.get('/calls/nobody')).json().type, 'urn:sipwhy:problem:unknown_call');
  });

  it('are readable before they are over', async () => {
    await api.send(call('early', { ringing: [90] }));
    const one = await api.json('/calls/early-b');
    assert.deepEqual([one.settled, one.attempts, one.ladder.stopped], [false, [], null]);
    assert.equal(one.ladder.messages.length, 4);
    assert.equal(one.pending[0].call_sid, 'early-b');
    assert.equal(one.pending[0].match.trunks[0].verdict, 'pass');
    const ticket = await api.get('/calls/early-b?format=markdown');
    assert.match(ticket.body, /Not yet explained: `early-b`/);
  });

  it('come as a table, where no cell is a formula and numbers are masked unless asked for', async () => {
    await api.make(call('evil', { to: '=HYPERLINK("http://x.example")', response: [500, '@SUM(1)', 400] }));
    const table = await api.get('/calls?format=csv&limit=2');
    assert.match(String(table.headers['content-type']), /^text\/csv/);
    const [heading, row] = table.body.split('\r\n');
    assert.match(heading ?? '', /^call_sid,started_at,settled_at,from,to,outcome,cause,/);
    assert.match(row ?? '', /"'=HYPERLINK\(""http/);
    assert.match(row ?? '', /,500,'@SUM\(1\),/);
    assert.match(row ?? '', /'\+1•+23,/);
    assert.match(String(table.headers.link), /^<\/api\/v1\/calls\?format=csv&limit=2&cursor=[\w-]+>; rel="next"$/);
    assert.match((await api.get('/calls?limit=1&numbers=plain', { accept: 'text/csv' })).body, /'\+15550123,/);
    assert.equal((await api.get('/calls/evil-b?format=csv')).body.split('\r\n').length, 3);
  });

  for (const { accept, type } of [
    { accept: 'text/csv', type: 'text/csv' },
    { accept: 'text/markdown; charset=utf-8, text/csv;q=0.9', type: 'text/markdown' },
    { accept: 'text/markdown;q=0.8, text/csv;q=0.9', type: 'text/csv' },
    { accept: 'application/json, text/csv;q=0.5', type: 'application/json' },
    { accept: 'text/csv;q=0', type: 'application/json' },
    { accept: 'text/html, */*;q=0.8', type: 'application/json' },
  ]) {
    it(`come as ${type} where Accept is ${accept}`, async () => {
      const { headers } = await api.get('/calls/auth-b', { accept });
      assert.equal(String(headers['content-type']).split(';')[0], type);
    });
  }

  it('come as Markdown for a ticket, in which a webhook’s text formats nothing', async () => {
    const text = '`|</td><script>alert(1)</script> [x](http://evil.example) **b**\n# h';
    await api.make(call('markup', { to: '+15550178', response: [488, text, 400] }));
    const ticket = await api.get('/calls/markup-b', { accept: 'text/markdown' });
    assert.match(String(ticket.headers['content-type']), /^text\/markdown/);
    assert.doesNotMatch(ticket.body, /(?<!\\)<script|\n# h|(?<!\\)\[x\]/);
    assert.match(ticket.body, /Phone numbers are masked/);
    assert.match((await api.get('/calls/auth-b?format=markdown&numbers=plain')).body, /\+15550101/);
    assert.match((await api.json('/calls/auth-b?numbers=masked')).attempts[0].from, /^\+1•+01$/);
  });

  it('are problem details where the address cannot be decoded', async () => {
    const answer = await api.get('/calls/%zz');
    assert.equal(answer.statusCode, 400);
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    assert.equal(answer.json().type, 'urn:sipwhy:problem:invalid');
  });

  it('need the token where one is set', async () => {
    const other = await served({ API_TOKEN: 'token' });
    try {
      for (const path of ['/calls', '/setup', '/events', '/stats', '/incidents']) {
        assert.equal((await other.get(path)).json().type, 'urn:sipwhy:problem:missing_token', path);
        if (path !== '/events') {
          assert.equal((await other.get(path, { authorization: 'Bearer token' })).statusCode, 200, path);
        }
      }
    } finally {
      await other.close();
    }
  });

  it('are found by a call_sid of any length that is taken', async () => {
    const longest = 'ä'.repeat(253);
    await api.make(call(longest, { response: [503, 'DNS Error', 20] }));
    const { call_sid } = await api.json(`/calls/${encodeURIComponent(`${longest}-b`)}`);
    assert.equal(call_sid, `${longest}-a`);
  });
});

describe('the API’s setup', () => {
  const done = async (api: Api) =>
    Object.fromEntries(
      (await api.json('/setup')).steps.map(({ id, done }: { id: string; done: boolean }) => [id, done]),
    );

  it('says which steps are done', async () => {
    const api = await served({ JAMBONZ_WEBHOOK_SECRET: 'a-secret-for-this-test' }, null);
    try {
      assert.deepEqual(await done(api), {
        jambonz_webhook_seen: false,
        jambonz_signature_valid: false,
        livekit_snapshot_read: false,
        livekit_webhook_seen: false,
        sbc_addresses_set: true,
        sip_host_set: false,
        api_token_set: false,
      });
      const answer = await apiOf(api).inject({ method: 'POST', url: '/jambonz/call-status', payload: '{}' });
      assert.equal(answer.statusCode, 401);
      const { steps } = await api.json('/setup');
      assert.deepEqual([steps[0].done, steps[1].done], [true, false]);
      assert.match(steps[1].detail, /refused: missing_signature/);
    } finally {
      await api.close();
    }
  });

  it('knows a webhook, a snapshot and the settings', async () => {
    const api = await served({ LIVEKIT_SIP_HOST: 'lab.sip.livekit.cloud', JAMBONZ_BASIC_AUTH: 'jambonz:password' });
    try {
      await api.send(call('one', { response: [503, 'DNS Error', 20] }), {
        authorization: `Basic ${Buffer.from('jambonz:password').toString('base64')}`,
      });
      assert.deepEqual(await done(api), {
        jambonz_webhook_seen: true,
        jambonz_signature_valid: true,
        livekit_snapshot_read: true,
        livekit_webhook_seen: false,
        sbc_addresses_set: true,
        sip_host_set: true,
        api_token_set: false,
      });
    } finally {
      await api.close();
    }
  });
});
