import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { BEGIN_MS, bLeg, FITTING, SBC, trunk } from '../core/scenario.ts';
import { openPage, show, startBrowser, unfold, type Watched } from './browser.ts';
import { isOnFirstScreen, SCREENS } from './firstScreen.ts';
import { callOf } from './pageCalls.ts';
import { type Service, startService } from './pageProcess.ts';

const TITLE = 'The caller isn’t in the trunk’s allowed_numbers';
const A = (name: string) => `a${name}-7f4a-4c0e-9d3e-000000000001`;
const B = (name: string) => `b${name}-7f4a-4c0e-9d3e-000000000002`;
const REFUSED = { ringing: [90], response: [404, 'Not Found', 200] } as const;

describe('the page of a call', () => {
  let service: Service;
  let browser: Browser;
  let watched: Watched;
  before(async () => {
    service = await startService({
      livekit: { ...FITTING, inbound_trunks: [trunk({ allowed_numbers: ['+15550999'] })] },
      env: { JAMBONZ_SBC_ADDRESSES: SBC },
    });
    browser = await startBrowser();
    watched = await openPage(browser, service.origin, { viewport: SCREENS.laptop });
    await service.post(callOf('0000001', { ...REFUSED }));
    await isSettled(B('0000001'));
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });
  const isSettled = (callSid: string) =>
    service.until<{ attempts: unknown[] }>(`calls/${callSid}`, ({ attempts }) => attempts.length > 0);
  const heading = (name: string) => watched.page.getByRole('heading', { level: 1, name });
  const facts = () => watched.page.locator('.under-head').first().innerText();

  for (const [screen, viewport] of Object.entries(SCREENS)) {
    it(`has owner, cause, fix and its command on the first screen of a ${screen}`, async () => {
      const { page, context } = await openPage(browser, service.origin, { viewport });
      await show(page, `/?call=${B('0000001')}`);
      await isOnFirstScreen(page, page.getByRole('heading', { level: 1, name: TITLE }));
      await isOnFirstScreen(page, page.getByText('LiveKit config', { exact: true }));
      const fix = page.getByRole('region', { name: 'Fix', exact: true });
      await isOnFirstScreen(page, fix.locator('pre'));
      await isOnFirstScreen(page, fix.getByRole('button', { name: /^Copy/ }));
      await isOnFirstScreen(page, page.locator('.values > div').filter({ hasText: /isn’t in \[\+15550999\]/ }));
      await context.close();
    });
  }

  it('has the ladder beside the story on a wide screen', async () => {
    const { page } = watched;
    await show(page, `/?call=${B('0000001')}`);
    await isOnFirstScreen(page, page.locator('.ladder svg'));
  });

  it('is reached by the call_sid of either leg, and leads back to its incident', async () => {
    const { page } = watched;
    for (const callSid of [A('0000001'), B('0000001')]) {
      await show(page, `/?call=${callSid}`);
      await heading(TITLE).waitFor();
      assert.match(await facts(), /^Owner LiveKit config · 404 Not Found · \+15550123 → \+15550100 · first ST_1/);
    }
    await page.getByRole('link', { name: '← All calls of this incident' }).click();
    await page.waitForURL(/view=incidents&incident=/);
    await page
      .getByRole('region', { name: 'Newest calls' })
      .locator(`a[href="?call=${B('0000001')}"]`)
      .waitFor();
  });

  it('shows a call that is not over, and its matching; then why it failed, by itself', async () => {
    const { page } = watched;
    const webhooks = callOf('0000002', { ...REFUSED });
    const begun = webhooks.slice(0, 3);
    await service.post(begun);
    await show(page, `/?call=${A('0000002')}`);
    await heading('The call is not over yet').waitFor();
    await page.getByRole('table', { name: /Trunk ST_1/ }).waitFor();
    await service.post(webhooks.slice(3));
    await heading(TITLE).waitFor();
  });

  it('says of a call that connected that nobody need act', async () => {
    const { page } = watched;
    await service.post(callOf('0000003', { from: '+15550999', ringing: [90], response: [200, 'OK', 600] }));
    await isSettled(B('0000003'));
    await show(page, `/?call=${B('0000003')}`);
    await heading('The call connected').waitFor();
    assert.match(await facts(), /^No action needed · 200 OK/);
    assert.equal(await page.getByRole('region', { name: 'Fix', exact: true }).count(), 0);
    await page.getByRole('region', { name: 'LiveKit’s matching' }).getByText('Dispatch rule').first().waitFor();
  });

  it('says of a caller who hung up that nobody need act', async () => {
    const { page } = watched;
    await service.post(callOf('0000004', { from: '+15550999', ringing: 'every second', callerHungUpAt: 2_500 }));
    await isSettled(B('0000004'));
    await show(page, `/?call=${B('0000004')}`);
    await heading('The caller hung up before the call was answered').waitFor();
    assert.match(await facts(), /^No action needed · no answer/);
    assert.equal(await page.locator('.under-head .bad').count(), 0);
  });

  it('folds every attempt but the first that failed', async () => {
    const { page } = watched;
    const second = B('0000005').replace('0002', '0003');
    const webhooks = callOf('0000005', { ...REFUSED });
    const again = [bLeg(BEGIN_MS + 230, 100, 'Trying', 'trying'), bLeg(BEGIN_MS + 300, 404, 'Not Found', 'failed')].map(
      (sent) => ({
        ...sent,
        body: (sent.body ?? '').replaceAll('5bd6b0c', '0000005').replaceAll(B('0000005'), second),
      }),
    );
    await service.post([...webhooks.slice(0, 5), ...again, ...webhooks.slice(5)]);
    await service.until<{ attempts: unknown[] }>(`calls/${A('0000005')}`, ({ attempts }) => attempts.length === 2);
    await show(page, `/?call=${A('0000005')}`);
    await page.getByText('attempt 1 of 2', { exact: true }).waitFor();
    const other = page.locator('details').filter({ hasText: /^Attempt 2 of 2: the caller isn’t/ });
    assert.equal(await other.getByRole('region', { name: 'Fix' }).isVisible(), false);
    await other.locator('summary').first().click();
    await other.getByRole('region', { name: 'Fix' }).waitFor();
    assert.match(await other.locator('.under-head').innerText(), new RegExp(second));
    await show(page, `/?call=${second}`);
    await page.getByText('attempt 2 of 2', { exact: true }).waitFor();
  });

  it('was shown without an error or a request to elsewhere', () => {
    assert.deepEqual(watched.troubles, []);
  });
});

describe('the page of a call without LiveKit’s configuration', () => {
  it('says what is known, and what is not', async () => {
    const service = await startService({});
    const browser = await startBrowser();
    try {
      const { page, troubles } = await openPage(browser, service.origin);
      await service.post(callOf('0000001', { ...REFUSED }));
      const isSettled = ({ attempts }: { attempts: unknown[] }) => attempts.length > 0;
      await service.until(`calls/${B('0000001')}`, isSettled);
      await show(page, `/?call=${B('0000001')}`);
      assert.match(await page.locator('.under-head').innerText(), /404 Not Found/);
      await page.locator('.ladder svg').waitFor();
      await unfold(page);
      await page
        .getByRole('region', { name: 'Why' })
        .getByText(/^\d+(\.\d+)? m?s\b/)
        .waitFor();
      assert.deepEqual(troubles, []);
    } finally {
      await browser.close();
      await service.stop();
    }
  });
});
