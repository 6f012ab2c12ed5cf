import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Store } from '../../src/store/store.ts';
import { recorded } from '../app/service.ts';
import { FixingRun } from './fixingRun.ts';

const BARRED = recorded('caller_not_allowed-101-0');
const TRUNK = 'ST_nJXiMowJ7FZC';
const ADDED = ['+33503463733', '+127773403503', '14030957704'];

let run: FixingRun;
afterEach(() => run.end());

function trunkNow(id = TRUNK): Record<string, unknown> {
  const trunk = run.configuration.inbound_trunks.find((one) => Reflect.get(one, 'sip_trunk_id') === id);
  return { ...trunk };
}

/** What the service has read, while somebody else changes LiveKit. */
function serviceReads(): void {
  run.serviceHas = { ...run.configuration, inbound_trunks: structuredClone(run.configuration.inbound_trunks) };
}

/** Somebody else changes the trunk. */
function changeTrunk(fields: object, id = TRUNK): void {
  const { inbound_trunks } = run.configuration;
  run.configuration.inbound_trunks = inbound_trunks.map((one) =>
    Reflect.get(one, 'sip_trunk_id') === id ? { ...one, ...fields } : one,
  );
}

describe('sipwhy fix of a caller who is not allowed', () => {
  it('shows the difference in a terminal, asks, and applies it on yes', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    const { status, text } = await run.fix({ answer: true });
    assert.equal(status, 0);
    assert.match(
      text,
      /\nInbound trunk ST_nJXiMowJ7FZC "trunk-3300"\n- allowed_numbers: \[\+33503463733, \+127773403503\]\n\+ allowed_numbers: \[\+33503463733, \+127773403503, 14030957704\]\n/,
    );
    assert.match(text, /\nApply this change to LiveKit\?LiveKit has the change\.\n/);
    assert.match(text, /\nThe call would connect now\.\n$/);
    assert.deepEqual(trunkNow().allowed_numbers, ADDED);
    assert.deepEqual(run.writes, ['UpdateSIPInboundTrunk']);
  });

  it('changes nothing on no, and ends with 1', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    const { status, text } = await run.fix({ answer: false });
    assert.equal(status, 1);
    assert.match(text, /Nothing was changed\.\n$/);
    assert.deepEqual(run.writes, []);
  });

  for (const [what, options] of [
    ['without a terminal', {}],
    ['with --dry-run in a terminal', { dryRun: true, answer: true }],
    ['with --dry-run and --yes', { dryRun: true, yes: true }],
    ['with --json in a terminal', { json: true, answer: true }],
  ] as const) {
    it(`shows everything and changes nothing ${what}`, async () => {
      run = await FixingRun.of(BARRED.livekit, BARRED);
      const { status, text, json } = await run.fix(options);
      assert.equal(status, 0);
      assert.match(text, /\n\+ allowed_numbers: .*14030957704\]\n/);
      assert.match(text, /\nNothing was changed\. Apply it in a terminal, or with --yes\.\n$/);
      assert.deepEqual(json.applied, { state: 'dry_run', id: null });
      assert.deepEqual(run.writes, []);
      const store = await Store.open(run.store);
      assert.deepEqual(await store.applied.list(10), []);
      await store.close();
    });
  }

  it('is recorded with who, why and what, and without secrets', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    const { json } = await run.fix({ yes: true, why: 'a new carrier', by: 'grace' });
    const store = await Store.open(run.store);
    const [record, ...others] = await store.applied.list(10);
    await store.close();
    assert.deepEqual(others, []);
    assert.equal(Object(json.applied).id, record?.id);
    assert.deepEqual(
      [record?.by, record?.why, record?.subject, record?.cause],
      ['grace', 'a new carrier', 'a-call', 'caller_not_allowed'],
    );
    assert.deepEqual(record?.changes, [
      { kind: 'trunk', sip_trunk_id: TRUNK, field: 'allowed_numbers', add: ['14030957704'] },
    ]);
    const [edit] = record?.edits ?? [];
    assert.ok(edit?.change === 'changed');
    assert.deepEqual(edit.fields[0], {
      field: 'allowed_numbers',
      before: ['+33503463733', '+127773403503'],
      after: ADDED,
    });
  });

  it('is recorded as done by $USER without a name', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    await run.fix({ yes: true });
    const store = await Store.open(run.store);
    const [record] = await store.applied.list(1);
    await store.close();
    assert.deepEqual([record?.by, record?.why], ['ada', undefined]);
  });

  it('warns before it asks where it can’t be recorded', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    process.env.DATABASE_URL = `${run.store}-elsewhere`;
    const { status, text } = await run.fix({ answer: true });
    assert.equal(status, 0);
    assert.match(
      text,
      /\nWarning: this change will not be in the history, and can’t be undone by sipwhy: there is no store at .*\n\nApply this change/,
    );
    assert.deepEqual(trunkNow().allowed_numbers, ADDED);
  });
});

