import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { RECORDED_SECRET, recorded } from '../app/service.ts';
import { COMMITTED, PANELS, type Panel } from '../dashboards/committed.ts';
import { linkOf, resolved, type Shown } from '../dashboards/grafana.ts';
import { without } from '../debianTools.ts';
import { json, startApplication } from '../forward/fakeApplication.ts';
import { certificate } from '../probe/certificates.ts';
import { closedPort, healthy, startStream, startUdp } from '../probe/sipServer.ts';
import { postgresSchema } from '../store/schema/databases.ts';
import { answeredCall } from './answered.ts';
import { call, LIVEKIT_KEYS } from './callers.ts';
import { hostOf, type Server, startPrometheus, startSipwhy, until } from './monitoringServers.ts';
import { type Series, startClient } from './promClient.ts';
import { scaledRules } from './scaled.ts';

const RULES = readFileSync(new URL('../../alerts/sipwhy.rules.yml', import.meta.url), 'utf8');
/** All times of the rules are divided by this, and so is the scrape interval of 15 seconds. */
const FACTOR = 15;
const SCRAPE_SECONDS = 15 / FACTOR;

/** What a panel shows where nothing else is said; such a panel has lines at zero. */
const USUAL_WORDS = 'nothing in this time';

const skip = without('prometheus');

