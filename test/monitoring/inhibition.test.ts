import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ALERTS } from '../../alerts/rules/alertFiles.ts';
import { without } from '../debianTools.ts';
import { exampleConfig, startReceiver } from './alertReceiver.ts';
import { type Server, startAlertmanager, until } from './monitoringServers.ts';

const skip = without('prometheus-alertmanager');

type Labels = Readonly<Record<string, string>>;

/** An alert as Prometheus sends it, with the severity and scope of its rule. */
function alert(alertname: string, labels: Labels = {}): Labels {
  const rule = ALERTS.find((candidate) => candidate.alert === alertname);
  assert.ok(rule, alertname);
  return { alertname, job: 'sipwhy', ...rule.labels, ...labels };
}

describe('the example configuration of Alertmanager', { skip }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'sipwhy-inhibition-'));
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let alertmanager: Server;

  before(async () => {
    receiver = await startReceiver();
    // Ten times as fast as in production: one second until the first notification.
    alertmanager = await startAlertmanager(join(directory, 'alertmanager'), exampleConfig(directory, receiver.url, 10));
  });
  after(async () => {
    await alertmanager?.stop();
    await receiver?.stop();
    rmSync(directory, { recursive: true });
  });

  /** Has some alerts fire at once in a job of their own; then these of them must be silenced, and no other. */
  async function fire(job: string, alerts: readonly Labels[], silenced: readonly string[]): Promise<void> {
    const body = JSON.stringify(
      alerts.map((labels) => ({ labels: { ...labels, job }, annotations: { summary: job } })),
    );
    const headers = { 'content-type': 'application/json' };
    const posted = await fetch(`${alertmanager.url}/api/v2/alerts`, { method: 'POST', headers, body });
    assert.equal(posted.status, 200);
    const filter = encodeURIComponent(`job="${job}"`);
    // Alertmanager works through them by and by.
    await until(`of ${job} only ${silenced} to be silenced`, async () => {
      const answer = await fetch(`${alertmanager.url}/api/v2/alerts?filter=${filter}`);
      const found = (await answer.json()) as { labels: { alertname: string }; status: { state: string } }[];
      const suppressed = found.filter(({ status }) => status.state === 'suppressed');
      const names = suppressed.map(({ labels }) => labels.alertname).sort();
      const isRouted = found.length === alerts.length && found.every(({ status }) => status.state !== 'unprocessed');
      return isRouted && names.join() === silenced.join();
    });
  }

  const incident = (severity: 'page' | 'ticket', labels: Labels) =>
    alert('SipwhyIncident', { severity, party: 'livekit_config', incident: 'i1', ...labels });

  it('lets an incident’s page silence the rates of its calls, and nothing else', async () => {
    const alerts = [
      incident('page', { cause: 'trunk_conflict', trunk: 'ST_a' }),
      incident('ticket', { cause: 'trunk_conflict', trunk: 'ST_a' }),
      incident('ticket', { cause: 'auth_missing', trunk: 'ST_b' }),
      alert('SipwhyHigh503Rate'),
      alert('SipwhyCallSuccessBurnFast'),
      alert('SipwhyTrunkFailing', { trunk: 'ST_a' }),
      alert('SipwhyTrunkFailing', { trunk: 'ST_b' }),
      alert('SipwhyStoreDown', { instance: 'a' }),
      alert('SipwhyProbeDown', { target: 'sip:lab.example' }),
    ];
    await fire('incident', alerts, [
      'SipwhyCallSuccessBurnFast',
      'SipwhyHigh503Rate',
      'SipwhyIncident',
      'SipwhyTrunkFailing',
    ]);
    // Another job has other calls.
    await fire('elsewhere', [alert('SipwhyTrunkFailing', { trunk: 'ST_a' })], []);
  });

  it('lets no ticket of an incident silence a page', async () => {
    const alerts = [incident('ticket', { cause: 'trunk_conflict', trunk: 'ST_a' }), alert('SipwhyHigh503Rate')];
    await fire('ticket', alerts, []);
  });

  it('sends one page for an outage on several trunks, and one for each fault of the configuration', async () => {
    const outage = { cause: 'livekit_unavailable', party: 'livekit' };
    const alerts = [
      incident('page', { ...outage, trunk: 'ST_a' }),
      incident('page', { ...outage, trunk: 'ST_b' }),
      incident('page', { cause: 'trunk_conflict', trunk: 'ST_a' }),
      incident('page', { cause: 'trunk_conflict', trunk: 'ST_b' }),
    ];
    await fire('grouping', alerts, []);
    const summaries = await until('three pages', () => {
      const made = receiver.pages.flatMap(({ payload }) => payload?.summary ?? []);
      const own = made.filter((summary) => summary.startsWith('grouping'));
      return own.length >= 3 && own;
    });
    assert.deepEqual(summaries.toSorted(), ['grouping', 'grouping', 'grouping (and 1 more)']);
  });
});
