import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Session } from '@jambonz/sdk/websocket';
import { livekitTrunk, sipwhyForwarder } from '../../src/client/sipwhyClient.ts';
import { type Process, startReady, until } from '../durable/serviceProcess.ts';
import { callApplication, prepareApplication, snippetsOf, startApplication } from './jambonzApplication.ts';

const HOST = 'livekit-sip.example.com';
const SECRET = 'a-secret-of-the-account';
const LIVEKIT = {
  inbound_trunks: [
    {
      sip_trunk_id: 'ST_a',
      name: 'Jambonz',
      numbers: ['+15550100'],
      auth_username: 'livekit_client',
      auth_password: 'set',
    },
  ],
  dispatch_rules: [{ sip_dispatch_rule_id: 'SDR_a', rule: { dispatch_rule_individual: { room_prefix: 'call-' } } }],
};
const caller = { direction: 'inbound', from: '+15550123', to: '+15550100', account_sid: 'x', application_sid: 'y' };

interface Explained {
  readonly attempts: readonly { readonly cause?: string; readonly evidence: unknown }[];
}

const [nodeClientWs = ''] = snippetsOf('websocket-application.md');
const [sdk = '', webhook = ''] = snippetsOf('node-sdk.md');

describe('an application that forwards to sipwhy', () => {
  let directory: string;
  let sipwhy: Process;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'sipwhy-client-'));
    prepareApplication(directory);
    writeFileSync(join(directory, 'livekit.json'), JSON.stringify(LIVEKIT));
    sipwhy = await startReady({
      DATABASE_URL: join(directory, 'sipwhy.db'),
      LIVEKIT_CONFIG_FILE: join(directory, 'livekit.json'),
      LIVEKIT_SIP_HOST: HOST,
      JAMBONZ_WEBHOOK_SECRET: SECRET,
    });
  });
  after(async () => {
    await sipwhy?.end('SIGKILL');
    rmSync(directory, { recursive: true });
  });
  const environment = () => ({
    SIPWHY_URL: sipwhy.url,
    JAMBONZ_WEBHOOK_SECRET: SECRET,
    LIVEKIT_SIP_HOST: HOST,
    LIVEKIT_SIP_USERNAME: 'livekit_client',
    LIVEKIT_SIP_PASSWORD: 'wrong',
  });

  for (const [library, code] of [
    ['@jambonz/node-client-ws', nodeClientWs],
    ['@jambonz/sdk', sdk],
  ] as const) {
    it(`with ${library} has its failed call explained`, async () => {
      const application = await startApplication(directory, code, environment());
      const leg = { ...caller, call_sid: `a-${library}`, call_id: 'c1' };
      const dialled = { ...leg, call_sid: `b-${library}`, parent_call_sid: leg.call_sid, direction: 'outbound' };
      try {
        const call = await callApplication(application.url);
        const trying = { sip_status: 100, sip_reason: 'Trying', call_status: 'trying' };
        const [dial] = (await call.answerTo(call.send('session:new', { ...leg, ...trying }))) ?? [];
        assert.deepEqual(dial, {
          verb: 'dial',
          target: [
            {
              type: 'sip',
              sipUri: `sip:+15550100@${HOST};transport=tcp`,
              auth: { username: 'livekit_client', password: 'wrong' },
            },
          ],
          tag: { sipwhy: { auth_username: 'livekit_client' } },
          actionHook: '/dial-action',
        });
        const b = { ...dialled, to: `sip:+15550100@${HOST};transport=tcp`, customer_data: dial.tag };
        call.send('call:status', { ...b, ...trying });
        call.send('call:status', { ...b, sip_status: 401, sip_reason: 'Unauthorized', call_status: 'failed' });
        const result = { ...leg, dial_call_status: 'failed', dial_sip_status: 401, dial_call_sid: b.call_sid };
        const verbs = await call.answerTo(call.send('verb:hook', result, '/dial-action'));
        assert.deepEqual(verbs, [{ verb: 'hangup' }]);

        // The cast: openapi.test.ts holds the API to its description.
        const read = async () =>
          (await fetch(`${sipwhy.url}/api/v1/calls/${encodeURIComponent(leg.call_sid)}`)).json() as Promise<Explained>;
        await until('it is explained', async () => (await read()).attempts?.[0]?.cause !== undefined);
        const { attempts } = await read();
        assert.equal(attempts[0]?.cause, 'auth_rejected');
        assert.match(JSON.stringify(attempts[0]?.evidence), /livekit_client/);
        assert.equal(
          (await sipwhy.sample('sipwhy_webhooks_total{source="jambonz",event="dial_action",result="accepted"}')) > 0,
          true,
        );
        call.close();
      } finally {
        await application.end();
      }
    });

    it(`with ${library} does not start where the trunk’s password is missing`, async () => {
      const application = await startApplication(directory, code, { ...environment(), LIVEKIT_SIP_PASSWORD: '' });
      await application.end();
      assert.equal(application.exitCode(), 1);
      assert.match(application.errors(), /ClientFault: LIVEKIT_SIP_PASSWORD must be set, because LiveKit’s trunk asks/);
    });

    it(`with ${library} goes on with its calls where sipwhy is gone`, async () => {
      const application = await startApplication(directory, code, {
        ...environment(),
        SIPWHY_URL: 'http://127.0.0.1:9',
      });
      try {
        const call = await callApplication(application.url);
        const leg = { ...caller, call_sid: 'gone', call_status: 'trying', sip_status: 100 };
        await call.answerTo(call.send('session:new', leg));
        for (let i = 0; i < 1_100; i++) call.send('call:status', leg);
        assert.deepEqual(await call.answerTo(call.send('verb:hook', leg, '/dial-action')), [{ verb: 'hangup' }]);
        assert.match(application.errors(), /^sipwhy: 1 lost webhooks, the last one of call-status \(queue_full\)/m);
        assert.equal(application.exitCode(), null);
        call.close();
      } finally {
        await application.end();
      }
    });
  }

  it('has types that fit those of the SDK', () => {
    const dialled: unknown[] = [];
    // The cast stands for a session. What matters is that the calls below compile.
    const session = { on: () => session, dial: (verb: object) => dialled.push(verb) } as unknown as Session;
    sipwhyForwarder({ url: sipwhy.url, env: {} }).forwardStatus(session);
    session.dial({ ...livekitTrunk({ host: HOST, env: {} }).dial('1'), actionHook: '/dial-action' });
    assert.equal(dialled.length, 1);
  });

  it('with HTTP hooks has a dial verb that the SDK accepts', async () => {
    const file = join(directory, 'webhook.mjs');
    writeFileSync(file, webhook);
    Object.assign(process.env, { LIVEKIT_SIP_HOST: HOST, SIPWHY_URL: 'http://127.0.0.1:8080' });
    const { answer } = await import(pathToFileURL(file).href);
    const verbs = JSON.parse(JSON.stringify(answer({ to: '+15550100' })));
    delete process.env.LIVEKIT_SIP_HOST;
    delete process.env.SIPWHY_URL;
    assert.deepEqual(verbs, [
      {
        verb: 'dial',
        target: [{ type: 'sip', sipUri: `sip:+15550100@${HOST};transport=tcp` }],
        tag: { sipwhy: { auth_username: false } },
        actionHook: 'http://127.0.0.1:8080/jambonz/dial-action',
      },
    ]);
  });
});
