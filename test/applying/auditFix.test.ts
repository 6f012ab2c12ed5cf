import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Store } from '../../src/store/store.ts';
import { rule, trunk } from '../core/scenario.ts';
import { FixingRun } from './fixingRun.ts';

let run: FixingRun;
afterEach(() => run.end());

/** A trunk that no rule leads on, and one with two addresses in one entry. */
const LIVEKIT = {
  inbound_trunks: [
    trunk({ sip_trunk_id: 'ST_1', numbers: ['+15550100'], allowed_addresses: ['192.0.2.1, 192.0.2.2'] }),
    trunk({ sip_trunk_id: 'ST_2', numbers: ['+15550142'] }),
  ],
  dispatch_rules: [rule({ trunk_ids: ['ST_1'] })],
};

function addressesNow(): unknown {
  const [first = {}] = run.configuration.inbound_trunks;
  return Reflect.get(first, 'allowed_addresses');
}

describe('sipwhy audit --fix', () => {
  it('lists the fixes with numbers, and changes nothing without a terminal', async () => {
    run = await FixingRun.of(LIVEKIT);
    const { status, text, json } = await run.auditFix();
    assert.equal(status, 0);
    assert.match(text, /^Findings with a fix that can be applied:\n {2}1\. \[\w+\] \w+: /);
    assert.match(
      text,
      /\n- allowed_addresses: \["192\.0\.2\.1, 192\.0\.2\.2"\]\n\+ allowed_addresses: \[192\.0\.2\.1, 192\.0\.2\.2\]\n/,
    );
    assert.match(text, /Nothing was changed\. Apply it in a terminal, or with --yes\.\n$/);
    assert.ok(Array.isArray(json.fixes) && json.fixes.length >= 2);
    assert.deepEqual(run.writes, []);
  });

  it('applies them one by one, and says that the findings are gone', async () => {
    run = await FixingRun.of(LIVEKIT);
    const before = run.served();
    const { status, text } = await run.auditFix({ answer: true, why: 'tidy' });
    assert.equal(status, 0, text);
    assert.deepEqual(addressesNow(), ['192.0.2.1', '192.0.2.2']);
    assert.match(text, /The audit no longer has this finding\.\n/);
    const store = await Store.open(run.store);
    const records = await store.applied.list(10);
    await store.close();
    assert.ok(records.length >= 1);
    for (const { why, by, subject, cause } of records) assert.deepEqual([why, by, subject], ['tidy', 'ada', cause]);
    for (const { id } of records) assert.equal((await run.undo(id)).status, 0);
    assert.equal(run.served(), before);
  });

  it('applies only the one that is chosen', async () => {
    run = await FixingRun.of(LIVEKIT);
    const { json } = await run.auditFix();
    const fixes: { number: number; action: string }[] = Object(json).fixes;
    const chosen = fixes.find(({ action }) => /allowed_addresses of ST_1/.test(action));
    assert.ok(chosen);
    const { status, text } = await run.auditFix({ choose: chosen.number, yes: true });
    assert.equal(status, 0, text);
    assert.deepEqual(run.writes, ['UpdateSIPInboundTrunk']);
    assert.deepEqual(addressesNow(), ['192.0.2.1', '192.0.2.2']);
    assert.equal((await run.auditFix({ choose: 99, yes: true })).status, 2);
  });

  it('refuses where somebody changes the trunk while it asks', async () => {
    run = await FixingRun.of({ ...LIVEKIT, inbound_trunks: LIVEKIT.inbound_trunks.slice(0, 1) });
    run.configuration.afterReading = (count) => {
      if (count !== 2) return;
      run.configuration.inbound_trunks = run.configuration.inbound_trunks.map((one) => ({ ...one, name: 'renamed' }));
    };
    const { status, text } = await run.auditFix({ yes: true });
    assert.equal(status, 1);
    assert.match(text, / {2}- name of Inbound trunk ST_1.* changed\nRun the command again\./);
    assert.deepEqual(run.writes, []);
  });

  it('ends with 1 where there is nothing to apply', async () => {
    run = await FixingRun.of({ inbound_trunks: [], dispatch_rules: [] });
    const { status, text } = await run.auditFix({ yes: true });
    assert.equal(status, 1);
    assert.match(text, /^No finding has a fix that can be applied from here\. See sipwhy audit\.\n$/);
  });

  it('is wrong use without LiveKit’s key', async () => {
    run = await FixingRun.of(LIVEKIT);
    delete process.env.LIVEKIT_URL;
    delete process.env.LIVEKIT_API_KEY;
    delete process.env.LIVEKIT_API_SECRET;
    const { status, text } = await run.auditFix();
    assert.equal(status, 2);
    assert.match(text, /^findings can’t be fixed: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET/);
  });
});
