import { mkdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { PATIENCE_MS } from '../machineSpeed.ts';

/** Where CI picks up what the pages looked like. */
const ARTIFACTS = fileURLToPath(new URL('../../artifacts/', import.meta.url));

export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    timeout: PATIENCE_MS,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--no-default-browser-check',
    ],
  });
}

/** A page of the browser that notes all that must not happen on it. */
export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors, violations of the content security policy, dialogs, and requests to elsewhere. */
  readonly troubles: string[];
}

export async function openPage(
  browser: Browser,
  origin: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Watched> {
  const context = await browser.newContext({ baseURL: origin, viewport: { width: 1200, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    const text = message.text();
    // An answer that is no success is a matter of the test that asks for it.
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) troubles.push(`console: ${text}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url())) troubles.push(request.url());
  });
  return { page, context, troubles };
}

/** Keeps what the whole page looks like. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: `${ARTIFACTS}${name}.png`, fullPage: true });
}

/** A field of a form by its name. */
export function fieldOf(page: Page, name: string): Locator {
  return page.getByRole('combobox', { name, exact: true }).or(page.getByRole('textbox', { name, exact: true }));
}

/** How long, in milliseconds, a view is waited for before it is loaded again: a busy service refuses a page for a moment. */
const LOADED_WITHIN_MS = 30_000;

/** Goes to a view and waits until it shows what it asked for. */
export async function show(page: Page, path: string): Promise<void> {
  const hasLoaded = async () => {
    await page.goto(path);
    const heading = page.locator('main h1').waitFor({ timeout: LOADED_WITHIN_MS });
    return heading.then(
      () => true,
      () => false,
    );
  };
  await eventually(`the heading of ${path}`, hasLoaded);
  await page.locator('.loading, [aria-busy=true]').first().waitFor({ state: 'detached' });
}

/** Opens everything that is folded. */
export async function unfold(page: Page): Promise<void> {
  await page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true");
}

/** Asks the page again and again until it is so. */
export async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come about`);
    await setTimeout(50);
  }
}
