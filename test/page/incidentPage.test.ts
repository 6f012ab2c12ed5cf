import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { incident } from '../../src/demo/firstIncident.ts';
import { fieldOf, keepScreenshot, openPage, startBrowser, unfold, type Watched } from './browser.ts';
import { type Service, startService } from './pageProcess.ts';

const CAUSES = ['sip_host_wrong', 'called_number_not_on_trunk', 'caller_not_allowed', 'auth_missing'];
const HEADLINE = 'The dialled host isn’t LiveKit’s SIP host';
/** What changes the trunk so that outside callers pass, as LiveKit's API takes it. */
const EMPTY_ALLOWED_NUMBERS = {
  sip_trunk_id: 'ST_GjeZjGQjrsvC',
  update: { allowed_numbers: { remove: ['4991874350352'] } },
};

/** The incident's configuration, mended in one of its faults. */
function withoutAllowedNumbers(): object {
  const text = JSON.stringify(incident.livekit);
  return JSON.parse(text.replace('"allowed_numbers":["4991874350352"]', '"allowed_numbers":[]'));
}

describe('the incident that sipwhy began with', () => {
  let service: Service;
  let browser: Browser;
  let watched: Watched;
  before(async () => {
    service = await startService({
      livekit: incident.livekit ?? {},
      env: { LIVEKIT_URL: incident.livekit_url ?? '', LIVEKIT_REFRESH_SECONDS: '5' },
    });
    browser = await startBrowser();
    watched = await openPage(browser, service.origin);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  it('finds an empty page that says how to connect, with the addresses to paste', async () => {
    const { page } = watched;
    await page.goto('/');
    await page.getByRole('heading', { level: 1, name: 'Connect Jambonz and LiveKit' }).waitFor();
    // The first step that is not done is open, the others are folded.
    await page.locator('.fold-steps details').first().waitFor();
    assert.deepEqual(
      await page.locator('.fold-steps li:has(> details[open])').evaluateAll((all) => all.map(({ id }) => id)),
      ['jambonz_webhook_seen'],
    );
    await unfold(page);
    for (const address of ['/jambonz/call-status#rc=3&rp=all', '/jambonz/dial-action', '/livekit/webhook']) {
      assert.ok(await page.getByText(`${service.origin}${address}`, { exact: true }).isVisible(), address);
    }
    await page.locator('#livekit_snapshot_read').getByText('done:').waitFor({ state: 'attached' });
    await keepScreenshot(page, 'empty');
  });

  it('appears by itself, with its cause and who must act', async () => {
    const { page } = watched;
    await service.post(incident.webhooks);
    const row = page.getByRole('row').filter({ hasText: HEADLINE });
    await row.waitFor();
    assert.match((await row.innerText()).replaceAll(/\s+/g, ' '), /Application Jambonz Inbound 1 100 %/);
    const news = page.locator('#news', { hasText: /sip host wrong|isn’t LiveKit’s SIP host/ });
    await news.waitFor({ state: 'attached' });
  });

  it('is filtered, by what stands in the address', async () => {
    const { page } = watched;
    await page.goto('/?tab=calls');
    const rows = page.locator('table.calls tbody tr');
    const steps: readonly (readonly [label: string, value: string, expected: 'it' | 'nothing', address: string])[] = [
      ['Cause', 'sip_host_wrong', 'it', 'cause=sip_host_wrong'],
      ['Owner', 'carrier', 'nothing', 'party=carrier'],
      ['Owner', 'application', 'it', 'party=application'],
      ['Outcome', 'connected', 'nothing', 'outcome=connected'],
      ['Outcome', 'all', 'it', 'outcome=all'],
      ['Number', '1632960000', 'nothing', 'number=1632960000'],
      ['Number', '15112345678', 'it', 'number=15112345678'],
      ['Trunk', 'ST_other', 'nothing', 'trunk=ST_other'],
      ['Trunk', 'ST_GjeZjGQjrsvC', 'it', 'trunk=ST_GjeZjGQjrsvC'],
      ['Status', '404', 'nothing', 'status=404'],
      ['Status', '503', 'it', 'status=503'],
      ['Time', '15m', 'it', 'last=15m'],
    ];
    for (const [label, value, expected, address] of steps) {
      const field = fieldOf(page, label);
      if (['Number', 'Trunk', 'Status'].includes(label)) await field.fill(value);
      else await field.selectOption(value);
      await page.waitForURL((url) => url.search.includes(address));
      if (expected === 'it') await rows.getByRole('link', { name: HEADLINE }).waitFor();
      else await page.getByText('No matching calls').waitFor();
    }
    await fieldOf(page, 'Time').selectOption('between');
    await page.getByLabel('From', { exact: true }).fill('2099-01-01T00:00');
    await page.waitForURL((url) => url.searchParams.get('since') === '2099-01-01T00:00');
    await page.getByText('No matching calls').waitFor();
    await page.getByLabel('From', { exact: true }).fill('2026-01-01T00:00');
    // The address alone brings the same view back.
    await page.reload();
    await rows.getByRole('link', { name: HEADLINE }).waitFor();
    assert.equal(await fieldOf(page, 'Cause').inputValue(), 'sip_host_wrong');
    assert.equal(await fieldOf(page, 'Number').inputValue(), '15112345678');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.waitForURL(`${service.origin}/?tab=calls`);
  });

  it('is explained one click on: every cause in order, with evidence, matching and ladder', async () => {
    const { page } = watched;
    await page.goto('/?tab=calls');
    await page.locator('table.calls').getByRole('link', { name: HEADLINE }).click();
    await page.getByRole('heading', { level: 1, name: HEADLINE }).waitFor();
    assert.match(page.url(), /\?call=d2a4c7b1-0c1b-4b58-8f0d-5f5a1d2e0b02$/);
    const main = page.getByRole('main');
    assert.deepEqual(await main.locator('code.tag').allInnerTexts(), [...CAUSES, 'source_address_not_allowed']);
    const facts = await main.locator('.under-head').first().innerText();
    assert.match(
      facts,
      /^Owner Application · 503 Service Unavailable · \+4915112345678 → call-afd968a1ba780364 · Jamb/,
    );
    assert.equal(await main.getByText('JAMBONZ_SBC_ADDRESSES').first().isVisible(), false, 'what is unknown is folded');
    await unfold(page);
    const text = await main.innerText();
    assert.match(text, /has the name in LIVEKIT_URL, not the project id/);
    assert.match(text, /✓ proven as far as known/);
    assert.match(text, /JAMBONZ_SBC_ADDRESSES/);
    assert.match(text, /The SBC’s address isn’t in the trunk’s allowed_addresses/);
    assert.match(
      text,
      /Caller experience\s+0\.\d s of silence or ring-back\s+For (about )?0\.\d s, until this attempt/,
    );
    assert.match(text, /LiveKit Cloud: the LIVEKIT_URL host is vocieagentpipelinetest-1z3kctsj\.livekit\.cloud/);
    assert.match(text, /Likely\s+The dialled host differs from the configured one/);
    const runbook = main.getByRole('link', { name: 'Runbook' });
    assert.equal(await runbook.getAttribute('href'), 'runbooks/sip_host_wrong');

    const trunk = page.getByRole('table', { name: /Trunk ST_GjeZjGQjrsvC/ });
    assert.match(await trunk.getByRole('row', { name: /allowed_numbers/ }).innerText(), /\+4915112345678[\s\S]*fails/);
    assert.match(await trunk.getByRole('row', { name: /allowed_addresses/ }).innerText(), /unknown/);

    assert.equal(await page.locator('.ladder svg').isVisible(), true);
    const said = page.getByRole('table', { name: 'Messages of the call, in order' });
    assert.match(await said.innerText(), /INVITE[\s\S]*503 Service Unavailable[\s\S]*Stopped here/);
    await keepScreenshot(page, 'call');
  });

  it('has its fix copied', async () => {
    const { page } = watched;
    const cause = page.locator('details', { hasText: /^The caller isn’t in the trunk’s allowed_numbers/ });
    await cause.getByRole('button', { name: /^Copy: .*curl/ }).click();
    await cause.getByText('Copied ✓').waitFor();
    // The page's own clipboard; the cast is what the browser has.
    const copied = (await page.evaluate('navigator.clipboard.readText()')) as string;
    assert.match(copied, /^curl .*UpdateSIPInboundTrunk/);
    assert.deepEqual(JSON.parse(/ -d '([^']+)'/.exec(copied)?.[1] ?? ''), EMPTY_ALLOWED_NUMBERS);
  });

  it('is saved for a ticket, with numbers masked unless asked for', async () => {
    const { page } = watched;
    const saved = async (button: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: button }).click(),
      ]);
      const chunks = await (await download.createReadStream()).toArray();
      return { name: download.suggestedFilename(), text: Buffer.concat(chunks).toString() };
    };
    const masked = await saved('Save Markdown');
    assert.equal(masked.name, 'call-d2a4c7b1-0c1b-4b58-8f0d-5f5a1d2e0b02.md');
    assert.match(masked.text, /sip_host_wrong/);
    assert.doesNotMatch(masked.text, /4915112345678/);
    await page.getByLabel('with full phone numbers').check();
    assert.match((await saved('Save Markdown')).text, /4915112345678/);
    assert.match((await saved('Save CSV')).text, /sip_host_wrong/);
    assert.equal(JSON.parse((await saved('Save JSON')).text).attempts[0].cause, 'sip_host_wrong');
  });

  it('has its cause within three clicks from a fresh start', async () => {
    const fresh = await openPage(browser, service.origin);
    await fresh.page.goto('/');
    await fresh.page.locator('table.incidents').getByRole('link', { name: HEADLINE }).click();
    await fresh.page.getByRole('region', { name: 'Newest calls' }).getByRole('link').click();
    await fresh.page.getByRole('link', { name: '← All calls of this incident' }).waitFor();
    assert.deepEqual(fresh.troubles, []);
    await fresh.context.close();
  });

  it('is found by a check of the dial verb, before the call', async () => {
    const { page } = watched;
    await page.getByRole('link', { name: 'Check' }).click();
    const dial = { verb: 'dial', target: [{ type: 'sip', sipUri: JSON.parse(incident.webhooks[2]?.body ?? '').to }] };
    await page.getByLabel(/^To:/).fill(JSON.stringify(dial));
    await page.getByLabel('From', { exact: true }).fill('+4915112345678');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByRole('heading', { name: 'It would not connect' }).waitFor();
    assert.deepEqual(
      await page
        .locator('.cause-card')
        .filter({ hasText: /\d of 4/ })
        .locator('code.tag')
        .allInnerTexts(),
      CAUSES,
    );
    await page.getByLabel(/^To:/).fill('{"verb": ');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page
      .getByRole('alert')
      .getByText(/^Not valid JSON/)
      .waitFor();
    assert.equal(await page.getByLabel(/^To:/).getAttribute('aria-invalid'), 'true');
    await keepScreenshot(page, 'check');
  });

  it('is seen in the audit of the trunks, and in the history', async () => {
    const { page } = watched;
    await page.getByRole('link', { name: 'Trunks' }).click();
    await page.getByText('allowed_numbers lists only the trunk’s own numbers').waitFor();
    await keepScreenshot(page, 'audit');
    await page.getByRole('link', { name: 'History' }).click();
    await page.getByText('First version').waitFor();
    await page.goto('/?view=history&from=1&to=99');
    await page.getByText('One of the two versions isn’t in the store').waitFor();
  });

  it('has the change that mends a part of it in the history, with the difference one click on', async () => {
    const { page } = watched;
    await service.configure(withoutAllowedNumbers());
    const isRead = ({ versions }: { versions: unknown[] }) => versions.length === 2;
    await service.until<{ versions: unknown[] }>('trunks/history', isRead);
    await page.goto('/?view=history');
    await page.getByText('allowed_numbers changed').click();
    await page.getByRole('link', { name: 'Versions 1 → 2' }).click();
    await page.getByRole('heading', { level: 1, name: 'From version 1 to version 2' }).waitFor();
    const change = 'allowed_numbers of ST_GjeZjGQjrsvC changed from [4991874350352] to []';
    await page.getByRole('listitem').filter({ hasText: change }).waitFor();
    await page.goto('/?view=history');
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.waitForURL((url) => url.search === '?view=history&from=1&to=2');
  });

  it('was shown without an error, a dialog, a breach of the policy, or a request to elsewhere', () => {
    assert.deepEqual(watched.troubles, []);
  });
});
