import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { CALLED, CALLER, rule, trunk } from '../core/scenario.ts';
import { openPage, show, startBrowser, type Watched } from './browser.ts';
import { callOf } from './pageCalls.ts';
import { type Service, startService } from './pageProcess.ts';

const OTHER = '+15550111';
const LIVEKIT = { inbound_trunks: [trunk()], dispatch_rules: [rule()] };
const NARROWED = { ...LIVEKIT, inbound_trunks: [trunk({ numbers: [OTHER] })] };

describe('what will happen to calls, on the page', () => {
  let service: Service;
  let browser: Browser;
  let watched: Watched;
  before(async () => {
    service = await startService({ livekit: LIVEKIT, env: { LIVEKIT_REFRESH_SECONDS: '5' } });
    browser = await startBrowser();
    watched = await openPage(browser, service.origin, { viewport: { width: 1280, height: 800 } });
    await service.post(callOf('0000001', { ringing: [90], response: [200, 'OK', 400] }));
    await service.until<{ calls: unknown[] }>('calls?outcome=connected', ({ calls }) => calls.length === 1);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  it('a changed configuration is checked with all recent calls', async () => {
    const { page } = watched;
    // The kinds of calls are stored every ten seconds.
    await service.until<{ versions: unknown[] }>('trunks/history', ({ versions }) => versions.length === 1);
    await show(page, '/?view=check');
    await page.getByText('What would a changed configuration do to recent calls?').click();
    const field = page.getByLabel('inbound_trunks or dispatch_rules as they would be');
    const check = page.getByRole('button', { name: 'Check all recent calls' });
    await field.fill('{"trunks": []}');
    await check.click();
    await page.getByText(/^unknown field trunks/).waitFor();
    await field.fill(JSON.stringify({ inbound_trunks: NARROWED.inbound_trunks }));
    const answered = page.getByText(/Calls would fail: .* the only kind of calls seen/);
    for (let tries = 0; tries < 300 && (await answered.count()) === 0; tries += 1) {
      await check.click();
      await page.waitForTimeout(1_000);
    }
    assert.equal(await answered.count(), 1);
  });

  it('a predicted incident is on top of the home page, with what changed, the fix and the way back', async () => {
    const { page } = watched;
    await service.configure(NARROWED);
    const { incidents } = await service.until<{ incidents: { id: string }[] }>(
      'incidents/predicted',
      (answer) => answer.incidents.length === 1,
    );
    await show(page, `/?predicted=${incidents[0]?.id}`);
    const section = page.getByRole('region', { name: 'Predicted incidents' });
    await section.getByRole('heading', { name: '1 predicted incident: no call needs to have failed yet' }).waitFor();
    const text = await section.innerText();
    assert.match(text, /Calls would fail: .*\s+first\s+1 of 1 kind of calls, 1 calls? a day, 100 %/);
    assert.match(
      text,
      new RegExp(`What changed\\s+numbers of ST_1 changed from \\[\\${CALLED}\\] to \\[\\${OTHER}\\]`),
    );
    assert.match(text, new RegExp(`any other caller → sip:\\${CALLED}@`));
    assert.match(text, new RegExp(`Add \\${CALLED}`));
    assert.doesNotMatch(text, new RegExp(`\\${CALLER}`), 'a caller that stands for others is not named');
    const box = await section.boundingBox();
    assert.ok((box?.y ?? 800) < 400, 'above the incidents');
  });

  it('goes away once somebody says that the change was meant', async () => {
    const { page } = watched;
    await page.getByRole('button', { name: 'The change was meant' }).click();
    await page.getByText('This predicted incident is closed.').waitFor();
    const { incidents } = await service.until<{ incidents: { closed_because: string }[] }>(
      'incidents/predicted?state=closed',
      (answer) => answer.incidents.length === 1,
    );
    assert.equal(incidents[0]?.closed_because, 'resolved_by_hand');
  });
});
