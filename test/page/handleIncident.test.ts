import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { FITTING, SBC, trunk } from '../core/scenario.ts';
import { openPage, show, startBrowser, type Watched } from './browser.ts';
import { isOnFirstScreen, SCREENS } from './firstScreen.ts';
import { callOf } from './pageCalls.ts';
import { type Service, startService } from './pageProcess.ts';

const TITLE = 'The caller isn’t in the trunk’s allowed_numbers';
const HOUR_MS = 3_600_000;

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly closed_because: string | null;
  readonly calls: number;
  readonly acknowledged: { readonly by: string | null } | null;
  readonly muted: { readonly by: string | null; readonly at: string; readonly until: string } | null;
  readonly notes: readonly { readonly by: string | null; readonly text: string }[];
  readonly put_away: readonly { readonly by: string | null; readonly call_sid: string }[];
}

describe('an incident that is handled on its page', () => {
  let service: Service;
  let browser: Browser;
  let watched: Watched;
  let id: string;
  before(async () => {
    service = await startService({
      livekit: { ...FITTING, inbound_trunks: [trunk({ allowed_numbers: ['+15550999'] })] },
      env: { JAMBONZ_SBC_ADDRESSES: SBC, GRAFANA_URL: 'https://grafana.example.com' },
    });
    browser = await startBrowser();
    for (const name of ['0000001', '0000002'])
      await service.post(callOf(name, { ringing: [90], response: [404, 'Not Found', 200] }));
    const { incidents } = await service.until<{ incidents: readonly Shown[] }>(
      'incidents',
      ({ incidents }) => incidents[0]?.calls === 2,
    );
    id = incidents[0]?.id ?? '';
    watched = await openPage(browser, service.origin, { viewport: SCREENS.laptop, timezoneId: 'America/New_York' });
    await show(watched.page, `/?view=incidents&incident=${id}`);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });
  const until = (isWanted: (incident: Shown) => boolean) => service.until<Shown>(`incidents/${id}`, isWanted);
  const button = (name: string | RegExp) => watched.page.getByRole('button', { name, exact: true });
  const state = (text: RegExp) => watched.page.locator('.state-line').filter({ hasText: text });

  for (const [screen, viewport] of Object.entries(SCREENS)) {
    it(`has its fix and the command on the first screen of a ${screen}`, async () => {
      const { page, context, troubles } = await openPage(browser, service.origin, { viewport });
      await show(page, '/');
      await page.getByRole('link', { name: TITLE }).first().click();
      const fix = page.getByRole('region', { name: 'Fix', exact: true });
      await isOnFirstScreen(page, fix);
      await isOnFirstScreen(page, fix.getByRole('heading', { name: /^Add \+15550123 to allowed_numbers of ST_1/ }));
      await isOnFirstScreen(page, fix.locator('pre'));
      await isOnFirstScreen(page, fix.getByRole('button', { name: /^Copy/ }));
      assert.match(await page.locator('.under-head').innerText(), /Owner LiveKit config · first ST_1 · 2 failed of 2/);
      assert.deepEqual(troubles, []);
      await context.close();
    });
  }

  it('has the command copied', async () => {
    const { page } = watched;
    const fix = page.getByRole('region', { name: 'Fix', exact: true });
    await fix.getByRole('button', { name: /^Copy/ }).click();
    await fix.getByText('Copied ✓').waitFor();
    const copied = (await page.evaluate('navigator.clipboard.readText()')) as string;
    assert.match(copied, /^(lk|curl) /);
    assert.match(copied, /ST_1[\s\S]*"\+15550123"/);
    assert.equal(copied, await fix.locator('pre').innerText());
  });

  it('leads to its runbook, to Grafana, and to each of its calls', async () => {
    const { page } = watched;
    const to = async (name: string) => page.getByRole('link', { name, exact: true }).getAttribute('href');
    assert.equal(await to('Runbook'), 'runbooks/caller_not_allowed');
    assert.match((await to('Grafana')) ?? '', /^https:\/\/grafana\.example\.com\/d\/.*ST_1/);
    const calls = page.getByRole('region', { name: 'Newest calls' }).getByRole('link');
    const hrefs = await calls.evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    assert.deepEqual(
      hrefs.map((href) => href?.slice(0, 14)),
      ['?call=b0000002', '?call=b0000001'],
    );
  });

  it('is acknowledged by keyboard under a name that is asked for once, and taken back', async () => {
    const { page } = watched;
    await button('Acknowledge').focus();
    await page.keyboard.press('Enter');
    const name = page.getByLabel('Your name');
    await name.and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Escape');
    await name.waitFor({ state: 'detached' });
    await button('Acknowledge').and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    await name.and(page.locator(':focus')).waitFor();
    await page.keyboard.type('Anna');
    await page.keyboard.press('Enter');
    await state(/^Acknowledged by Anna/).waitFor();
    assert.equal((await until(({ acknowledged }) => acknowledged !== null)).acknowledged?.by, 'Anna');
    await button('Undo').click();
    await until(({ acknowledged }) => acknowledged === null);
    await page.reload();
    await button('Acknowledge').click();
    await state(/^Acknowledged by Anna/).waitFor();
    assert.equal((await until(({ acknowledged }) => acknowledged !== null)).acknowledged?.by, 'Anna');
  });

  it('takes a note', async () => {
    const { page } = watched;
    await button('Note').click();
    await page.getByLabel('Note', { exact: true }).fill('The nightly job changed it.');
    await button('Add note').click();
    await page.getByRole('region', { name: 'Notes' }).getByText('The nightly job changed it.').waitFor();
    const [note] = (await until(({ notes }) => notes.length === 1)).notes;
    assert.deepEqual([note?.by, note?.text], ['Anna', 'The nightly job changed it.']);
  });

  it('is muted for an hour, until the morning and until a time, and unmuted', async () => {
    const { page } = watched;
    await button('Mute').click();
    await button('1 h').click();
    await state(/^Muted until/).waitFor();
    const hour = (await until(({ muted }) => muted !== null)).muted;
    const length = Date.parse(hour?.until ?? '') - Date.parse(hour?.at ?? '');
    assert.ok(Math.abs(length - HOUR_MS) < 60_000, `${length} ms`);
    assert.equal(hour?.by, 'Anna');
    await button('Unmute').click();
    await until(({ muted }) => muted === null);

    await button('Mute').click();
    await button('Until tomorrow 09:00').click();
    const morning = (await until(({ muted }) => muted !== null)).muted?.until ?? '';
    const inNewYork = new Date(morning).toLocaleTimeString('en-GB', { timeZone: 'America/New_York' });
    assert.equal(inNewYork, '09:00:00');
    assert.ok(Date.parse(morning) > Date.now() + 8 * HOUR_MS && Date.parse(morning) < Date.now() + 34 * HOUR_MS);
    await button('Unmute').click();
    await until(({ muted }) => muted === null);

    await button('Mute').click();
    const noon = new Date(Date.now() + 30 * 24 * HOUR_MS).toISOString().slice(0, 11);
    await page.getByLabel(/^Until \(UTC/).fill(`${noon}12:00`);
    await button('Mute until then').click();
    const chosen = (await until(({ muted }) => muted !== null)).muted?.until ?? '';
    assert.equal(new Date(chosen).toLocaleTimeString('en-GB', { timeZone: 'America/New_York' }), '12:00:00');
  });

  it('has a test call put away', async () => {
    const { page } = watched;
    const calls = page.getByRole('region', { name: 'Newest calls' });
    await calls
      .getByRole('button', { name: /^Test call: put away/ })
      .first()
      .click();
    await calls.getByRole('button', { name: 'Put away', exact: true }).click();
    await page.getByText('1 test call put away').waitFor();
    const [gone] = (await until(({ calls }) => calls === 1)).put_away;
    assert.match(gone?.call_sid ?? '', /^b0000002/);
    assert.equal(gone?.by, 'Anna');
    await page.locator('.under-head').getByText('1 failed').waitFor();
    const left = calls.locator('.call-row');
    await left.nth(1).waitFor({ state: 'detached' });
    assert.match((await left.getByRole('link').getAttribute('href')) ?? '', /b0000001/);
  });

  it('says in place why an action was refused', async () => {
    const { page } = watched;
    const problem = { type: 'urn:sipwhy:problem:closed', status: 409, detail: 'Somebody was faster.' };
    await page.route('**/resolve', (route) => route.fulfill({ status: 409, json: problem }), { times: 1 });
    await button('Resolve').click();
    const form = page.getByRole('form', { name: 'Resolve' });
    await form.getByRole('button', { name: 'Resolve' }).click();
    await form.getByRole('alert').getByText('Somebody was faster.').waitFor();
    await form.getByRole('button', { name: 'Cancel' }).click();
  });

  it('is resolved, and then tells first that it is closed, by whom, with its fix folded', async () => {
    const { page } = watched;
    await button('Resolve').click();
    await page.getByRole('form', { name: 'Resolve' }).getByRole('button', { name: 'Resolve' }).click();
    await state(/^Closed .* by Anna\.$/).waitFor();
    const closed = await until((incident) => incident.state === 'closed');
    assert.equal(closed.closed_because, 'resolved_by_hand');
    const after = await page.locator('.page-head + *').innerText();
    assert.match(after, /^Closed/);
    assert.equal(await page.getByRole('region', { name: 'Fix', exact: true }).isVisible(), false);
    assert.equal(await page.locator('.under-head .bad').count(), 0);
    for (const name of ['Acknowledge', 'Mute', 'Resolve']) assert.equal(await button(name).count(), 0, name);
  });

  it('was handled without an error, a dialog of the browser, or a request to elsewhere', () => {
    assert.deepEqual(watched.troubles, []);
  });
});
