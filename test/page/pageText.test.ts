import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { liveKitToken } from '../app/signing.ts';
import { eventually, openPage, show, startBrowser, unfold } from './browser.ts';
import { type Service, startService } from './pageProcess.ts';

/** What would run, were it taken for HTML, for an attribute's end, or for a link. `at` names the field. */
const evil = (at: string) =>
  `${at}"'><img src=x onerror="alert('${at}')"><script>alert('${at}')</script><a href="javascript:alert('${at}')">x</a>`;

/** The same for what becomes part of a path, which may not be as long. */
const evilId = (at: string) => `${at}"'><img src=x onerror=alert()>`;

const SECRET = 'secret-secret-secret-secret-secret-1234';
const A = {
  call_sid: evilId('a_sid'),
  direction: 'inbound',
  call_id: evil('a_id'),
  from: evil('from'),
  to: evil('to'),
};
const B = {
  ...A,
  call_sid: evilId('b_sid'),
  parent_call_sid: A.call_sid,
  direction: 'outbound',
  to: `sip:${evil('user')}@lab.sip.livekit.cloud`,
  sbc_callid: 'call-id-of-b',
  customer_data: { sipwhy: { auth_username: evil('username') }, [evil('key')]: evil('customer_data') },
  originating_sip_trunk_name: evil('trunk_name'),
  headers: { 'X-Evil': evil('header') },
  caller_id: evil('caller_id'),
  account_sid: evil('account_sid'),
};
/** LiveKit's matching is shown only of a URI that can be read; in the URI of B it is what stands before the host. */
const C = {
  ...B,
  call_sid: evilId('c_sid'),
  to: 'sip:+441632960001@lab.sip.livekit.cloud',
  sbc_callid: 'call-id-of-c',
};
const status = (leg: object, sip_status: number, call_status: string, at_ms: number, method = 'call-status') => ({
  path: `/jambonz/${method}`,
  body: JSON.stringify({ ...leg, sip_status, sip_reason: evil(`reason${sip_status}`), call_status }),
  at_ms,
});
const WEBHOOKS = [
  status(A, 100, 'trying', 0),
  status(B, 100, 'trying', 50),
  status(B, 180, 'ringing', 150),
  status(B, 503, 'failed', 300),
  status(C, 503, 'failed', 310),
  status(
    { ...A, dial_call_sid: B.call_sid, dial_call_status: evil('dial_status'), dial_sip_status: 503 },
    200,
    'in-progress',
    320,
    'dial-action',
  ),
  status(A, 200, 'completed', 400),
];
const CONFIGURATION = {
  inbound_trunks: [
    {
      sip_trunk_id: evil('trunk_id'),
      name: evil('trunk'),
      numbers: [evil('number')],
      allowed_addresses: [evil('address')],
      allowed_numbers: [evil('allowed')],
      auth_username: evil('auth'),
      auth_password: 'set',
    },
  ],
  dispatch_rules: [
    {
      sip_dispatch_rule_id: evil('rule_id'),
      name: evil('rule'),
      rule: { dispatch_rule_individual: { room_prefix: evil('prefix') } },
      trunk_ids: [evil('trunk_id')],
      inbound_numbers: [evil('inbound')],
    },
  ],
};
const LIVEKIT_EVENT = {
  event: 'participant_joined',
  id: evil('event_id'),
  room: { sid: 'RM_1', name: evil('room') },
  participant: {
    sid: 'PA_1',
    identity: evil('identity'),
    name: evil('participant'),
    kind: 'SIP',
    attributes: {
      'sip.callIDFull': 'call-id-of-c',
      'sip.phoneNumber': evil('phone'),
      'sip.callStatus': evil('sip_call_status'),
    },
  },
};

describe('what comes from a webhook', () => {
  let service: Service;
  let browser: Browser;
  before(async () => {
    service = await startService({
      livekit: CONFIGURATION,
      env: { LIVEKIT_API_KEY: 'devkey', LIVEKIT_API_SECRET: SECRET },
    });
    browser = await startBrowser();
    await service.post(WEBHOOKS);
    const body = JSON.stringify({ ...LIVEKIT_EVENT, created_at: String(Math.floor(Date.now() / 1000)) });
    const headers = {
      'content-type': 'application/webhook+json',
      authorization: liveKitToken(body, SECRET, Date.now()),
    };
    const answer = await fetch(`${service.origin}/livekit/webhook`, { method: 'POST', headers, body });
    assert.equal(answer.status, 200);
    await service.until<{ calls: unknown[] }>('calls?limit=50', ({ calls }) => calls.length > 0);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  const views: readonly (readonly [path: string, ...shown: string[]])[] = [
    ['/'],
    ['/?tab=calls&outcome=all', 'from', 'user', 'reason503'],
    [`/?call=${encodeURIComponent(B.call_sid)}`, 'b_sid', 'from', 'to', 'user', 'reason503'],
    [
      `/?call=${encodeURIComponent(C.call_sid)}`,
      'c_sid',
      'from',
      'reason503',
      'trunk_id',
      'trunk',
      'number',
      'allowed',
      'identity',
      'room',
      'rule_id',
      'rule',
    ],
    [`/?call=${encodeURIComponent(A.call_sid)}`, 'a_sid'],
    [
      '/?view=audit',
      'trunk_id',
      'trunk',
      'number',
      'address',
      'allowed',
      'auth',
      'rule_id',
      'rule',
      'prefix',
      'inbound',
    ],
    ['/?view=history'],
    ['/?view=incidents'],
    [
      `/?cause=${encodeURIComponent(evil('cause'))}&trunk=${encodeURIComponent(evil('filter'))}&number=${encodeURIComponent(evil('n'))}`,
    ],
    [`/?view=${encodeURIComponent(evil('view'))}`],
    [`/?view=history&from=${encodeURIComponent(evil('from'))}&to=2`, 'from'],
    [`/?view=incidents&incident=${encodeURIComponent(evil('incident'))}`],
    [`/?call=${encodeURIComponent(evilId('unknown'))}`, 'unknown'],
  ];
  for (const [path, ...shown] of views) {
    it(`stays text at ${decodeURIComponent(path).slice(0, 40)}`, async () => {
      const { page, context, troubles } = await openPage(browser, service.origin);
      await show(page, path);
      const isShown = async (at: string) => {
        await unfold(page);
        // As one text, since a name may be broken over lines.
        const text = (await page.locator('main').evaluate((main) => main.textContent)) ?? '';
        return text.includes(evil(at)) || text.includes(evilId(at));
      };
      for (const at of shown) await eventually(`${at}, shown as it is,`, () => isShown(at));
      assert.equal(await page.locator('img, script:not([src]), a[href^="javascript:"], [onerror]').count(), 0);
      assert.deepEqual(troubles, []);
      await context.close();
    });
  }

  it('stays text in the answer of a check', async () => {
    const { page, context, troubles } = await openPage(browser, service.origin);
    await page.goto('/?view=check');
    await page.getByLabel(/^To:/).fill(evil('what'));
    await page.getByLabel('From', { exact: true }).fill(evil('caller'));
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByRole('heading', { name: /would not connect|depends/ }).waitFor();
    assert.ok(((await page.locator('main').evaluate((main) => main.textContent)) ?? '').includes(evil('what')));
    assert.equal(await page.locator('img, script:not([src]), a[href^="javascript:"]').count(), 0);
    assert.deepEqual(troubles, []);
    await context.close();
  });
});