describe('the dashboards on a real Prometheus', { skip }, () => {
  const conflict = recorded('trunk_conflict_specific-101-0');
  /** Of a trunk that the conflict does not concern. */
  const bystander = conflict.livekit.inbound_trunks.map(idOf)[1] ?? '';
  const directory = mkdtempSync(join(tmpdir(), 'sipwhy-dashboards-'));
  const configuration = join(directory, 'livekit.json');
  const closing: (() => Promise<unknown>)[] = [];
  let sipwhy: Server;
  let prometheus: ReturnType<typeof startClient>;
  let began = 0;

  before(async () => {
    writeFileSync(configuration, JSON.stringify(conflict.livekit));
    const expectedCalls = join(directory, 'calls.yml');
    writeFileSync(expectedCalls, 'calls: [{name: nobody’s number, to: nobody, from: "1", expect: connected}]');
    const application = await startApplication(json([]));
    const incidents = await startApplication(json({}));
    const [udp, tls] = [await startUdp(healthy), await startStream(healthy, certificate())];
    const database = await postgresSchema();
    closing.push(application.close, incidents.close, udp.close, tls.close, database.remove);
    sipwhy = await startSipwhy({
      ...LIVEKIT_KEYS,
      DATABASE_URL: database.url,
      JOURNAL_DIR: join(directory, 'journal'),
      LIVEKIT_CONFIG_FILE: configuration,
      LIVEKIT_REFRESH_SECONDS: '5',
      EXPECTED_CALLS_FILE: expectedCalls,
      JAMBONZ_SBC_ADDRESSES: conflict.invite.source_ip,
      JAMBONZ_WEBHOOK_SECRET: RECORDED_SECRET,
      DIAL_ACTION_FORWARD_URL: application.url,
      CALL_STATUS_FORWARD_URL: application.url,
      INCIDENT_WEBHOOK_URL: incidents.url,
      INCIDENT_WEBHOOK_SECRET: `whsec_${Buffer.from('a secret of the test, 32 bytes l').toString('base64')}`,
      PROBE_INTERVAL_SECONDS: '2',
      PROBE_TARGETS: [
        `sip:127.0.0.1:${udp.port}`,
        `sip:127.0.0.1:${tls.port};transport=tls`,
        `sip:127.0.0.1:${await closedPort()};transport=tcp`,
      ].join(),
    });
    began = Date.now() / 1000;
    const server = await startPrometheus({
      directory: join(directory, 'prometheus'),
      scrapeSeconds: SCRAPE_SECONDS,
      jobs: { sipwhy: hostOf(sipwhy.url) },
      rules: scaledRules(RULES, FACTOR),
    });
    closing.unshift(server.stop, sipwhy.stop);
    prometheus = startClient(server.url);
  });
  after(async () => {
    for (const close of closing) await close();
    rmSync(directory, { recursive: true });
  });

  const shown = (): Shown => ({
    rangeSeconds: Date.now() / 1000 - began + 1,
    rateIntervalSeconds: 4 * SCRAPE_SECONDS,
  });

  /** What Grafana gets for each query of a panel. */
  const resultsOf = ({ targets = [] }: Panel): Promise<Series[][]> =>
    Promise.all(
      targets.map(({ expr, instant }) =>
        instant
          ? prometheus.instant(resolved(expr, shown()))
          : prometheus.range(resolved(expr, shown()), began, SCRAPE_SECONDS),
      ),
    );

  it('show zeros, or say why there is nothing, before the first call', async () => {
    await until(
      'some scrapes',
      async () => Number((await prometheus.number('count_over_time(sipwhy_build_info[5m])')) ?? 0) > 4,
    );
    for (const panel of PANELS) {
      const results = await resultsOf(panel);
      assert.ok(results.flat().every(isOfNumbers), `${panel.where} shows what is no number`);
      const isEmpty = results.some((series) => series.length === 0);
      const words = panel.fieldConfig?.defaults.noValue;
      assert.ok(!isEmpty || words !== USUAL_WORDS, `${panel.where} is empty, and says no more than "${words}"`);
    }
  });

  it('have data in every query of every panel after some calls', async () => {
    const failing = [conflict, conflict, conflict, conflict, conflict, recorded('auth_missing-101-0')];
    await Promise.all([...failing.map((one) => call(sipwhy.url, one)), call(sipwhy.url, answeredCall())]);
    await refuse();
    // A trunk that has no part in the conflict: mending it would close the incident.
    const inbound_trunks = conflict.livekit.inbound_trunks.map((trunk) =>
      idOf(trunk) === bystander ? { ...trunk, numbers: ['+15550100'] } : trunk,
    );
    // Another one that is open to all, which is a predicted incident.
    inbound_trunks.push({ sip_trunk_id: 'ST_open', name: 'open', numbers: ['+15550101'] });
    writeFileSync(configuration, JSON.stringify({ ...conflict.livekit, inbound_trunks }));

    // What was empty when it was last looked says more than that it took too long.
    let latest: readonly string[] = [];
    const empty = await until('every panel to have data', async () => {
      latest = await emptyPanels();
      return latest.length === 0 && [];
    }).catch(() => latest);
    assert.deepEqual(empty, []);
  });

  /** Panels of which a query has no sample, or has what is no number, or a table lacks a column. */
  async function emptyPanels(): Promise<string[]> {
    const found: string[] = [];
    for (const panel of PANELS) {
      const results = await resultsOf(panel);
      for (const [index, series] of results.entries()) {
        if (series.length === 0) found.push(`${panel.where}: ${panel.targets?.[index]?.expr}`);
        else if (!series.every(isOfNumbers)) found.push(`${panel.where}: no number`);
      }
      const columns = Object.keys(panel.transformations?.[0]?.options.renameByName ?? {});
      const lacking = columns.filter((name) => name !== 'Value' && !results.flat()[0]?.metric[name]);
      if (lacking.length > 0) found.push(`${panel.where}: no column ${lacking}`);
    }
    return found;
  }

  /** A webhook that somebody else has signed. */
  async function refuse(): Promise<void> {
    const now = Math.floor(Date.now() / 1000);
    const headers = { 'content-type': 'application/json', 'jambonz-signature': `t=${now},v1=${'0'.repeat(64)}` };
    const answer = await fetch(`${sipwhy.url}/jambonz/call-status`, { method: 'POST', headers, body: '{}' });
    assert.equal(answer.status, 401);
  }

  it('have marks for the alerts and for the change of the configuration', async () => {
    for (const { uid, annotations } of COMMITTED) {
      for (const { name, expr } of annotations.list) {
        const marks = await until(`${uid}: ${name}`, async () => {
          const series = await prometheus.range(resolved(expr, shown()), began, SCRAPE_SECONDS);
          return series.length > 0 && series;
        });
        assert.ok(marks.every(({ values }) => values.every(([, value]) => Number(value) > 0)));
      }
    }
  });

  it('have marks of the chosen trunk only', async () => {
    const expr = COMMITTED.find(({ uid }) => uid === 'sipwhy-trunk')?.annotations.list[1]?.expr ?? '';
    const marksOf = (trunk = '') =>
      prometheus.range(resolved(expr, { ...shown(), chosen: { trunk } }), began, SCRAPE_SECONDS);
    const marked = await marksOf(bystander);
    assert.deepEqual(
      marked.map(({ metric }) => metric.trunk),
      [bystander],
    );
    const others = conflict.livekit.inbound_trunks.map(idOf).filter((id) => id !== bystander);
    assert.deepEqual(await marksOf(others.join('|')), []);
  });

  it('have values for every variable', async () => {
    for (const { uid, templating } of COMMITTED) {
      for (const { name, query = '' } of templating.list.filter(({ type }) => type === 'query')) {
        const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
        const values = await prometheus.labelValues(label, resolved(selector, shown()));
        assert.ok(values.length > 0, `${uid}: ${name}`);
      }
    }
  });

  it('link to the calls behind a number, a line or a row', async () => {
    const linking = PANELS.filter(({ fieldConfig }) => fieldConfig?.defaults.links);
    assert.ok(linking.length > 10);
    const times = { __from: new Date(began * 1000).toISOString(), __to: new Date(Date.now() + 1000).toISOString() };
    for (const panel of linking) {
      const [link] = panel.fieldConfig?.defaults.links ?? [];
      for (const { metric, values } of (await resultsOf(panel)).flat()) {
        const url = new URL(linkOf(link?.url ?? '', { sipwhy_url: sipwhy.url, ...times }, metric));
        // The page's word for no filter, which the API does without.
        if (url.searchParams.get('outcome') === 'all') url.searchParams.delete('outcome');
        // The page's list, which the API has no word for.
        assert.equal(url.searchParams.get('tab'), 'calls');
        url.searchParams.delete('tab');
        const answer = await fetch(`${sipwhy.url}/api/v1/calls${url.search}`);
        assert.equal(answer.status, 200, `${panel.where}: ${url.search}: ${await answer.clone().text()}`);
        const { calls } = (await answer.json()) as { calls: object[] };
        // A trunk is there without calls; everything else that is above zero counts some.
        const isCount = panel.title !== 'Trunks' && values.some(([, value]) => Number(value) > 0);
        assert.ok(calls.length > 0 || !isCount, `${panel.where}: no calls at ${url.search}`);
      }
    }
  });

  it('have a dot for single calls, which leads to their explanation', async () => {
    const dotted = PANELS.flatMap(({ where, targets = [] }) =>
      targets.filter(({ exemplar }) => exemplar).map(({ expr }) => ({ where, expr })),
    );
    assert.equal(dotted.length, 2);
    for (const { where, expr } of dotted) {
      const callSids = await prometheus.exemplars(resolved(expr, shown()), began, 'call_sid');
      assert.ok(callSids.length > 0, where);
      for (const callSid of callSids) {
        assert.equal((await fetch(`${sipwhy.url}/api/v1/calls/${callSid}`)).status, 200, callSid);
      }
    }
  });
});

function idOf(trunk: object): string {
  return String(Reflect.get(trunk, 'sip_trunk_id'));
}

/** NaN and the infinities are what a division by zero and a quantile of nothing come to. */
function isOfNumbers({ values }: Series): boolean {
  return values.every(([, value]) => Number.isFinite(Number(value)));
}
