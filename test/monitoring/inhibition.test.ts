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
    const body = JSON.stringify(alerts.map((labels) => ({ labels: { ...labels, job } })));
    const headers = { 'content-type': 'application/json' };
    const posted = await fetch(`${alertmanager.url}/api/v2/alerts`, { method: 'POST', headers, body });
    assert.equal(posted.status, 200);
    const filter = encodeURIComponent(`job="${job}"`);
    // Alertmanager works through them by and by.
    await until(
      `of ${job} only ${silenced} to be silenced`,
      async () => {
        const answer = await fetch(`${alertmanager.url}/api/v2/alerts?filter=${filter}`);
        const found = (await answer.json()) as { labels: { alertname: string }; status: { state: string } }[];
        const suppressed = found.filter(({ status }) => status.state === 'suppressed');
        const names = suppressed.map(({ labels }) => labels.alertname).sort();
        const isRouted = found.length === alerts.length && found.every(({ status }) => status.state !== 'unprocessed');
        return isRouted && names.join() === silenced.join();
      },
      20,
    );
  }

  it('lets an outage of LiveKit silence every alert of a trunk, and nothing else', async () => {
    const alerts = [
      alert('SipwhyLiveKitDown'),
      alert('SipwhyTrunkFailing', { trunk: 'ST_a' }),
      alert('SipwhyCauseLivekitUnavailable', { trunk: 'ST_b', cause: 'livekit_unavailable' }),
      alert('SipwhyHigh503Rate'),
      alert('SipwhyStoreDown', { instance: 'a' }),
      alert('SipwhyProbeDown', { target: 'sip:lab.example' }),
    ];
    await fire('outage', alerts, ['SipwhyCauseLivekitUnavailable', 'SipwhyHigh503Rate', 'SipwhyTrunkFailing']);
    // Another job's LiveKit is another LiveKit.
    await fire('elsewhere', [alert('SipwhyTrunkFailing', { trunk: 'ST_a' })], []);
  });

  it('lets a failing trunk silence its own causes, not those of another trunk', async () => {
    const alerts = [
      alert('SipwhyTrunkFailing', { trunk: 'ST_a' }),
      alert('SipwhyCauseAuthMissing', { trunk: 'ST_a', cause: 'auth_missing' }),
      alert('SipwhyCauseTrunkConflict', { trunk: 'ST_b', cause: 'trunk_conflict' }),
    ];
    await fire('trunk', alerts, ['SipwhyCauseAuthMissing']);
  });

  it('sends one notification for each cause on each trunk: pages to one place, tickets to the other', async () => {
    const ticket = alert('SipwhyCauseAuthMissing', { cause: 'auth_missing' });
    const page = alert('SipwhyCauseDnsFailure', { cause: 'dns_failure' });
    const onTrunks = [
      { ...ticket, trunk: 'ST_a' },
      { ...ticket, trunk: 'ST_b' },
      { ...page, trunk: 'ST_a' },
    ];
    await fire('grouping', onTrunks, []);
    const trunks = () =>
      receiver.tickets.flatMap(({ attachments }) => attachments.map(({ text }) => /^Trunk: (\S+)$/m.exec(text)?.[1]));
    await until(
      'both tickets and the page',
      () =>
        trunks().includes('ST_a') &&
        trunks().includes('ST_b') &&
        receiver.pages.some(({ payload }) => payload?.custom_details.cause === 'dns_failure'),
    );
    const ofThese = receiver.tickets.filter(({ attachments }) => attachments[0]?.text.includes('Cause: auth_missing'));
    assert.equal(ofThese.length, 2);
    assert.ok(!receiver.pages.some(({ payload }) => payload?.custom_details.cause === 'auth_missing'));
  });
});
