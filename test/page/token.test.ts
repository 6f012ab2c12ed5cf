import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext } from 'playwright-core';
import { incident } from '../../src/demo/firstIncident.ts';
import { fieldOf, openPage, startBrowser } from './browser.ts';
import { type Service, startService } from './pageProcess.ts';

const TOKEN = 'a-token-of-this-test';
const HEADLINE = 'The dialled host isn’t LiveKit’s SIP host';

/** Signs in as the page does. */
async function signIn(context: BrowserContext): Promise<void> {
  const answer = await context.request.post('/api/v1/session', { data: { token: TOKEN } });
  assert.equal(answer.status(), 200);
}

describe('the page of a service that asks for a token, or is busy', () => {
  let service: Service;
  let browser: Browser;
  before(async () => {
    service = await startService({
      livekit: incident.livekit ?? {},
      env: { LIVEKIT_URL: incident.livekit_url ?? '', API_TOKEN: TOKEN },
    });
    browser = await startBrowser();
    await service.post(incident.webhooks);
    await service.until<{ calls: unknown[] }>('calls?limit=1', ({ calls }) => calls.length > 0);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  it('shows the API’s reference without it, and shows no data there', async () => {
    const { page, context, troubles } = await openPage(browser, service.origin);
    await page.goto('/api');
    await page.getByText('List call attempts, the latest settled first').waitFor();
    await page.getByText('Receive a call status of Jambonz').first().waitFor();
    assert.deepEqual(troubles, []);
    await context.close();
  });

  it('asks for it once, says when it is wrong, and keeps it nowhere', async () => {
    const { page, context, troubles } = await openPage(browser, service.origin);
    await page.goto('/');
    const field = page.getByLabel('API_TOKEN');
    await field.fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('Wrong token.').waitFor();
    assert.equal(await page.getByText(HEADLINE).count(), 0);
    await field.fill(TOKEN);
    await page.keyboard.press('Enter');
    await page.getByRole('table').getByRole('link', { name: HEADLINE }).waitFor();
    await page.reload();
    await page.getByRole('table').getByRole('link', { name: HEADLINE }).click();
    await page.getByRole('heading', { level: 1, name: HEADLINE }).waitFor();
    assert.deepEqual(await page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]'), [0, 0, '']);
    const [cookie] = await context.cookies();
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, 'Strict']);
    assert.ok(!JSON.stringify(cookie).includes(TOKEN) && !page.url().includes(TOKEN));
    assert.deepEqual(troubles, []);
    // Another browser knows nothing of it.
    const other = await openPage(browser, service.origin);
    await other.page.goto('/');
    await other.page.getByLabel('API_TOKEN').waitFor();
    await other.context.close();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API_TOKEN').waitFor();
    assert.deepEqual(await context.cookies(), []);
    assert.equal(await page.getByRole('button', { name: 'Sign out' }).count(), 0);
    await context.close();
  });

  it('keeps what it shows while the service is busy, says so, and goes on by itself', async () => {
    const { page, context } = await openPage(browser, service.origin);
    let isBusy = false;
    await page.route('**/api/v1/**', (route) =>
      isBusy ? route.fulfill({ status: 503, headers: { 'retry-after': '1' }, body: 'busy' }) : route.continue(),
    );
    await page.goto('/');
    await page.getByLabel('API_TOKEN').fill(TOKEN);
    await page.keyboard.press('Enter');
    const link = page.getByRole('table').getByRole('link', { name: HEADLINE });
    await link.waitFor();
    isBusy = true;
    await fieldOf(page, 'Cause').selectOption('sip_host_wrong');
    await page.getByText('sipwhy is busy with webhooks. Retrying automatically.').first().waitFor();
    assert.ok(await page.locator('.success').isVisible());
    isBusy = false;
    await link.waitFor();
    await page.getByText('sipwhy is busy with webhooks.').first().waitFor({ state: 'detached' });
    await context.close();
  });

  it('comes to life by itself where the service was away at first', async () => {
    const { page, context } = await openPage(browser, service.origin);
    let isAway = true;
    await signIn(context);
    await page.route('**/api/v1/**', (route) => (isAway ? route.abort() : route.continue()));
    await page.goto('/');
    await page.getByText('sipwhy does not answer.').first().waitFor();
    isAway = false;
    await page.getByRole('table').getByRole('link', { name: HEADLINE }).waitFor();
    await context.close();
  });

  it('hears of new calls by asking again and again, where no stream comes through', async () => {
    const { page, context } = await openPage(browser, service.origin);
    await signIn(context);
    await page.route(/\/api\/v1\/events$/, (route) => route.fulfill({ status: 404, body: '{}' }));
    await page.goto('/');
    await page.getByText('live, every 5 s').waitFor();
    const failed = page.getByRole('row').filter({ hasText: HEADLINE }).locator('.failed');
    await failed.getByText('1', { exact: true }).waitFor();
    // The same again from another number.
    const another = (text: string) =>
      text
        .replaceAll('1f0a01', '1f0a99')
        .replaceAll('1d2e0b02', '1d2e0b99')
        .replaceAll('4915112345678', '441632960001');
    await service.post(incident.webhooks.map((webhook) => ({ ...webhook, body: another(webhook.body ?? '') })));
    await failed.getByText('2', { exact: true }).waitFor();
    await context.close();
  });
});
