import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openPage, show, startBrowser, type Watched } from './browser.ts';
import { type Service, startService } from './pageProcess.ts';

const LIVEKIT = {
  inbound_trunks: [
    { sip_trunk_id: 'ST_1', name: 'support', numbers: ['+441632960100'], allowed_numbers: ['+441632960001'] },
  ],
  dispatch_rules: [
    {
      sip_dispatch_rule_id: 'SDR_1',
      rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
      trunk_ids: ['ST_1'],
    },
  ],
};
const CALLS = `calls:
  - {name: known caller, to: "+441632960100", from: "+441632960001", expect: {trunk: support}}
  - {name: new caller, to: "+441632960100", from: "+441632960002", expect: {trunk: support}}
  - {name: stranger, to: "+441632960100", from: "+15550100", expect: refused}
`;

describe('the expected calls on the page of the trunks', () => {
  let folder: string;
  let service: Service;
  let browser: Browser;
  let watched: Watched;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sipwhy-expected-'));
    const file = join(folder, 'calls.yml');
    await writeFile(file, CALLS);
    service = await startService({ livekit: LIVEKIT, env: { EXPECTED_CALLS_FILE: file } });
    browser = await startBrowser();
    watched = await openPage(browser, service.origin, { viewport: { width: 1280, height: 800 } });
    await service.until<{ calls: unknown[] }>('expected-calls', ({ calls }) => calls.length > 0);
  });
  after(async () => {
    await browser?.close();
    await service?.stop();
    await rm(folder, { recursive: true });
  });

  it('are those that fail, each a row that opens to the difference, and the others folded', async () => {
    const { page } = watched;
    await show(page, '/?view=audit');
    const section = page.getByRole('region', { name: 'Expected calls' });
    await section.getByRole('heading', { name: '1 of 3 expected calls would not do what the file expects' }).waitFor();
    const rows = section.locator('.fold-expected > li');
    assert.equal(await rows.count(), 1);
    assert.match(await rows.innerText(), /new caller.*\+441632960002 → \+441632960100.*refused: caller_not_allowed/s);
    await rows.locator('summary').click();
    assert.match(await rows.innerText(), /Expected\s+trunk support/);
    assert.match(await rows.innerText(), /Why\s+It is refused\. Add the caller/);
    const fold = section.getByText('2 expected calls would do what the file expects');
    assert.equal(await section.getByText('known caller').isVisible(), false);
    await fold.click();
    await section.getByText('known caller').waitFor();
    assert.equal(await section.getByText('stranger').isVisible(), true);
  });
});
