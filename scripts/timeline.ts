import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { RECORDED_SECRET, recorded } from '../test/app/service.ts';
import { exampleConfig, type Page, startReceiver } from '../test/monitoring/alertReceiver.ts';
import { keepCalling } from '../test/monitoring/callers.ts';
import {
  hostOf,
  type Server,
  startAlertmanager,
  startPrometheus,
  startSipwhy,
  until,
} from '../test/monitoring/monitoringServers.ts';

// Measures how long a 503 spike takes to become a page, from nothing, and how long until it is over: the committed
// rules, the example configuration of Alertmanager and a scrape interval of 15 s, all as in production. Takes ten
// minutes.

const ALERT = 'SipwhyIncident';
const SCRAPE_SECONDS = 15;
/** A small trunk: twenty calls a minute, and all fail. */
const CALL_EVERY_SECONDS = 3;
const QUIET_SECONDS = 15;
const SPIKE_AFTER_PAGE_SECONDS = 30;

const conflict = recorded('trunk_conflict_specific-101-0');
const directory = mkdtempSync(join(tmpdir(), 'sipwhy-timeline-'));
const servers: (Pick<Server, 'stop'> | undefined)[] = [];
const started = <T extends Pick<Server, 'stop'>>(server: T): T => {
  servers.unshift(server);
  return server;
};

try {
  for (const [what, seconds] of await measure()) process.stdout.write(`| ${what} | ${seconds.toFixed(1)} s |\n`);
} finally {
  for (const server of servers) await server?.stop();
  rmSync(directory, { recursive: true });
}

async function measure(): Promise<[what: string, seconds: number][]> {
  const configuration = join(directory, 'livekit.json');
  writeFileSync(configuration, JSON.stringify(conflict.livekit));
  const receiver = started(await startReceiver());
  const alertmanager = started(
    await startAlertmanager(join(directory, 'alertmanager'), exampleConfig(directory, receiver.url, 1)),
  );
  const sipwhy = started(
    await startSipwhy({
      DATABASE_URL: join(directory, 'sipwhy.db'),
      LIVEKIT_CONFIG_FILE: configuration,
      JAMBONZ_SBC_ADDRESSES: conflict.invite.source_ip,
      JAMBONZ_WEBHOOK_SECRET: RECORDED_SECRET,
    }),
  );
  const prometheus = started(
    await startPrometheus({
      directory: join(directory, 'prometheus'),
      scrapeSeconds: SCRAPE_SECONDS,
      jobs: { sipwhy: hostOf(sipwhy.url) },
      rules: readFileSync(new URL('../alerts/sipwhy.rules.yml', import.meta.url), 'utf8'),
      alertmanager: alertmanager.url,
    }),
  );
  const isScraped = (query: string) => async () => {
    const answer = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await answer.json()) as { data: { result: unknown[] } };
    return data.result.length > 0;
  };
  const alertState = async () => {
    const answer = await fetch(`${prometheus.url}/api/v1/alerts`);
    const { data } = (await answer.json()) as { data: { alerts: { labels: { alertname: string }; state: string }[] } };
    return data.alerts.find(({ labels }) => labels.alertname === ALERT)?.state ?? 'inactive';
  };
  const pageOf = (action: Page['event_action']): Page | undefined =>
    receiver.pages.find(({ event_action, payload, dedup_key }) =>
      action === 'trigger'
        ? event_action === action && payload?.summary.startsWith('503: two trunks match')
        : event_action === action && dedup_key === pageOf('trigger')?.dedup_key,
    );

  process.stderr.write(`sipwhy is scraped every ${SCRAPE_SECONDS} s and left quiet for ${QUIET_SECONDS} s …\n`);
  await until('the first scrape', isScraped('sipwhy_build_info'));
  await setTimeout(QUIET_SECONDS * 1000);

  const timeline: [string, number][] = [];
  const began = Date.now();
  const note = (what: string, at = Date.now()) => {
    timeline.push([what, (at - began) / 1000]);
    process.stderr.write(`${((at - began) / 1000).toFixed(1)} s: ${what}\n`);
  };
  note('the first failing call is dialled');
  const calling = keepCalling(sipwhy.url, conflict, CALL_EVERY_SECONDS);
  await until('the first failure to be counted', async () =>
    /^sipwhy_sip_responses_total\{status="503",origin="livekit"\} [1-9]/m.test(
      await (await fetch(`${sipwhy.url}/metrics`)).text(),
    ),
  );
  note('its 503 is diagnosed and counted in `/metrics`');
  await until('the first failure to be scraped', isScraped('sipwhy_sip_responses_total{status="503"} > 0'));
  note('Prometheus has scraped it');
  await until('the alert to fire', async () => (await alertState()) === 'firing');
  note('five failed calls within two minutes, half of the trunk’s: the incident fires');
  const page = await until('the page', () => pageOf('trigger'));
  note('**the page is at the receiver, with cause, owner and fix**', page.at);
  await setTimeout(SPIKE_AFTER_PAGE_SECONDS * 1000);
  await calling.stop();
  note('calls stop failing');
  await until('the alert to end', async () => (await alertState()) === 'inactive', 900);
  note('fewer than five within five minutes, for five more: the alert ends');
  const resolved = await until('the page to be resolved', () => pageOf('resolve'), 600);
  note('the receiver gets the resolved notification', resolved.at);
  process.stderr.write(`\n${page.payload?.summary}\n${page.payload?.custom_details.what}\n\n`);
  process.stderr.write(`${receiver.pages.length} messages to the pager, ${receiver.tickets.length} tickets\n`);
  return timeline;
}
