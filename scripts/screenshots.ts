import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { callerNotAllowed } from '../src/core/diagnose/causes/matching/caller_not_allowed.ts';
import { incident } from '../src/demo/firstIncident.ts';
import { openPage, show, startBrowser } from '../test/page/browser.ts';
import { callOf } from '../test/page/pageCalls.ts';
import { startService } from '../test/page/pageProcess.ts';

// Takes the pictures in docs/screenshots from a real service: calls connect, a change of the trunk refuses their
// callers, the incident that led to sipwhy follows, and the change is undone. Times in them are those of the run.

const INTO = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));
const LIMIT_BYTES = 100 * 1024;
const SCREEN = { width: 1000, height: 640 };
const PHONE = { width: 390, height: 780 };

const CALLED = 'sip:4991874350352@lab.sip.livekit.cloud';
const TAG = { sipwhy: { auth_username: 'livekit_client' } };
/** The page shows a title with a capital letter. */
const NOT_ALLOWED = new RegExp(callerNotAllowed.title, 'i');
const CALL = JSON.parse(incident.webhooks[2]?.body ?? '{}').call_sid;

const connects = (name: string, from: string) =>
  callOf(name, { to: CALLED, from, tag: TAG, ringing: [90], response: [200, 'OK', 700] });
const isRefused = (name: string, from: string) =>
  callOf(name, { to: CALLED, from, tag: TAG, ringing: [90], response: [404, 'Not Found', 180] });

/** The incident's configuration with other callers allowed; none listed are all. */
function allowing(...callers: string[]): object {
  const text = JSON.stringify(incident.livekit);
  return JSON.parse(
    text.replace('"allowed_numbers":["4991874350352"]', `"allowed_numbers":${JSON.stringify(callers)}`),
  );
}

const service = await startService({
  livekit: allowing(),
  env: {
    LIVEKIT_URL: incident.livekit_url ?? '',
    JAMBONZ_SBC_ADDRESSES: '54.236.168.131',
    LIVEKIT_REFRESH_SECONDS: '5',
  },
});
const browser = await startBrowser();
try {
  await Promise.all(['1', '2', '3'].map((n) => service.post(connects(`000000${n}`, `+44163296000${n}`))));
  await service.configure(allowing('4991874350352'));
  await service.until<{ versions: unknown[] }>('trunks/history', ({ versions }) => versions.length === 2);
  await setTimeout(4_000);
  for (let n = 10; n < 18; n += 1) await service.post(isRefused(`00000${n}`, `+4416329600${10 + (n % 5)}`));
  await service.until<{ incidents: { calls: number }[] }>('incidents', ({ incidents }) => incidents[0]?.calls === 8);
  await take('failures', SCREEN, 'light', '/', (page) => page.locator('table.calls').waitFor());

  await service.post(incident.webhooks);
  const isExplained = ({ attempts }: { attempts: unknown[] }) => attempts.length > 0;
  await service.until(`calls/${CALL}`, isExplained);
  await take('call-dark-phone', PHONE, 'dark', `/?call=${CALL}`);
  await take('call', { width: 1000, height: 900 }, 'light', `/?call=${CALL}`, (page) =>
    page.locator('#said').evaluate((heading) => heading.scrollIntoView()),
  );

  await service.configure(allowing());
  const isClosed = ({ incidents }: { incidents: unknown[] }) => incidents.length > 0;
  await service.until('incidents?state=closed', isClosed);
  await service.post(connects('0000004', '+441632960011'));
  await take('after-fix', { width: 1000, height: 540 }, 'light', '/?view=incidents', async (page) => {
    await page.getByRole('article', { name: NOT_ALLOWED }).getByText('The next call').waitFor();
    await page.getByRole('link', { name: NOT_ALLOWED }).click();
    await page.locator('table.calls').waitFor();
  });
} finally {
  await browser.close();
  await service.stop();
}

async function take(
  name: string,
  viewport: { width: number; height: number },
  colorScheme: 'light' | 'dark',
  path: string,
  prepare: (page: Page) => Promise<unknown> = async () => {},
): Promise<void> {
  const { page, context } = await openPage(browser, service.origin, { viewport, colorScheme });
  await show(page, path);
  await prepare(page);
  await page.getByText('live', { exact: true }).waitFor();
  const file = join(INTO, `${name}.png`);
  await page.screenshot({ path: file });
  await context.close();
  const { size } = statSync(file);
  process.stdout.write(`${name}.png: ${size} bytes\n`);
  if (size > LIMIT_BYTES) throw new Error(`${file} has more than ${LIMIT_BYTES} bytes: show less of the page`);
}
