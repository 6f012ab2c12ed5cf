import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { SBC } from '../core/scenario.ts';
import { eventually, fieldOf, keepScreenshot, openPage, show, startBrowser, type Watched } from './browser.ts';
import { type Service, startService } from './pageProcess.ts';
import { FAULTS, postThirteenFaults, THIRTEEN_FAULTS } from './thirteenIncidents.ts';

const LAPTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

interface Listed {
  readonly party: string;
  readonly id: string;
  readonly cause: string;
  readonly last_call: { readonly call_sid: string };
}

describe('home with thirteen incidents', () => {
  let service: Service;
  let browser: Browser;
  let watched: Watched;
  let incidents: readonly Listed[];
  before(async () => {
    service = await startService({ livekit: THIRTEEN_FAULTS, env: { JAMBONZ_SBC_ADDRESSES: SBC } });
    browser = await startBrowser();
    await postThirteenFaults(service);
    ({ incidents } = await service.until<{ incidents: readonly Listed[] }>('incidents?limit=50', () => true));
    watched = await openPage(browser, service.origin, { viewport: LAPTOP });
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  const rows = (page: Page) => page.locator('table.incidents tbody tr');
  const idOf = (cause: string) => {
    const found = incidents.find((incident) => incident.cause === cause);
    assert.ok(found, cause);
    return found;
  };
  const act = async (cause: string, action: string, body: object) => {
    const answer = await fetch(`${service.origin}/api/v1/incidents/${idOf(cause).id}/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.equal(answer.status, 200, await answer.text());
  };

  it('has each of the faults', () => {
    assert.deepEqual(incidents.map(({ cause }) => cause).toSorted(), FAULTS.map(({ cause }) => cause).toSorted());
  });

  it('shows all of them on a laptop’s screen, with room for two more', async () => {
    const { page } = watched;
    await show(page, '/');
    await eventually('thirteen rows', async () => (await rows(page).count()) === 13);
    const boxes = await Promise.all((await rows(page).all()).map((row) => row.boundingBox()));
    const ends = boxes.map((box) => (box?.y ?? 0) + (box?.height ?? 0));
    const height = Math.max(...boxes.map((box) => box?.height ?? 0));
    assert.ok(Math.min(...boxes.map((box) => box?.y ?? -1)) > 0);
    assert.ok(Math.max(...ends) + 2 * height <= LAPTOP.height, `rows end at ${Math.max(...ends)}, each ${height} high`);
    await keepScreenshot(page, 'home');
  });

  it('orders them by impact, and says owner, trunk by name, failed calls and share of traffic', async () => {
    const { page } = watched;
    const failed = (await page.locator('table.incidents td.failed').allInnerTexts()).map(Number);
    assert.deepEqual(
      failed,
      FAULTS.map(({ calls }) => calls).toSorted((a, b) => b - a),
    );
    // 9 of 49 calls that failed and 30 that connected.
    assert.match(
      (await rows(page).first().innerText()).replaceAll(/\s+/g, ' '),
      /^The caller isn’t in the trunk’s allowed_numbers LiveKit config Jambonz Inbound 9 11 % /,
    );
    assert.match(await page.locator('.success').innerText(), /38 %\s*connected, last 15 min/);
    assert.equal(
      await page
        .locator('.success svg .bars-failed')
        .getAttribute('d')
        .then((d) => (d ?? '').length > 0),
      true,
    );
  });

  it('is sorted by its columns, as the address says', async () => {
    const { page } = watched;
    await page.getByRole('link', { name: 'Last', exact: true }).click();
    await page.waitForURL((url) => url.search === '?sort=last');
    assert.equal(await page.getByRole('columnheader', { name: /^Last/ }).getAttribute('aria-sort'), 'descending');
    const { incidents: latest } = await service.until<{ incidents: readonly Listed[] }>(
      'incidents?state=open&sort=last&limit=50',
      () => true,
    );
    await eventually('the latest first', async () => {
      const href = await rows(page).first().getByRole('link').getAttribute('href');
      return href?.includes(String(latest[0]?.id)) ?? false;
    });
    await page.getByRole('link', { name: 'Failed', exact: true }).click();
    await page.waitForURL(`${service.origin}/`);
  });

  it('filters incidents and calls alike', async () => {
    const { page } = watched;
    await show(page, '/');
    await fieldOf(page, 'Owner').selectOption('jambonz');
    await eventually('three rows', async () => (await rows(page).count()) === 3);
    await fieldOf(page, 'Trunk').fill('ST_5');
    await fieldOf(page, 'Status').fill('482');
    await eventually('one row', async () => (await rows(page).count()) === 1);
    await page.waitForURL((url) => url.search === '?party=jambonz&trunk=ST_5&status=482');
    await page.getByRole('link', { name: 'Calls', exact: true }).last().click();
    const calls = page.locator('table.calls tbody tr');
    await eventually('one call', async () => (await calls.count()) === 1);
    assert.equal(await fieldOf(page, 'Owner').inputValue(), 'jambonz');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await eventually('every failed call', async () => (await calls.count()) === 49);
  });

  it('shows what people do about an incident: acknowledged, muted last of all, closed for a while', async () => {
    const { page } = watched;
    await show(page, '/');
    await act('trunk_conflict', 'acknowledge', { by: 'Ann' });
    await act('caller_not_allowed', 'mute', { by: 'Ann', until: '+2h' });
    await act('dns_failure', 'resolve', { by: 'Ann' });
    const row = (title: string) => rows(page).filter({ hasText: title });
    await row('Two trunks match').locator('.dot-acknowledged').waitFor();
    await row('Two trunks match').getByText('acknowledged by Ann').first().waitFor();
    await row('The caller isn’t in').locator('.dot-muted').waitFor();
    await row('The host that the SBC tried last does not resolve').locator('.dot-closed').waitFor();
    await page.locator('.success').getByText('12', { exact: true }).waitFor();
    const titles = await rows(page).getByRole('link').allInnerTexts();
    assert.deepEqual(
      [titles[0], titles.at(-2), titles.at(-1)],
      [
        'Two trunks match',
        'The caller isn’t in the trunk’s allowed_numbers',
        'The host that the SBC tried last does not resolve',
      ],
    );
    await fieldOf(page, 'State').selectOption('closed');
    await eventually('the closed one alone', async () => (await rows(page).count()) === 1);
  });

  it('finds a call by / and its call_sid, and lists the calls of a number', async () => {
    const { page } = watched;
    await show(page, '/');
    const { call_sid } = idOf('jambonz_loop').last_call;
    await page.keyboard.press('/');
    await page.keyboard.type(call_sid);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('call') === call_sid);
    await page.getByRole('heading', { level: 1, name: 'The call looped back to Jambonz' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('5550199');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('q') === '5550199');
    await eventually('its two calls', async () => (await page.locator('table.calls tbody tr').count()) === 2);
  });

  it('is read by keys: j and k go through the rows, ? lists the keys', async () => {
    const { page } = watched;
    await show(page, '/');
    const focused = () => page.evaluate('document.activeElement.textContent') as Promise<string>;
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    assert.equal(await focused(), await rows(page).nth(1).getByRole('link').innerText());
    await page.keyboard.press('k');
    assert.equal(await focused(), await rows(page).first().getByRole('link').innerText());
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });

  it('keeps the rows in their places while they are read, however the impact changes', async () => {
    const { page } = watched;
    await show(page, '/');
    const titles = () => rows(page).getByRole('link').allInnerTexts();
    const before = await titles();
    await rows(page).nth(2).hover();
    await act('trunk_conflict', 'mute', { until: '+2h' });
    await rows(page).filter({ hasText: 'Two trunks match' }).locator('.dot-muted').waitFor();
    assert.deepEqual(await titles(), before);
    await page.mouse.move(0, 0);
    await eventually(
      'the new order',
      async () => (await titles())[0] === 'The trunk requires credentials, but none were sent',
    );
  });

  it('says its times in the zone that was chosen, and remembers it', async () => {
    const { page, context } = await openPage(browser, service.origin, { timezoneId: 'Asia/Kolkata' });
    await show(page, '/?tab=calls');
    const time = page.locator('table.calls time').first();
    const at = new Date((await time.getAttribute('datetime')) ?? '');
    const shown = async () => (await time.innerText()).slice(0, 5);
    const inZone = (minutes: number) => new Date(at.getTime() + minutes * 60_000).toISOString().slice(11, 16);
    assert.equal(await shown(), inZone(330));
    await page.getByRole('button', { name: 'Times are local, UTC+5:30. Change to UTC.' }).click();
    assert.equal(await shown(), inZone(0));
    await page.reload();
    await page.getByRole('button', { name: /^Times are UTC/ }).waitFor();
    assert.equal(await shown(), inZone(0));
    await context.close();
  });

  for (const [screen, viewport] of Object.entries({ laptop: LAPTOP, phone: PHONE })) {
    it(`leads from each incident to its fix, which is on the first screen of a ${screen}`, async () => {
      const { page, context } = await openPage(browser, service.origin, { viewport });
      // A closed one has its fix folded.
      const open = await service.until<{ incidents: readonly Listed[] }>('incidents?state=open&limit=50', () => true);
      assert.ok(open.incidents.length >= 12);
      for (const { id, cause, party } of open.incidents) {
        await show(page, '/');
        await page.locator(`table.incidents a[href*="${id}"]`).click();
        const card = page.getByRole('region', { name: 'Fix', exact: true });
        await card.waitFor();
        assert.equal(await page.evaluate('scrollY'), 0, cause);
        // What to do is whole on the screen, and so is the beginning of what to run, three lines of it.
        const action = await card.locator('h2').boundingBox();
        assert.ok(action && action.y + action.height <= viewport.height, `${cause}: ${JSON.stringify(action)}`);
        const command = card.locator('.command pre').first();
        // What LiveKit's configuration mends has a command; what others own has steps, or a dial verb.
        if (!(await command.isVisible())) {
          assert.notEqual(party, 'livekit_config', `${cause} has no command`);
          continue;
        }
        const { y, height } = (await command.boundingBox()) ?? { y: Number.NaN, height: Number.NaN };
        assert.ok(y + Math.min(height, 60) <= viewport.height, `${cause}: ${y} ${height}`);
      }
      await context.close();
    });
  }

  it('has two lines a row on a phone, and scrolls only up and down', async () => {
    const { page, context } = await openPage(browser, service.origin, { viewport: PHONE });
    for (const path of ['/', '/?tab=calls', '/?state=all&status=503']) {
      await show(page, path);
      await page.locator('table.rows tbody tr').first().waitFor();
      const [content, room] = (await page.evaluate(
        '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
      )) as [number, number];
      assert.ok(content <= room, `${content} px in ${room} px on ${path}`);
      const boxes = await Promise.all(
        (await page.locator('table.rows tbody tr').all()).map((row) => row.boundingBox()),
      );
      assert.ok(Math.max(...boxes.map((box) => box?.height ?? 0)) < 60, path);
    }
    await page.getByRole('button', { name: /^Filters/ }).click();
    await fieldOf(page, 'Owner').waitFor();
    await keepScreenshot(page, 'home-phone');
    await context.close();
  });

  it('was shown without an error, a dialog, a breach of the policy, or a request to elsewhere', () => {
    assert.deepEqual(watched.troubles, []);
  });
});

describe('home without a call', () => {
  let service: Service;
  let browser: Browser;
  before(async () => {
    service = await startService({});
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
  });

  it('shows sample data, marked as such on every view, and leaves it again', async () => {
    const { page, context, troubles } = await openPage(browser, service.origin);
    await show(page, '/');
    await page.getByRole('link', { name: 'Show sample data' }).click();
    await page.getByText('Sample data: recorded calls, not yours.').waitFor();
    await page.locator('table.incidents .row-link').first().click();
    await page.waitForURL((url) => url.searchParams.has('incident') && url.searchParams.get('sample') === '1');
    await page.getByText('Sample data: recorded calls, not yours.').waitFor();
    await page.locator('.call-rows a').first().waitFor();
    await page.getByRole('link', { name: 'Leave sample data' }).click();
    await page.getByRole('heading', { level: 1, name: 'Connect Jambonz and LiveKit' }).waitFor();
    assert.equal(await page.getByText('Sample data: recorded calls').count(), 0);
    assert.deepEqual(troubles, []);
    await context.close();
  });
});
