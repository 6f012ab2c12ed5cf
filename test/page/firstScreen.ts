import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';

/** A laptop's screen and a phone's. */
export const SCREENS = { laptop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

/** That all of it is seen before anybody scrolls. */
export async function isOnFirstScreen(page: Page, what: Locator): Promise<void> {
  assert.equal(await page.evaluate('scrollY'), 0);
  await what.waitFor();
  const [box, screen] = [await what.boundingBox(), page.viewportSize()];
  assert.ok(box && screen, 'it is shown');
  const at = `${JSON.stringify(box)} on ${JSON.stringify(screen)}`;
  assert.ok(box.width > 0 && box.height > 0 && box.x >= 0 && box.y >= 0, at);
  assert.ok(box.x + box.width <= screen.width && box.y + box.height <= screen.height, at);
}
