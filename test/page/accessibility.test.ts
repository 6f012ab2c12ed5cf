import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { incident } from '../../src/demo/firstIncident.ts';
import { keepScreenshot, openPage, show, startBrowser, unfold, type Watched } from './browser.ts';
import { type Service, startService } from './pageProcess.ts';

const CALL = 'd2a4c7b1-0c1b-4b58-8f0d-5f5a1d2e0b02';
const VIEWS = {
  home: '/',
  calls: '/?tab=calls&status=503',
  incident: '/?view=incidents&incident=',
  call: `/?call=${CALL}`,
  audit: '/?view=audit',
  check: '/?view=check',
  history: '/?view=history',
  setup: '/?view=setup',
  sample: '/?sample=1',
  unknown: '/?view=nothing',
};
const SCREEN = { width: 1200, height: 900 };
const PHONE = { width: 360, height: 740 };

describe('the page for everybody', () => {
  let service: Service;
  let browser: Browser;
  let watched: Watched;
  let incidentId: string;
  before(async () => {
    service = await startService({ livekit: incident.livekit ?? {}, env: { LIVEKIT_URL: incident.livekit_url ?? '' } });
    browser = await startBrowser();
    watched = await openPage(browser, service.origin);
    await service.post(incident.webhooks);
    await service.until<{ calls: unknown[] }>('calls?limit=1', ({ calls }) => calls.length > 0);
    const { incidents } = await service.until<{ incidents: { id: string }[] }>('incidents', () => true);
    incidentId = incidents[0]?.id ?? '';
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  const showWhole = async (page: Page, path: string) => {
    await show(page, path.endsWith('incident=') ? path + incidentId : path);
    if (path.includes('view=check')) {
      await page.getByLabel(/^To:/).fill('sip:+441632960001@lab.sip.livekit.cloud');
      await page.getByRole('button', { name: 'Check', exact: true }).click();
      await page.getByRole('heading', { name: 'It would not connect' }).waitFor();
    }
    await unfold(page);
  };

  const complaints = async (page: Page) => {
    // The cast is what axe answers.
    const { violations } = (await page.evaluate("axe.run({ resultTypes: ['violations'] })")) as axe.AxeResults;
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' ')}`);
  };

  for (const [view, path] of Object.entries(VIEWS)) {
    it(`${view} has nothing that axe complains about, light and dark, on a screen and on a phone, and fits both`, async () => {
      const { page, troubles } = watched;
      await page.setViewportSize(SCREEN);
      await showWhole(page, path);
      await page.evaluate(axe.source);
      // On a phone tables are no tables: that is another page to a screen reader.
      for (const [size, viewport] of Object.entries({ screen: SCREEN, phone: PHONE })) {
        await page.setViewportSize(viewport);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          assert.deepEqual(await complaints(page), [], `${colorScheme}, on a ${size}`);
          await keepScreenshot(page, `${view}-${colorScheme}-${size}`);
        }
        const [content, room] = (await page.evaluate(
          '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
        )) as [number, number];
        assert.ok(content <= room, `${content} px in ${room} px on a ${size}`);
      }
      assert.deepEqual(troubles, []);
    });
  }

  it('is walked by keyboard alone, from the skip link to a copied fix and back', async () => {
    const { page, context } = await openPage(browser, service.origin);
    const focused = () =>
      page.evaluate(
        "document.activeElement.tagName + ' ' + (document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent)",
      ) as Promise<string>;
    const tabTo = async (wanted: RegExp) => {
      for (let i = 0; i < 80; i += 1) {
        await page.keyboard.press('Tab');
        const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
        assert.notEqual(outline, 'none', `the focus is not seen on ${await focused()}`);
        if (wanted.test(await focused())) return;
      }
      assert.fail(`${wanted} was not reached; the focus is on ${await focused()}`);
    };
    await show(page, '/');
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'BUTTON Skip to content');
    await page.keyboard.press('Enter');
    assert.equal(await focused(), 'H1 Why calls fail');
    await tabTo(/^A The dialled host/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'The dialled host isn’t LiveKit’s SIP host' }).waitFor();
    assert.match(await focused(), /^H1 /);
    await tabTo(/^BUTTON Copy/);
    await page.keyboard.press('Enter');
    await page.getByText('Copied ✓').waitFor();
    assert.match((await page.evaluate('navigator.clipboard.readText()')) as string, /sip/);
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Why calls fail' }).waitFor();
    assert.equal(await focused(), 'H1 Why calls fail');
    await context.close();
  });

  it('keeps the theme that was chosen, and follows the system’s otherwise', async () => {
    const { page, context } = await openPage(browser, service.origin, { colorScheme: 'dark' });
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    await show(page, '/');
    const dark = await background();
    await page.getByRole('button', { name: /^Theme: auto/ }).click();
    const light = await background();
    assert.notEqual(light, dark);
    await page.reload();
    await page.getByRole('button', { name: /^Theme: light/ }).waitFor();
    assert.equal(await background(), light);
    await page.getByRole('button', { name: /^Theme: light/ }).click();
    await page.getByRole('button', { name: /^Theme: dark/ }).click();
    assert.equal(await background(), dark);
    assert.equal(await page.evaluate('localStorage.length'), 0);
    await context.close();
  });
});
