import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { callerOf, writeHistory } from '../../scripts/bench/storedHistory.ts';
import { replay } from '../../src/core/replay/replay.ts';
import { incident } from '../../src/demo/firstIncident.ts';
import { Store } from '../../src/store/store.ts';
import { clockLimitHere } from '../machineSpeed.ts';
import { eventually, fieldOf, openPage, startBrowser } from './browser.ts';
import { type Service, startService } from './pageProcess.ts';

const CALLS = 10_000;
/** What the first calls, and each further page, may take at most; on an idle machine it is a tenth of that. */
const LIMIT_MS = 10_000;
const ROWS_AT_MOST = 200;

describe(`the page with ${CALLS} calls`, () => {
  let service: Service;
  let browser: Browser;
  before(async () => {
    service = await startService({ livekit: incident.livekit ?? {}, prepare: fill });
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  it(`shows the newest within ${LIMIT_MS} ms, pages through them, and holds few rows`, async (test) => {
    const { page, context, troubles } = await openPage(browser, service.origin);
    const rows = page.locator('table.calls tbody tr');
    const began = performance.now();
    await page.goto('/?tab=calls');
    await rows.first().waitFor();
    const loaded = performance.now() - began;
    test.diagnostic(`the newest calls were there after ${Math.round(loaded)} ms`);
    assert.ok(loaded < (await clockLimitHere(LIMIT_MS, loaded)), `${loaded} ms`);
    const seen = new Set<string>();
    for (let i = 0; i < 10; i += 1) {
      const numbers = await page.locator('table.calls td.caller').allInnerTexts();
      assert.ok(numbers.length > 20 && numbers.length <= ROWS_AT_MOST, `${numbers.length} rows`);
      for (const number of numbers) {
        assert.equal(seen.has(number), false, `${number} was on a page before`);
        seen.add(number);
      }
      const step = performance.now();
      await page.keyboard.press('End');
      await page.getByRole('link', { name: 'Older calls' }).click();
      const first = page.locator('table.calls td.caller').first();
      await eventually('the next page', async () => (await first.innerText()) !== numbers[0]);
      const paged = performance.now() - step;
      assert.ok(paged < (await clockLimitHere(LIMIT_MS, paged)), `${paged} ms`);
    }
    assert.match(await page.locator('table.calls td.caller').first().innerText(), /./);
    await page.getByRole('link', { name: 'Newest' }).click();
    await rows.first().waitFor();
    await fieldOf(page, 'Number').fill('1632007777');
    await eventually('the one call', async () => (await rows.count()) === 1);
    assert.deepEqual(troubles, []);
    await context.close();
  });
});

describe('the page with more calls than one search looks through', () => {
  let service: Service;
  let browser: Browser;
  before(async () => {
    service = await startService({ prepare: (database) => writeHistory(database, 120_000) });
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  it('searches further back by itself, and says when there is nothing', async () => {
    const { page, context, troubles } = await openPage(browser, service.origin);
    await page.goto(`/?tab=calls&outcome=all&last=all&number=${callerOf(7)}`);
    await page.locator('table.calls tbody tr').first().waitFor();
    assert.equal(await page.locator('table.calls tbody tr').count(), 1);
    await page.goto('/?tab=calls&outcome=all&last=all&number=98989898');
    await page.getByText('No matching calls.').waitFor();
    assert.deepEqual(troubles, []);
    await context.close();
  });
});

/** Puts calls into a store, each like the incident's, from a number of its own. */
async function fill(database: string): Promise<void> {
  const [record] = replay(incident).records;
  if (!record) throw new Error('the incident has no attempt');
  const store = await Store.open(database);
  const start = Date.now() - CALLS * 1_000;
  for (let i = 0; i < CALLS; i += 500) {
    await store.calls.saveAttempts(
      Array.from({ length: 500 }, (_, j) => {
        const n = i + j;
        const number = `+441632${String(n).padStart(6, '0')}`;
        const id = `call-${n}`;
        return {
          id,
          callSid: id,
          callId: id,
          startedAt: start + n * 1_000,
          settledAt: start + n * 1_000 + 400,
          record: { ...record, id, callSid: id, from: number },
        };
      }),
    );
  }
  await store.close();
}