describe('sipwhy fix, when somebody else changes LiveKit', () => {
  it('refuses after a change of the same trunk that came while it asked', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    serviceReads();
    run.configuration.afterReading = (count) => {
      if (count === 1) changeTrunk({ allowed_addresses: ['192.0.2.9'] });
    };
    const { status, text } = await run.fix({ yes: true });
    assert.equal(status, 1);
    assert.match(
      text,
      /Nothing was changed, because LiveKit’s configuration is no longer the one that was shown:\n {2}- allowed_addresses of Inbound trunk ST_nJXiMowJ7FZC "trunk-3300" changed\nRun the command again\.\n$/,
    );
    assert.deepEqual(run.writes, []);
  });

  it('refuses where the trunk is gone', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    serviceReads();
    run.configuration.afterReading = (count) => {
      if (count === 1) run.configuration.inbound_trunks = run.configuration.inbound_trunks.slice(0, 1);
    };
    const { status, text } = await run.fix({ yes: true });
    assert.equal(status, 1);
    assert.match(text, / {2}- Inbound trunk ST_nJXiMowJ7FZC "trunk-3300" is no longer there\n/);
    assert.deepEqual(run.writes, []);
  });

  it('refuses where the service proved it for another configuration', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    serviceReads();
    changeTrunk({ allowed_numbers: ['+33503463733'] });
    const { status, text } = await run.fix({ yes: true });
    assert.equal(status, 1);
    assert.match(
      text,
      / {2}- allowed_numbers of ST_nJXiMowJ7FZC changed since sipwhy read it\nRun the command again\./,
    );
    assert.deepEqual(run.writes, []);
  });

  it('goes on after a change of another trunk', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    run.configuration.afterReading = (count) => {
      if (count === 1) changeTrunk({ name: 'renamed' }, 'ST_khzeZKXqtoVF');
    };
    assert.equal((await run.fix({ yes: true })).status, 0);
    assert.deepEqual(trunkNow().allowed_numbers, ADDED);
  });

  it('says what changed in the very moment, and loses nothing of it', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    run.configuration.beforeWrite = () => {
      changeTrunk({ allowed_numbers: ['+33503463733', '+127773403503', '+15550142'] });
      changeTrunk({ metadata: 'of somebody' }, 'ST_khzeZKXqtoVF');
    };
    const { status, text } = await run.fix({ yes: true });
    assert.equal(status, 1);
    assert.match(
      text,
      /\nNot as intended:\n {2}- allowed_numbers of Inbound trunk ST_nJXiMowJ7FZC "trunk-3300" is not/,
    );
    assert.match(text, /\nSomebody else changed meanwhile:\n {2}- metadata of inbound trunk ST_khzeZKXqtoVF changed\n/);
    assert.deepEqual(trunkNow().allowed_numbers, ['+33503463733', '+127773403503', '+15550142', '14030957704']);
    assert.doesNotMatch(text, /of somebody/);
  });

  it('says what LiveKit refused, and records nothing', async () => {
    run = await FixingRun.of(BARRED.livekit, BARRED);
    run.configuration.beforeWrite = () => {
      run.configuration.inbound_trunks = run.configuration.inbound_trunks.slice(0, 1);
    };
    const { status, text, json } = await run.fix({ yes: true });
    assert.equal(status, 1);
    assert.match(text, /LiveKit did not make the change: .*object cannot be found/);
    assert.deepEqual([Object(json.applied).state, Object(json.applied).id], ['failed', null]);
    const store = await Store.open(run.store);
    assert.deepEqual(await store.applied.list(10), []);
    await store.close();
  });
});

describe('sipwhy fix of a rule that LiveKit can only replace', () => {
  const MISMATCH = recorded('dispatch_numbers-101-0');
  const rule = { ...MISMATCH.livekit.dispatch_rules[0] };
  const SECRETS = {
    rule: { dispatch_rule_individual: { room_prefix: 'call-', pin: '' } },
    metadata: 'customer 4711 token=abcdef',
    attributes: { plan: 'gold-secret' },
    room_config: { agents: [{ agent_name: 'clerk', metadata: 'agent-secret' }], metadata: 'room-secret' },
  };

  it('keeps metadata, attributes and agents byte for byte, and stores none of them', async () => {
    const livekit = { ...MISMATCH.livekit, dispatch_rules: [{ ...rule, ...SECRETS }] };
    run = await FixingRun.of(livekit, MISMATCH);
    const before = run.served();
    const ran = await run.fix({ yes: true });
    assert.equal(ran.status, 0, ran.text);
    assert.deepEqual(run.writes, ['UpdateSIPDispatchRule']);
    const [now = {}] = run.configuration.dispatch_rules;
    const [then = {}] = JSON.parse(before).slice(-1);
    for (const field of ['rule', 'metadata', 'attributes', 'room_config'])
      assert.deepEqual(Reflect.get(now, field), Reflect.get(then, field), field);
    assert.notDeepEqual(Reflect.get(now, 'numbers'), Reflect.get(then, 'numbers'));
    const undone = await run.undo();
    assert.equal(run.served(), before);
    const store = await Store.open(run.store);
    const stored = JSON.stringify(await store.applied.list(10));
    await store.close();
    assert.doesNotMatch(stored + ran.text + undone.text, /secret|abcdef/);
  });

  it('keeps a pin', async () => {
    const pinned = { ...rule, rule: { dispatch_rule_individual: { room_prefix: 'call-', pin: '471100' } } };
    run = await FixingRun.of({ ...MISMATCH.livekit, dispatch_rules: [pinned] }, MISMATCH);
    const before = run.served();
    await run.fix({ yes: true });
    assert.deepEqual(run.writes, ['UpdateSIPDispatchRule']);
    assert.match(JSON.stringify(run.configuration.dispatch_rules), /"pin":"471100"/);
    const undone = await run.undo();
    assert.equal(run.served(), before);
    const store = await Store.open(run.store);
    assert.doesNotMatch(JSON.stringify(await store.applied.list(10)) + undone.text, /471100/);
    await store.close();
  });

  it('refuses where the rule has a field of a newer LiveKit, which it would lose', async () => {
    run = await FixingRun.of(MISMATCH.livekit, MISMATCH);
    const newer = { ...run.configuration.dispatch_rules[0], recording_policy: 'always' };
    run.configuration.dispatch_rules = [newer];
    const { status, text } = await run.fix({ yes: true });
    assert.equal(status, 1);
    assert.match(text, /has fields that this version of sipwhy doesn’t know\. LiveKit can make this change only by/);
    assert.deepEqual(run.writes, []);
  });
});
