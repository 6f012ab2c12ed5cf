import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { RECORDED_SECRET, recorded } from '../app/service.ts';
import { without } from '../debianTools.ts';
import { exampleConfig, type Page, startReceiver } from './alertReceiver.ts';
import { call, keepCalling } from './callers.ts';
import { hostOf, type Server, startAlertmanager, startPrometheus, startSipwhy, until } from './monitoringServers.ts';
import { scaledRules } from './scaled.ts';
import { startTextProxy } from './textProxy.ts';

const RULES = readFileSync(new URL('../../alerts/sipwhy.rules.yml', import.meta.url), 'utf8');

/** All times of the rules and of Alertmanager's routes, and the scrape interval, are divided by this. */
const FACTOR = 15;
const SCRAPE_SECONDS = 15 / FACTOR;

const skip = without('prometheus', 'prometheus-alertmanager');

describe('from a webhook to a page', { skip }, () => {
  const conflict = recorded('trunk_conflict_specific-101-0');
  const directory = mkdtempSync(join(tmpdir(), 'sipwhy-monitoring-'));
  const configuration = join(directory, 'livekit.json');
  writeFileSync(configuration, JSON.stringify(conflict.livekit));
  const env = {
    DATABASE_URL: join(directory, 'sipwhy.db'),
    LIVEKIT_CONFIG_FILE: configuration,
    JAMBONZ_SBC_ADDRESSES: conflict.invite.source_ip,
    JAMBONZ_WEBHOOK_SECRET: RECORDED_SECRET,
  };
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let alertmanager: Server;
  let sipwhy: Server;
  let prometheus: Server;
  /** call_sids of the dialled legs. */
  let dialled: string[] = [];

  before(async () => {
    receiver = await startReceiver();
    alertmanager = await startAlertmanager(
      join(directory, 'alertmanager'),
      exampleConfig(directory, receiver.url, FACTOR),
    );
    sipwhy = await startSipwhy(env);
    prometheus = await startPrometheus({
      directory: join(directory, 'prometheus'),
      scrapeSeconds: SCRAPE_SECONDS,
      jobs: { sipwhy: hostOf(sipwhy.url) },
      rules: scaledRules(RULES, FACTOR),
      alertmanager: alertmanager.url,
    });
  });
  after(async () => {
    for (const server of [prometheus, alertmanager, sipwhy, receiver]) await server?.stop();
    rmSync(directory, { recursive: true });
  });

  const ask = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${prometheus.url}/api/v1/${path}`);
    const { status, data, error } = (await answer.json()) as { status: string; data: T; error?: string };
    assert.equal(status, 'success', error);
    return data;
  };
  const numberOf = async (query: string): Promise<number | undefined> => {
    const { result } = await ask<{ result: { value: [number, string] }[] }>(`query?query=${encodeURIComponent(query)}`);
    return result[0] && Number(result[0].value[1]);
  };
  const pageAbout = (summary: RegExp, action: Page['event_action'] = 'trigger') =>
    receiver.pages.find(({ event_action, payload }) => event_action === action && summary.test(payload?.summary ?? ''));

  it('pages for a 503 spike, with cause, evidence, fix and links', async () => {
    await until('Prometheus has scraped sipwhy', () => numberOf('sipwhy_build_info'));
    const calling = keepCalling(sipwhy.url, conflict, 0.3);
    const page = await until('a page about the 503s', () => pageAbout(/Calls fail with 503/));
    dialled = await calling.stop();

    assert.equal(page.payload?.severity, 'critical');
    const { what = '', evidence = '', calls = '', runbook = '' } = page.payload?.custom_details ?? {};
    assert.match(
      what,
      /trunk_conflict: two trunks match the call\. Owner: livekit_config\. Fix: Remove the number from one of the two trunks/,
    );
    assert.match(
      evidence,
      /^100% of all attempts within 2 minutes\. First failure in the last hour: .* Failed by trunk: /,
    );
    assert.equal(calls, 'http://localhost:8080/?status=503');
    assert.match(runbook, /SipwhyHigh503Rate\.md$/);
    assert.equal(page.client_url, 'http://localhost:3000/d/sipwhy-overview?var-job=sipwhy');
  });

  it('keeps the call_sids of failed calls as exemplars', async () => {
    const exemplars = await until('exemplars', async () => {
      const found = await ask<{ exemplars: { labels: { call_sid: string } }[] }[]>(
        `query_exemplars?query=sipwhy_call_failures_total&start=${Date.now() / 1000 - 600}&end=${Date.now() / 1000 + 1}`,
      );
      return found.length > 0 && found.flatMap((series) => series.exemplars.map(({ labels }) => labels.call_sid));
    });
    assert.ok(exemplars.every((callSid) => dialled.includes(callSid)));
  });

  it('has the same samples and types, whichever format is scraped', async () => {
    const text = await startTextProxy(sipwhy.url);
    const both = await startPrometheus({
      directory: join(directory, 'both'),
      scrapeSeconds: SCRAPE_SECONDS,
      jobs: { open: hostOf(sipwhy.url), text: hostOf(text.url) },
    });
    try {
      const counters = async (job: string) => {
        const query = encodeURIComponent(
          `{__name__=~"sipwhy_(call|sip|webhook|post|cause).*_(total|bucket|count|info)", job="${job}"}`,
        );
        const answer = await fetch(`${both.url}/api/v1/query?query=${query}`);
        const { data } = (await answer.json()) as {
          data: { result: { metric: Record<string, string>; value: [number, string] }[] };
        };
        return data.result
          .map(({ metric: { job: _, instance: __, ...labels }, value }) => `${JSON.stringify(labels)} ${value[1]}`)
          .sort();
      };
      const open = await until('a scrape of OpenMetrics', async () => {
        const found = await counters('open');
        return found.length > 0 && found;
      });
      const plain = await until('a scrape of the text format', async () => {
        const found = await counters('text');
        return found.length > 0 && found;
      });
      assert.ok(open.length > 200, String(open.length));
      assert.deepEqual(open, plain);
      const answer = await fetch(`${both.url}/api/v1/targets/metadata?metric=sipwhy_call_failures_total`);
      const openAnswer = await fetch(`${both.url}/api/v1/targets/metadata?metric=sipwhy_call_failures`);
      const typesOf = async (response: Response) =>
        ((await response.json()) as { data?: { type: string; target: { job: string } }[] }).data?.map(
          ({ type, target }) => `${target.job} ${type}`,
        );
      assert.deepEqual(await typesOf(answer), ['text counter']);
      assert.deepEqual(await typesOf(openAnswer), ['open counter']);
    } finally {
      await both.stop();
      await text.stop();
    }
  });

  it('resolves once the calls connect again or stop', async () => {
    const page = pageAbout(/Calls fail with 503/);
    await until('the page is resolved', () =>
      receiver.pages.some(({ event_action, dedup_key }) => event_action === 'resolve' && dedup_key === page?.dedup_key),
    );
  });

  it('counts from zero after a restart, and neither recounts nor pages for what was before', async () => {
    assert.equal(await numberOf('sum(sipwhy_call_attempts_total)'), dialled.length);
    const pages = receiver.pages.length;
    await sipwhy.stop();
    const port = new URL(sipwhy.url).port;
    sipwhy = await startSipwhy({ ...env, PORT: port });
    await call(sipwhy.url, conflict);
    await until(
      'the call after the restart is scraped',
      async () => (await numberOf('sum(sipwhy_call_attempts_total)')) === 1,
    );
    // What Prometheus makes of both: a reset, and the sum.
    assert.equal(await numberOf('max(resets(sipwhy_call_attempts_total[5m]))'), 1);
    const failing = await ask<{ alerts: { labels: { alertname: string } }[] }>('alerts');
    assert.ok(!failing.alerts.some(({ labels }) => labels.alertname === 'SipwhyHigh503Rate'));
    const summaries = receiver.pages
      .slice(pages)
      .map(({ event_action, payload }) => `${event_action} ${payload?.summary}`);
    // A restart that takes long may rightly page, times being as short as they are here: nothing answers meanwhile.
    assert.deepEqual(
      summaries.filter((summary) => summary.startsWith('trigger') && !summary.includes('No instance of sipwhy')),
      [],
    );
  });
});
