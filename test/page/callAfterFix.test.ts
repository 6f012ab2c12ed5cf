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

describe('after a fix', { timeout: 300_000 }, () => {
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
  const card = () => watched.page.getByRole('article', { name: TITLE });

  it('the incident is open, with what would mend it', async () => {
    const { page } = watched;
    await page.getByRole('heading', { name: 'Open incidents: 1' }).waitFor();
    await card().getByText('Add +15550123 to allowed_numbers of ST_1').waitFor();
    assert.equal(await card().getByText('After the fix').count(), 0);
  });

  it('a change that does not mend it is shown not to', async () => {
    await service.configure(allowing('+15550999', '+15550124'));
    await card().getByText('1 of 1 re-checked calls would still fail with caller_not_allowed').waitFor();
    await watched.page.getByRole('heading', { name: 'Open incidents: 1' }).waitFor();
  });

  it('the right change is shown to pass the re-check, and closes the incident', async () => {
    const { page } = watched;
    await service.configure(allowing('+15550999', CALLER));
    await page.getByRole('heading', { name: 'No open incidents' }).waitFor();
    await page.getByRole('heading', { name: 'Closed within the last hour: 1' }).waitFor();
    await card()
      .getByText('The failed call was checked again under LiveKit’s new configuration: caller_not_allowed is gone.')
      .waitFor();
  });

  it('the next real call is shown to connect', async () => {
    const { page } = watched;
    await card().getByRole('link', { name: TITLE }).click();
    await page.getByRole('heading', { level: 1, name: TITLE }).waitFor();
    await service.post(callOf('0000002', { ringing: [90], response: [200, 'OK', 600] }));
    await page
      .locator('main article')
      .getByText(/The next call, b0000002-\S+, connected\./)
      .waitFor();
    assert.match(await page.locator('main article').innerText(), /Closed: under the current configuration/);
    await keepScreenshot(page, 'after-fix');
    assert.deepEqual(watched.troubles, []);
  });
});
