import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { jambonzSignature } from '../app/signing.ts';
import { type Process, startReady, until } from '../durable/serviceProcess.ts';
import { runConnect } from './connectProcess.ts';
import { APPLICATION, type JambonzState, someJambonz, startJambonzApi, WEBHOOK_SECRET } from './jambonzApiServer.ts';

const API_TOKEN = 'token-of-sixteen-and-more';

describe('sipwhy connect waits', () => {
  let directory: string;
  let service: Process;
  let state: JambonzState;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'sipwhy-'));
    service = await startReady({
      DATABASE_URL: join(directory, 'sipwhy.db'),
      JAMBONZ_WEBHOOK_SECRET: WEBHOOK_SECRET,
      API_TOKEN,
    });
  });
  after(async () => {
    await service.end('SIGTERM');
    rmSync(directory, { recursive: true });
  });
  beforeEach(() => {
    state = someJambonz();
  });

  const send = (callSid: string, secret: string) => {
    const webhook = {
      call_sid: callSid,
      direction: 'inbound',
      call_status: 'trying',
      sip_status: 100,
      sip_reason: 'Trying',
    };
    const body = JSON.stringify(webhook);
    const headers = {
      'content-type': 'application/json',
      'jambonz-signature': jambonzSignature(body, secret, Date.now()),
    };
    return fetch(`${service.url}/jambonz/call-status`, { method: 'POST', headers, body });
  };

  /** Runs the command, and `onSet` once the hook is set. */
  const connected = async (wait: number, onSet: () => unknown = () => {}, env: Record<string, string> = {}) => {
    const api = await startJambonzApi(state);
    const running = runConnect(['--sipwhy-url', service.url, '--yes', '--wait', `${wait}`, '--json'], {
      JAMBONZ_API_URL: api.url,
      DATABASE_URL: join(directory, 'sipwhy.db'),
      API_TOKEN,
      ...env,
    });
    // Then it is read back.
    await until('the hook is set', () => api.changes().length === 3 && api.requests.at(-1)?.method === 'GET');
    await onSet();
    const { status, stdout, stderr } = await running;
    await api.close();
    assert.equal(stderr, '');
    const { first_webhook: first, problems } = JSON.parse(stdout);
    return { status, first, problems: problems.join('\n') };
  };
  const now = () => new Date().toISOString();

  it('in vain where no call is placed', async () => {
    const { status, first, problems } = await connected(1);
    assert.deepEqual([status, first], [1, 'none']);
    assert.match(problems, /^No webhook came, because Jambonz knows of no call since then: place a call/);
  });

  it('in vain where Jambonz can’t reach the hook, and repeats its alert', async () => {
    const { first, problems } = await connected(1, () => {
      const message = `unable to connect to ${service.url}/jambonz/call-status`;
      const old = {
        time: '2026-01-01T00:00:00Z',
        alert_type: 'webhook-connection-failure',
        message: `${message} long ago`,
      };
      const other = { ...old, time: now(), message: 'unable to connect to https://app.example.com/' };
      state.alerts.push(old, other, { ...old, time: now(), message });
    });
    assert.equal(first, 'none');
    assert.equal(
      problems,
      `Jambonz called the hook without success. Its alerts say: "unable to connect to ${service.url}/jambonz/call-status". Make the address reachable from Jambonz.`,
    );
  });

  it('in vain where calls of the account don’t use the hook', async () => {
    const { problems } = await connected(1, () => {
      state.recentCalls.push(
        { attempted_at: Date.now() },
        { attempted_at: now() },
        { attempted_at: 1_700_000_000_000 },
      );
      state.calls.push({ application_sid: APPLICATION }, { application_sid: 'another' });
    });
    assert.match(problems, /\(ended: 2, going on: 1\)/);
  });

  it('in vain where somebody sets another hook meanwhile', async () => {
    const { problems } = await connected(1, () => {
      for (const { url, ...hook } of state.webhooks.splice(2))
        state.webhooks.push({ ...hook, url: url.replace('5', '4') });
    });
    assert.match(problems, /is not sipwhy’s any more/);
  });

  it('in vain where the signature is refused', async () => {
    const { status, first, problems } = await connected(3, () => send('refused', 'another-secret-of-jambonz'));
    assert.deepEqual([status, first], [1, 'refused']);
    assert.match(problems, /\(bad_signature\)/);
  });

  it('in vain with a wrong token', async () => {
    const { first, problems } = await connected(1, () => {}, { API_TOKEN: 'a-wrong-token-of-somebody' });
    assert.equal(first, 'unauthorised');
    assert.match(problems, /set API_TOKEN to that of the running service/);
  });

  it('until a verified webhook comes, although earlier ones were refused', async () => {
    const began = performance.now();
    const { status, first, problems } = await connected(60, () => send('verified', WEBHOOK_SECRET));
    assert.deepEqual([status, first, problems], [0, 'verified', '']);
    assert.ok(performance.now() - began < 50_000);
  });

  it('for a new webhook where the hook has changed, although earlier ones were verified', async () => {
    const { first } = await connected(1);
    assert.equal(first, 'none');
  });

  it('not at all where the hook is set and webhooks were verified', async () => {
    const hook = { webhook_sid: 'a', method: 'POST', username: null, password: null };
    state.webhooks[0] = { ...state.webhooks[0], ...hook, url: `${service.url}/jambonz/call-status#rc=5&rp=all` };
    for (const row of state.applications) row.call_status_hook_sid = 'a';
    const api = await startJambonzApi(state);
    const env = { JAMBONZ_API_URL: api.url, DATABASE_URL: join(directory, 'sipwhy.db'), API_TOKEN };
    const { status, stdout } = await runConnect(['--sipwhy-url', service.url, '--wait', '600'], env);
    await api.close();
    assert.equal(status, 0);
    assert.match(stdout, /Jambonz’s webhooks arrive, and are verified\./);
    assert.deepEqual(api.changes(), []);
  });

  it('in vain for a service that is not there', async () => {
    const api = await startJambonzApi(state);
    const env = { JAMBONZ_API_URL: api.url, DATABASE_URL: join(directory, 'sipwhy.db'), API_TOKEN };
    const { status, stdout } = await runConnect(['--sipwhy-url', 'http://127.0.0.1:9', '--yes', '--wait', '1'], env);
    await api.close();
    assert.equal(status, 1);
    assert.match(
      stdout,
      /sipwhy’s API at http:\/\/127\.0\.0\.1:9 can’t be asked: .*\. Start sipwhy with the settings above/,
    );
    assert.match(stdout, /127\.0\.0\.1 is this machine itself/);
  });
});
