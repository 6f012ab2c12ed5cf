import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { SBC } from '../test/core/scenario.ts';
import { openPage, show, startBrowser } from '../test/page/browser.ts';
import { startService } from '../test/page/pageProcess.ts';
import { postThirteenFaults, THIRTEEN_FAULTS } from '../test/page/thirteenIncidents.ts';

// Takes the pictures in docs/screenshots from a real service with thirteen incidents at once: each view on a laptop in
// light and dark, and on a phone. Times in them are those of the run.

const INTO = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));
const LIMIT_BYTES = 150 * 1024;
const LAPTOP = { width: 1280, height: 800 };
const MODES = {
  light: { viewport: LAPTOP, colorScheme: 'light' },
  dark: { viewport: LAPTOP, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
} as const;

const service = await startService({ livekit: THIRTEEN_FAULTS, env: { JAMBONZ_SBC_ADDRESSES: SBC } });
const browser = await startBrowser();
try {
  await postThirteenFaults(service);
  const { incidents } = await service.until<{ incidents: { id: string; last_call: { call_sid: string } }[] }>(
    'incidents',
    ({ incidents }) => incidents.length > 0,
  );
  const [first] = incidents;
  const views: Record<string, [path: string, isShown: string]> = {
    home: ['/', 'table.incidents'],
    incident: [`/?view=incidents&incident=${first?.id}`, '.card:has-text("allowed_numbers"):has-text("Passes")'],
    call: [`/?call=${first?.last_call.call_sid}`, '.ladder svg'],
    audit: ['/?view=audit', 'main details'],
    check: [
      `/?view=check&to=${encodeURIComponent('sip:+15550100@lab.sip.livekit.cloud')}&from=%2B15550123`,
      '.card-fix',
    ],
  };
  for (const name of readdirSync(INTO)) rmSync(join(INTO, name));
  for (const [view, [path, isShown]] of Object.entries(views)) {
    for (const [mode, options] of Object.entries(MODES)) {
      const { page, context } = await openPage(browser, service.origin, options);
      await show(page, path);
      await page.locator(isShown).first().waitFor();
      await take(page, `${view}-${mode}`);
      await context.close();
    }
  }
} finally {
  await browser.close();
  await service.stop();
}

async function take(page: Page, name: string): Promise<void> {
  await page.getByText('live', { exact: true }).waitFor({ state: 'attached' });
  const file = join(INTO, `${name}.png`);
  await page.screenshot({ path: file });
  const { size } = statSync(file);
  process.stdout.write(`${name}.png: ${size} bytes\n`);
  if (size > LIMIT_BYTES) throw new Error(`${file} has more than ${LIMIT_BYTES} bytes: show less of the page`);
}
