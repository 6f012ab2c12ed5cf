import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openPage, startBrowser, type Watched } from './browser.ts';
import { type Service, startService } from './pageProcess.ts';

const SIP_URI = 'sip:+15550100@sip.example.com';
const LIVEKIT = {
  inbound_trunks: [
    { sip_trunk_id: 'ST_1', name: '', numbers: ['+15550100'], media: { encryption: 'SIP_MEDIA_ENCRYPT_REQUIRE' } },
  ],
  dispatch_rules: [
    {
      sip_dispatch_rule_id: 'SDR_1',
      rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
      trunk_ids: ['ST_1'],
      room_config: { agents: [{ agent_name: 'desk-agent' }] },
    },
    {
      sip_dispatch_rule_id: 'SDR_2',
      rule: { dispatch_rule_individual: { room_prefix: 'other-' } },
      trunk_ids: ['ST_2'],
    },
  ],
};

const NOT = 'It would not connect';

describe('the page of a trunk that requires SRTP', () => {
  let service: Service;
  let browser: Browser;
  let watched: Watched;
  before(async () => {
    service = await startService({ livekit: LIVEKIT, env: { LIVEKIT_SIP_HOST: 'sip.example.com' } });
    browser = await startBrowser();
    watched = await openPage(browser, service.origin);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  const ask = async (what: string, srtp?: string) => {
    const { page } = watched;
    await page.goto('/?view=check');
    await page.getByText('SRTP, example').click();
    if (srtp !== undefined) await page.getByLabel('SRTP').selectOption(srtp);
    await page.getByLabel(/^To:/).fill(what);
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    return page.locator('article.answer h2').first().innerText();
  };

  for (const [srtp, answer] of [
    [undefined, 'That depends on unknown details'],
    ['offered', 'It would connect'],
    ['not offered', NOT],
  ] as const) {
    it(`checks a SIP URI with SRTP ${srtp ?? 'unknown'}`, async () => assert.equal(await ask(SIP_URI, srtp), answer));
  }

  it('takes SRTP from a dial verb, whatever is chosen', async () => {
    const verb = { verb: 'dial', srtpEncryption: 'sdes', target: [{ type: 'sip', sipUri: SIP_URI }] };
    assert.equal(await ask(JSON.stringify(verb), 'not offered'), 'It would connect');
  });

  it('takes the body of createCall, with a note on transfers', async () => {
    const { page } = watched;
    assert.equal(await ask(JSON.stringify({ from: '+15550123', to: { type: 'sip', sipUri: SIP_URI } })), NOT);
    assert.match(await page.locator('article.answer').innerText(), /X-Jambonz-SRTP: sdes in to\.headers/);
    assert.match(await page.getByRole('region', { name: 'Notes' }).innerText(), /The body has no referHook/);
    assert.equal(await ask(SIP_URI, 'offered'), 'It would connect');
    assert.equal(await page.getByRole('region', { name: 'Notes' }).count(), 0);
  });

  it('shows in the audit which agent each rule dispatches', async () => {
    const { page } = watched;
    await page.goto('/?view=audit');
    const agents = async (rule: string) =>
      page.getByRole('row', { name: rule }).locator('[data-label=agents]').innerText();
    await page.getByText('2 dispatch rules', { exact: true }).click();
    assert.equal(await agents('SDR_1'), 'desk-agent');
    assert.match(await agents('SDR_2'), /^none by name$/);
  });

  it('was shown without an error', () => assert.deepEqual(watched.troubles, []));
});
