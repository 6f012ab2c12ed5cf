import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Store } from '../../src/store/store.ts';
import { recorded } from '../app/service.ts';
import { FixingRun } from './fixingRun.ts';

const BARRED = recorded('caller_not_allowed-101-0');
const CONFLICT = recorded('trunk_conflict_specific-101-0');
const DELETED = 'ST_9Cow22Wq8YK6';

let run: FixingRun;
afterEach(() => run.end());

function changeTrunks(fields: object): void {
  run.configuration.inbound_trunks = run.configuration.inbound_trunks.map((one) => ({ ...one, ...fields }));
}

async function recordsOf() {
  const store = await Store.open(run.store);
  const records = await store.applied.list(10);
  await store.close();
  return records;
}

describe('sipwhy fix --undo', () => {
  it('shows the inverse, asks, and notes who took the change back', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    const before = run.served();
    await run.fix({ yes: true, by: 'grace', why: 'a new carrier' });
    const { status, text } = await run.undo(undefined, { answer: true });
    assert.equal(status, 0);
    assert.match(
      text,
      /^Taking back [\w-]+, applied 20\S+Z by grace for caller_not_allowed of a-call \(a new carrier\)\.\n/,
    );
    assert.match(
      text,
      /\n- allowed_numbers: \[\+33503463733, \+127773403503, 14030957704\]\n\+ allowed_numbers: \[\+33503463733, \+127773403503\]\n/,
    );
    assert.match(text, /\nThe configuration is as it was before\.\n$/);
    assert.equal(run.served(), before);
    const [record] = await recordsOf();
    assert.equal(record?.undone?.by, 'ada');
    const again = await run.undo();
    assert.equal(again.status, 1);
    assert.match(again.text, /^there is nothing to take back: /);
    const byId = await run.undo(record.id);
    assert.equal(byId.status, 1);
    assert.match(byId.text, / was taken back already, by ada$/);
  });

  for (const [what, options, status] of [
    ['changes nothing without a terminal', {}, 0],
    ['changes nothing with --dry-run', { dryRun: true, answer: true }, 0],
    ['changes nothing on no', { answer: false }, 1],
  ] as const) {
    it(what, async () => {
      run = await FixingRun.of(BARRED.livekit, BARRED);
      await run.fix({ yes: true });
      const fixed = run.served();
      const ran = await run.undo(undefined, options);
      assert.equal(ran.status, status);
      assert.match(ran.text, /\n- allowed_numbers: .*14030957704\]\n/);
      assert.equal(run.served(), fixed);
      const [record] = await recordsOf();
      assert.equal(record?.undone, undefined);
    });
  }

  it('refuses where the list changed since', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    await run.fix({ yes: true });
    changeTrunks({ allowed_numbers: ['+15550142'] });
    const { status, text } = await run.undo();
    assert.equal(status, 1);
    assert.match(
      text,
      /^Nothing was changed, because LiveKit no longer has what this change left:\n {2}- allowed_numbers of Inbound trunk ST_nJXiMowJ7FZC "trunk-3300" changed since\n$/,
    );
    assert.deepEqual(run.writes, ['UpdateSIPInboundTrunk']);
  });

  it('leaves what somebody else changed in other fields', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    await run.fix({ yes: true });
    changeTrunks({ metadata: 'new', auth_username: 'u', auth_password: 'pw-of-somebody' });
    const { status, text } = await run.undo();
    assert.equal(status, 0, text);
    const [, trunk = {}] = run.configuration.inbound_trunks;
    assert.deepEqual(
      ['metadata', 'auth_username', 'auth_password', 'allowed_numbers'].map((field) => Reflect.get(trunk, field)),
      ['new', 'u', 'pw-of-somebody', ['+33503463733', '+127773403503']],
    );
    assert.doesNotMatch(text, /pw-of-somebody/);
  });

  it('refuses where somebody changes the trunk while it asks', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    await run.fix({ yes: true });
    let readings = 0;
    run.configuration.afterReading = () => {
      readings += 1;
      if (readings === 1) changeTrunks({ metadata: 'new' });
    };
    const { status, text } = await run.undo();
    assert.equal(status, 1);
    assert.match(text, / {2}- metadata of Inbound trunk ST_nJXiMowJ7FZC "trunk-3300" changed\nRun the command again\./);
  });

  it('takes back the latest of several, and then the one before', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    const before = run.served();
    await run.fix({ yes: true });
    await run.undo();
    await run.fix({ yes: true });
    assert.equal((await recordsOf()).length, 2);
    assert.equal((await run.undo()).status, 0);
    assert.equal(run.served(), before);
  });

  it('ends with 1 for an id that is not there', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    const { status, text } = await run.undo('no-such-id');
    assert.deepEqual([status, text], [1, 'no change no-such-id was applied: see sipwhy history']);
  });
});

describe('sipwhy fix --undo of a deleted trunk', () => {
  const livekit = {
    inbound_trunks: CONFLICT.livekit.inbound_trunks.map((trunk) =>
      Reflect.get(trunk, 'sip_trunk_id') === DELETED
        ? {
            ...trunk,
            auth_username: 'u',
            auth_password: 'pw-in-clear',
            metadata: 'token=abcdef',
            headers: { 'X-Key': 'k-secret' },
          }
        : trunk,
    ),
    dispatch_rules: CONFLICT.livekit.dispatch_rules.map((rule) => ({
      ...rule,
      trunk_ids: [DELETED, 'ST_SRJiqynko4t2'],
    })),
  };

  it('makes it again with a password that nobody knows, binds the rules, and says what is lost', async () => {
    run = await FixingRun.of(livekit, CONFLICT);
    // The trunk with the password is the last to be offered.
    const deletion = await run.fix({ choose: 2, yes: true });
    assert.equal(deletion.status, 0, deletion.text);
    const { status, text } = await run.undo();
    assert.equal(status, 0, text);
    assert.match(
      text,
      /\nsipwhy does not store these, so set them by hand afterwards:\n {2}- auth_password: until then a random one keeps callers out\n {2}- headers\n {2}- metadata\n/,
    );
    assert.match(text, /\nThe trunk "conflict" has a new id: ST_made\d+\. Change it where other programs name it\.\n/);
    const [again = {}] = run.configuration.inbound_trunks.filter((one) => Reflect.get(one, 'name') === 'conflict');
    const id = Reflect.get(again, 'sip_trunk_id');
    assert.notEqual(id, DELETED);
    assert.equal(Reflect.get(again, 'auth_username'), 'u');
    assert.match(Reflect.get(again, 'auth_password'), /^[\w-]{32}$/);
    const [rule = {}] = run.configuration.dispatch_rules;
    assert.deepEqual(Reflect.get(rule, 'trunk_ids'), [id, 'ST_SRJiqynko4t2']);
    const stored = JSON.stringify(await recordsOf());
    assert.doesNotMatch(stored + deletion.text + text, /pw-in-clear|abcdef|k-secret/);
    assert.ok(!(stored + text).includes(Reflect.get(again, 'auth_password')));
  });
});
