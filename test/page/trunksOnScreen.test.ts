import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { eventually, openPage, show, startBrowser, type Watched } from './browser.ts';
import { type Service, startService } from './pageProcess.ts';

const FINE = 14;
const OPEN = 5;
const ADDRESS = '192.0.2.10';
const URI = 'sip:+441632960099@sip.example.com';
const LAPTOP = { width: 1280, height: 800 };

const rule = (id: string, trunks: string[]) => ({
  sip_dispatch_rule_id: id,
  rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
  trunk_ids: trunks,
});
const trunk = (id: string, name: string, settings: object) => ({
  sip_trunk_id: id,
  name,
  allowed_addresses: [ADDRESS],
  ...settings,
});
const fine = Array.from({ length: FINE }, (_, i) =>
  trunk(`ST_fine_${i}`, `branch-${i}`, { numbers: [`+4416329601${10 + i}`] }),
);
/** Each accepts calls from every address. */
const open = Array.from({ length: OPEN }, (_, i) =>
  trunk(`ST_open_${i}`, `open-${i}`, { numbers: [`+4416329602${10 + i}`], allowed_addresses: [] }),
);
const closed = trunk('ST_own', 'desk', { numbers: ['+441632960099'], allowed_numbers: ['+441632960099'] });
const LIVEKIT = {
  inbound_trunks: [...fine, ...open, closed],
  dispatch_rules: [...fine, ...open, closed].map(({ sip_trunk_id: id }) => rule(`SDR_${id}`, [id])),
};

describe('trunks and checks on a laptop’s screen', () => {
  let service: Service;
  let browser: Browser;
  let watched: Watched;
  before(async () => {
    const env = { LIVEKIT_SIP_HOST: 'sip.example.com', JAMBONZ_SBC_ADDRESSES: ADDRESS };
    service = await startService({ livekit: LIVEKIT, env });
    browser = await startBrowser();
    watched = await openPage(browser, service.origin, { viewport: LAPTOP });
    await service.until<{ trunks: unknown[] }>('trunks', ({ trunks }) => trunks.length > 0);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  const bottomOf = async (page: Page, selector: string) => {
    const box = await page.locator(selector).first().boundingBox();
    assert.ok(box, selector);
    return box.y + box.height;
  };

  it('lists findings first, the most severe on top, one in many trunks as one row', async () => {
    const { page } = watched;
    await show(page, '/?view=audit');
    const rows = page.locator('.fold-findings > li > details > summary');
    const texts = await rows.allInnerTexts();
    assert.match(texts[0] ?? '', /critical:.*own numbers.*desk/s);
    const grouped = texts.filter((text) => /every address/.test(text));
    assert.equal(grouped.length, 1);
    assert.match(grouped[0] ?? '', /5 trunks.*open-0/s);
    assert.ok((await bottomOf(page, '.fold-findings')) < LAPTOP.height);
  });

  it('folds the trunks without findings in one line, which the filter narrows', async () => {
    const { page } = watched;
    await show(page, '/?view=audit');
    const line = page.getByText(`${FINE} trunks without findings`);
    assert.equal(await page.getByText('branch-3').isVisible(), false);
    await line.click();
    const shown = page.getByRole('row').filter({ hasText: 'branch-' });
    assert.equal(await shown.count(), FINE);
    await page.getByLabel('Filter').fill('+441632960113');
    await eventually('one trunk', async () => (await shown.count()) === 1);
    assert.match(await shown.innerText(), /branch-3.*ST_fine_3.*\+441632960113.*192\.0\.2\.10/s);
    assert.match(page.url(), /q=%2B441632960113/);
  });

  it('opens a finding to its fix, whose command is copied whole, and to its runbook', async () => {
    const { page } = watched;
    await show(page, '/?view=audit');
    const first = page.locator('.fold-findings > li').first();
    await first.locator('summary').first().click();
    await first
      .getByRole('button', { name: /^Copy: command/ })
      .first()
      .click();
    await first.getByText('Copied ✓').waitFor();
    const copied = (await page.evaluate('navigator.clipboard.readText()')) as string;
    assert.match(copied, /^(lk|curl) /);
    assert.match(copied, /ST_own/);
    assert.match(copied, /allowed_numbers/);
    const href = await first.getByRole('link', { name: 'Runbook' }).getAttribute('href');
    assert.equal((await page.request.get(`${service.origin}/${href}`)).status(), 200);
  });

  it('answers a check on one screen: the fix with its command, and what decided', async () => {
    const { page } = watched;
    await show(page, '/?view=check');
    await page.getByLabel(/^To:/).fill(URI);
    await page.getByLabel('From', { exact: true }).fill('+441632960001');
    await page.getByLabel(/^To:/).press('Enter');
    await page.getByRole('heading', { name: 'It would not connect' }).waitFor();
    assert.ok((await bottomOf(page, 'article.answer')) <= LAPTOP.height);
    const matching = page.getByRole('region', { name: 'LiveKit’s matching' });
    const refusing = matching.locator('.values > div').filter({ has: page.locator('.verdict-fail') });
    assert.deepEqual(
      (await refusing.locator('dt').allInnerTexts()).map((name) => name.trim()),
      ['Trunk', 'allowed_numbers'],
    );
    assert.match(await refusing.last().innerText(), /\+441632960001 isn’t in \[\+441632960099\]/);
    await matching.getByText(`${FINE + OPEN} other trunks`).waitFor();
    assert.ok(
      await page
        .getByRole('button', { name: /^Copy: command/ })
        .first()
        .isVisible(),
    );
  });

  it('keeps a check in the address, without the password of a dial verb', async () => {
    const { page } = watched;
    await show(page, '/?view=check');
    const auth = { username: 'desk', password: 'hush-hush' };
    await page.getByLabel(/^To:/).fill(JSON.stringify({ verb: 'dial', target: [{ type: 'sip', sipUri: URI, auth }] }));
    await page.getByLabel('From', { exact: true }).fill('+441632960001');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByRole('heading', { name: 'It would not connect' }).waitFor();
    assert.doesNotMatch(page.url(), /hush/);
    await page.reload();
    await page.getByRole('heading', { name: 'It would not connect' }).waitFor();
    assert.equal(await page.getByLabel('From', { exact: true }).inputValue(), '+441632960001');
    assert.match(await page.getByLabel(/^To:/).inputValue(), /"username": "desk"/);
  });

  it('says at its field what is wrong with a question', async () => {
    const { page } = watched;
    await show(page, '/?view=check');
    await page.getByLabel(/^To:/).fill(URI);
    await page.getByLabel('Source address').fill('nowhere');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    const source = page.getByLabel('Source address');
    await eventually('the fault', async () => (await source.getAttribute('aria-invalid')) === 'true');
    assert.match(await page.locator('.field-source').innerText(), /source must be an IP address/);
  });

  it('was shown without an error', () => assert.deepEqual(watched.troubles, []));
});
