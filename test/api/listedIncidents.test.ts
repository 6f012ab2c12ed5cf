import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { A_LEG, B_LEG, webhooksOf } from '../core/scenario.ts';
import { DATABASES, type Place, sqliteFile } from '../store/schema/databases.ts';
import { until } from '../store/storedEvents.ts';
import { served } from './served.ts';

type Api = Awaited<ReturnType<typeof served>>;
interface Listed {
  readonly id: string;
  readonly cause: string;
  readonly window: {
    readonly since: string;
    readonly until: string;
    readonly failed: number;
    readonly share: number;
    readonly sparkline: number[];
  };
}

/** The webhooks of a call with ids and a trace of its own. */
const call = (name: string, dial: Parameters<typeof webhooksOf>[0]) =>
  webhooksOf(dial).map((sent) => ({
    ...sent,
    body: (sent.body ?? '')
      .replaceAll(A_LEG, `${name}-a`)
      .replaceAll(B_LEG, `${name}-b`)
      .replaceAll('b-leg@', `${name}@`)
      .replace('{', `{"trace_id":"trace of ${name}",`),
  }));

for (const { name, place: makePlace } of DATABASES) {
  describe(`the API’s incidents on ${name}`, () => {
    let place: Place;
    let journal: Place;
    let api: Api;
    const list = async (query: string): Promise<{ incidents: Listed[]; next_cursor: string | null }> =>
      api.json(`/incidents?${query}`);
    const causes = async (query: string) => (await list(query)).incidents.map(({ cause }) => cause);
    const sids = async (query: string) =>
      (await api.json(`/calls?${query}`)).calls.map((one: { call_sid: string }) => one.call_sid);

    /** Sends the webhooks of a call, which is settled two seconds later. A shared store is waited for at its start. */
    const make = async (callSid: string, dial: Parameters<typeof webhooksOf>[0]) => {
      await api.send(call(callSid, dial));
      api.service.clock.now += 2_000;
      await until(async () => {
        await api.service.app.settle();
        return (await api.json(`/calls/${callSid}-a`)).settled;
      });
      api.service.clock.now += 8_000;
    };

    // It begins at 22:40:00, and each call takes some 10 s.
    before(async () => {
      place = await makePlace();
      journal = await sqliteFile();
      api = await served({
        DATABASE_URL: place.url,
        JOURNAL_DIR: `${journal.url}.journal`,
        LIVEKIT_SIP_HOST: 'lab.sip.livekit.cloud',
        PAGE_URL: 'https://sipwhy.example.com',
        GRAFANA_URL: 'https://grafana.example.com/',
        TRACE_URL_TEMPLATE: 'https://traces.example.com/{trace_id}',
      });
      await make('dns-0001', { from: '+441632960121', response: [503, 'DNS Error', 20] });
      await make('auth-001', { from: '+15550101', response: [407, 'Unauthorized', 90] });
      await make('dns-0002', { from: '+441632960122', response: [503, 'DNS Error', 20] });
      await make('fine-001', { ringing: [90], response: [200, 'OK', 900] });
      await make('busy-001', { to: '+15550177', response: [486, 'Busy Here', 900] });
      api.service.clock.now = Date.parse('2026-11-22T22:50:00Z');
    });
    after(async () => {
      await api.close();
      await place.remove();
      await journal.remove();
    });

    it('count their failed calls in a time, and say which share of the attempts they are', async () => {
      const { incidents } = await list('since=-20m');
      assert.deepEqual(
        incidents.map(({ cause, window }) => ({ cause, window })),
        [
          {
            cause: 'dns_failure',
            window: {
              since: '2026-11-22T22:30:00.000Z',
              until: '2026-11-22T22:50:00.000Z',
              failed: 2,
              // Of two such calls, one of another cause, and one that connected. Nobody is at fault for a busy callee.
              share: 0.5,
              // Parts of 50 s, of which the 13th begins at 22:40:00.
              sparkline: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            },
          },
          {
            cause: 'auth_missing',
            window: {
              since: '2026-11-22T22:30:00.000Z',
              until: '2026-11-22T22:50:00.000Z',
              failed: 1,
              share: 0.25,
              sparkline: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            },
          },
        ],
      );
      const [day] = (await list('')).incidents;
      assert.deepEqual([day?.window.since, day?.window.failed], ['2026-11-21T22:50:00.000Z', 2]);
    });

    it('match if one of their failed calls matches every filter', async () => {
      assert.deepEqual(await causes('status=503'), ['dns_failure']);
      assert.deepEqual(await causes('status=503,407'), ['dns_failure', 'auth_missing']);
      assert.deepEqual(await causes('status=486'), []);
      assert.deepEqual(await causes('number=960122'), ['dns_failure']);
      assert.deepEqual(await causes('number=960122&status=407'), []);
      assert.deepEqual(await causes('party=application,agent'), ['auth_missing']);
      assert.deepEqual(await causes('trunk=ST_1&cause=auth_missing'), ['auth_missing']);
      assert.deepEqual(await causes('state=closed'), []);
      assert.deepEqual(await causes('since=2026-11-22T22:40:15Z'), ['dns_failure']);
      assert.deepEqual(await causes('until=2026-11-22T22:40:05Z'), ['dns_failure']);
      assert.deepEqual(await causes('since=2026-11-22T22:40:05Z&until=2026-11-22T22:40:15Z'), ['auth_missing']);
      assert.deepEqual(await causes('since=2026-11-22T22:40:05Z&number=960121'), []);
      assert.deepEqual(await causes('since=-5m'), []);
    });

    it('are found by what a person has copied, and so are calls, whatever their outcome', async () => {
      for (const [q, incidents, calls] of [
        ['dns-0002-b', ['dns_failure'], ['dns-0002-b']],
        ['dns-0002-a', ['dns_failure'], ['dns-0002-b']],
        [' auth-001 ', ['auth_missing'], ['auth-001-b']],
        ['fine-001@192.0.2.10', [], ['fine-001-b']],
        ['busy-001', [], ['busy-001-b']],
        ['+44 (1632) 960-12', ['dns_failure'], ['dns-0002-b', 'dns-0001-b']],
        ['sip:%2B15550177@example.com', [], ['busy-001-b']],
        ['0101', ['auth_missing'], ['auth-001-b']],
        ['01', [], []],
        ['dns', [], []],
        ['call 0101', [], []],
      ] as const) {
        assert.deepEqual(await causes(`q=${encodeURIComponent(q)}`), incidents, q);
        assert.deepEqual(await sids(`q=${encodeURIComponent(q)}`), calls, q);
      }
      assert.deepEqual(await causes('q=dns-0001&since=2026-11-22T22:40:15Z'), []);
      assert.deepEqual(await sids('q=dns-0001&since=2026-11-22T22:40:15Z'), []);
      assert.deepEqual(await causes('q=dns-0001&status=407'), []);
      assert.equal((await api.get('/calls?q=')).statusCode, 400);
      assert.equal((await api.get(`/calls?q=${'x'.repeat(1_025)}`)).statusCode, 400);
    });

    it('are given page by page in each order, in the time of the first page', async () => {
      for (const [sort, order] of [
        ['impact', ['dns_failure', 'auth_missing']],
        ['newest', ['auth_missing', 'dns_failure']],
        ['last', ['dns_failure', 'auth_missing']],
      ] as const) {
        assert.deepEqual(await causes(`sort=${sort}`), order, sort);
        const first = await list(`sort=${sort}&limit=1&since=-20m`);
        api.service.clock.now += 60_000;
        const second = await list(`sort=${sort}&limit=1&since=-20m&cursor=${first.next_cursor}`);
        api.service.clock.now -= 60_000;
        assert.deepEqual([first.incidents[0]?.cause, second.incidents[0]?.cause], order, sort);
        assert.equal(second.incidents[0]?.window.until, '2026-11-22T22:50:00.000Z');
        assert.equal(second.next_cursor, null);
        const other = sort === 'last' ? 'impact' : 'last';
        assert.equal((await api.get(`/incidents?sort=${other}&cursor=${first.next_cursor}`)).statusCode, 400);
      }
      assert.equal((await api.get('/incidents?sort=oldest')).statusCode, 400);
    });

    it('come by themselves with their series, and with calls that lead to their trace', async () => {
      const [listed] = (await list('')).incidents;
      const one = await api.json(`/incidents/${listed?.id}?since=-20m`);
      assert.deepEqual([one.window.failed, one.window.share], [2, 0.5]);
      assert.equal(one.series.step_seconds, 60);
      assert.deepEqual(one.series.buckets.slice(0, 2), [
        { at: '2026-11-22T22:40:00.000Z', failed: 2 },
        { at: '2026-11-22T22:41:00.000Z', failed: 0 },
      ]);
      assert.equal(one.series.buckets.length, 11);
      assert.deepEqual(
        one.example_calls.map((example: { trace_url: string }) => example.trace_url),
        ['https://traces.example.com/trace%20of%20dns-0001', 'https://traces.example.com/trace%20of%20dns-0002'],
      );
      assert.equal(one.links.page, `https://sipwhy.example.com/?view=incidents&incident=${listed?.id}`);
      assert.match(
        one.links.grafana,
        /^https:\/\/grafana\.example\.com\/d\/sipwhy-trunk\?var-trunk=ST_1&from=\d+&to=now$/,
      );
      assert.equal((await api.get(`/incidents/${listed?.id}?since=soon`)).statusCode, 400);
    });

    it('are named by their calls', async () => {
      const [listed] = (await list('')).incidents;
      const [failed] = (await api.json('/calls/dns-0001-a')).attempts;
      assert.deepEqual(failed.incident, {
        id: listed?.id,
        cause: 'dns_failure',
        title: 'the host that the SBC tried last does not resolve',
      });
      assert.equal(failed.trace_url, 'https://traces.example.com/trace%20of%20dns-0001');
      const [fine] = (await api.json('/calls/fine-001-b')).attempts;
      assert.equal(fine.incident, null);
      // A trace id is no telephone number.
      const [masked] = (await api.json('/calls/dns-0001-a?numbers=masked')).attempts;
      assert.equal(masked.trace_url, failed.trace_url);
    });

    it('have a series of all attempts beside them', async () => {
      const stats = await api.json('/stats?since=2026-11-22T22:39:55Z&until=2026-11-22T22:40:55Z&step=20s');
      assert.deepEqual(stats.series, [
        { at: '2026-11-22T22:39:55.000Z', connected: 0, failed: 2, dropped: 0, not_counted: 0 },
        { at: '2026-11-22T22:40:15.000Z', connected: 1, failed: 1, dropped: 0, not_counted: 0 },
        { at: '2026-11-22T22:40:35.000Z', connected: 0, failed: 0, dropped: 0, not_counted: 1 },
      ]);
      assert.equal(stats.attempts, 5);
      const filtered = await api.json('/stats?status=503&q=dns-0001&since=-1h&step=1h');
      assert.deepEqual([filtered.attempts, filtered.series[0].failed], [1, 1]);
      assert.equal('series' in (await api.json('/stats')), false);
    });

    it('have a series of at most 500 buckets', async () => {
      const since = '2026-11-22T14:30:00Z';
      assert.equal((await api.json(`/stats?since=${since}&step=1m`)).series.length, 500);
      const refused = await api.get('/stats?since=2026-11-22T14:29:59Z&step=1m');
      assert.equal(refused.statusCode, 400);
      assert.match(refused.json().detail, /^step must be longer for this time, .* at most 500 buckets, got 1m; or ask/);
      for (const step of ['0m', '1', '-5m', '1y', '5 m']) {
        assert.equal((await api.get(`/stats?step=${encodeURIComponent(step)}`)).statusCode, 400, step);
      }
    });
  });
}
