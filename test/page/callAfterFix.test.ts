import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { FITTING, SBC, trunk } from '../core/scenario.ts';
import { keepScreenshot, openPage, startBrowser, type Watched } from './browser.ts';
import { callOf } from './pageCalls.ts';
import { type Service, startService } from './pageProcess.ts';

const TITLE = 'The caller isn’t in the trunk’s allowed_numbers';
const allowing = (...allowed_numbers: string[]) => ({ ...FITTING, inbound_trunks: [trunk({ allowed_numbers })] });
const CALLER = '+15550123';

describe('after a fix', () => {
  let service: Service;
  let browser: Browser;
  let watched: Watched;
  before(async () => {
    service = await startService({
      livekit: allowing('+15550999'),
      env: { JAMBONZ_SBC_ADDRESSES: SBC, LIVEKIT_REFRESH_SECONDS: '5' },
    });
    browser = await startBrowser();
    watched = await openPage(browser, service.origin);
    await watched.page.goto('/');
    await service.post(callOf('0000001', { ringing: [90], response: [404, 'Not Found', 200] }));
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });
  // Everything below is seen on a page that is never loaded again.
  const row = () => watched.page.getByRole('row').filter({ hasText: TITLE });

  it('the incident is open, with what would mend it', async () => {
    const { page } = watched;
    await page.locator('.success').getByText('1 open incident').waitFor();
    await row().locator('.dot-open').waitFor();
    assert.equal(await row().getByText('re-check').count(), 0);
  });

  it('a change that does not mend it is shown not to', async () => {
    await service.configure(allowing('+15550999', '+15550124'));
    await row().getByText('still fails the re-check').first().waitFor();
    await row().locator('.dot-open').waitFor();
  });

  it('the right change is shown to pass the re-check, and closes the incident', async () => {
    const { page } = watched;
    await service.configure(allowing('+15550999', CALLER));
    await page.locator('.success').getByText('0 open incidents').waitFor();
    await row().locator('.dot-closed').waitFor();
  });

  it('the next real call is shown to connect', async () => {
    const { page } = watched;
    await row().getByRole('link', { name: TITLE }).click();
    await page.getByRole('heading', { level: 1, name: TITLE }).waitFor();
    await page
      .getByText('The failed call was checked again under LiveKit’s new configuration: caller_not_allowed is gone.')
      .waitFor();
    await service.post(callOf('0000002', { ringing: [90], response: [200, 'OK', 600] }));
    await page
      .locator('main')
      .getByText(/The next call, b0000002-\S+, connected\./)
      .waitFor();
    const first = await page.locator('.page-head + *').innerText();
    assert.match(first, /^Closed .* under the current configuration, none of these calls has this cause any more\./);
    await keepScreenshot(page, 'after-fix');
    assert.deepEqual(watched.troubles, []);
  });
});
