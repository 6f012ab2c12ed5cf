import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { recorded } from '../app/service.ts';
import { FixingRun } from './fixingRun.ts';

const BARRED = recorded('caller_not_allowed-101-0');

let run: FixingRun;
afterEach(() => run.end());

describe('sipwhy fix of a call that two causes stop', () => {
  it('shows and applies what both need, and takes both back', async () => {
    const both = recorded('ip+caller-101-0');
    run = await FixingRun.of(both.livekit, both);
    const before = run.served();
    const { status, text } = await run.fix({ answer: true });
    assert.equal(status, 0, text);
    assert.match(text, /\nThe call needs this as well: Add \+18615116208 to allowed_numbers of ST_KUb6smCH6H4k /);
    assert.match(
      text,
      /\n\+ allowed_addresses: \[10\.0\.0\.0\/8, 10\.0\.0\.0\/8, 203\.0\.113\.225, 127\.0\.0\.1\]\n- allowed_numbers: \[\+44160510829\]\n\+ allowed_numbers: \[\+44160510829, \+18615116208\]\n/,
    );
    assert.match(text, /\nThe call would connect now\.\n$/);
    assert.deepEqual(run.writes, ['UpdateSIPInboundTrunk']);
    assert.equal((await run.undo()).status, 0);
    assert.equal(run.served(), before);
  });
});

describe('sipwhy fix without any trunk', () => {
  it('creates a trunk, and a rule for the trunk that LiveKit made', async () => {
    const none = recorded('no_trunk-101-0');
    run = await FixingRun.of(none.livekit, none);
    const { status, text } = await run.fix({ yes: true });
    assert.equal(status, 0, text);
    assert.deepEqual(run.writes, ['CreateSIPInboundTrunk', 'CreateSIPDispatchRule']);
    const [trunk = {}] = run.configuration.inbound_trunks.slice(-1);
    const [rule = {}] = run.configuration.dispatch_rules.slice(-1);
    assert.deepEqual(Reflect.get(trunk, 'numbers'), ['+49296400281']);
    assert.deepEqual(Reflect.get(rule, 'trunk_ids'), [Reflect.get(trunk, 'sip_trunk_id')]);
  });

  it('says what was made where LiveKit refuses the rule, and can take that back', async () => {
    const none = recorded('no_trunk-101-0');
    run = await FixingRun.of(none.livekit, none);
    const before = run.served();
    run.configuration.refuses = 'CreateSIPDispatchRule';
    const { status, text, json } = await run.fix({ yes: true });
    assert.equal(status, 1);
    assert.match(
      text,
      /\?LiveKit did not make the change: .*\.\nThis was changed:\nInbound trunk ST_made\d+ "Jambonz", new\n\+ name: Jambonz\n/,
    );
    assert.equal(Object(json.applied).state, 'failed');
    assert.equal((await run.undo()).status, 0);
    assert.equal(run.served(), before);
  });

  it('records what it asked for where LiveKit can’t be read back', async () => {
    const none = recorded('no_trunk-101-0');
    run = await FixingRun.of(none.livekit, none);
    const before = run.served();
    run.configuration.beforeWrite = (method) => {
      if (method === 'CreateSIPDispatchRule') run.configuration.state = 'down';
    };
    const { status, text } = await run.fix({ yes: true });
    assert.equal(status, 1);
    assert.match(
      text,
      /LiveKit took the change\. But cannot read LiveKit’s trunks and dispatch rules: LiveKit answered 503/,
    );
    run.configuration.state = 'up';
    assert.notEqual(run.served(), before);
    assert.equal((await run.undo()).status, 0);
    assert.equal(run.served(), before);
  });
});

describe('sipwhy fix with several fixes', () => {
  const MISMATCH = recorded('dispatch_inbound_numbers-101-0');

  it('numbers those that can be applied instead, and applies the one that is chosen', async () => {
    run = await FixingRun.of(MISMATCH.livekit, MISMATCH);
    const shown = await run.fix();
    assert.match(
      shown.text,
      /\nInstead of it, these can be applied:\n {2}--choose 2: Add \+447848938736, in exactly this format, to inbound_numbers of SDR_MxMJv2aKVXah\.\n/,
    );
    const { status, text } = await run.fix({ choose: 2, yes: true });
    assert.equal(status, 0, text);
    const [rule = {}] = run.configuration.dispatch_rules;
    assert.deepEqual(Reflect.get(rule, 'inbound_numbers'), ['490456889967', '+447848938736']);
  });
});

describe('sipwhy fix of two trunks that match', () => {
  const CONFLICT = recorded('trunk_conflict_specific-101-0');

  it('prints what only a person can complete, says what can be chosen, and ends with 1', async () => {
    run = await FixingRun.of(CONFLICT.livekit, CONFLICT);
    const { status, text } = await run.fix({ yes: true });
    assert.equal(status, 1);
    assert.match(text, /<a caller whose calls ST_\w+ takes>/);
    assert.match(
      text,
      /\nThe preferred fix can’t be applied from here\. These can:\n {2}--choose 1: Last resort, because it can’t be undone: delete ST_9Cow22Wq8YK6/,
    );
    assert.deepEqual(run.writes, []);
    assert.equal((await run.fix()).status, 0, 'without a terminal it is printed as a fix');
  });

  it('deletes a trunk only where it is chosen, and asks', async () => {
    run = await FixingRun.of(CONFLICT.livekit, CONFLICT);
    assert.equal((await run.fix({ choose: 1, answer: false })).status, 1);
    assert.deepEqual(run.writes, []);
    const { status, text } = await run.fix({ choose: 1, answer: true });
    assert.equal(status, 0);
    assert.match(text, /\nInbound trunk ST_9Cow22Wq8YK6 "conflict", deleted\n- name: conflict\n/);
    assert.deepEqual(run.writes, ['DeleteSIPTrunk']);
  });

  it('is wrong use with a number that is not offered', async () => {
    run = await FixingRun.of(CONFLICT.livekit, CONFLICT);
    const { status, text } = await run.fix({ choose: 9, yes: true });
    assert.equal(status, 2);
    assert.match(text, /^--choose 9 is not the number of a fix that can be applied: there are \d$/);
  });
});

describe('sipwhy fix of what the application dials', () => {
  it('can’t be applied from here', async () => {
    const missing = recorded('auth_missing-101-0');
    run = await FixingRun.of(missing.livekit, missing);
    const { status, text } = await run.fix({ yes: true });
    assert.equal(status, 1);
    assert.match(text, /\nThis fix can’t be applied from here: it isn’t a change of LiveKit’s trunks or rules/);
  });
});

describe('sipwhy fix without LiveKit’s key', () => {
  for (const [what, options, status] of [
    ['prints the fix', {}, 0],
    ['is wrong use with --yes', { yes: true }, 2],
  ] as const) {
    it(what, async () => {
      run = await FixingRun.of(BARRED.livekit, BARRED);
      for (const name of ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET']) delete process.env[name];
      assert.equal((await run.fix(options)).status, status);
    });
  }
});

describe('sipwhy fix, after it', () => {
  const call = (started_at: string, outcome: string, cause: string | null) => ({
    call_sid: `call-${outcome}`,
    started_at,
    outcome,
    cause,
  });

  for (const [what, later, status, says] of [
    [
      'says that the next call connected',
      call('2099-01-01T00:00:00.000Z', 'connected', null),
      0,
      /The next call, call-connected: connected\.\n$/,
    ],
    [
      'ends with 1 where the next call failed',
      call('2099-01-01T00:00:00.000Z', 'failed', 'agent_not_joined'),
      1,
      /The next call, call-failed: failed, cause agent_not_joined\.\n$/,
    ],
    [
      'takes no call from before it',
      call('2020-01-01T00:00:00.000Z', 'failed', 'caller_not_allowed'),
      0,
      /No call came\. See sipwhy calls --to \d+, /,
    ],
  ] as const) {
    it(what, async () => {
      run = await FixingRun.of(BARRED.livekit, BARRED);
      run.laterCalls = [later];
      const ran = await run.fix({ yes: true, wait: 0.2 });
      assert.equal(ran.status, status);
      assert.match(ran.text, /\nWaiting up to 0\.2 s for the next call to \d+; Ctrl-C ends it …\n/);
      assert.match(ran.text, says);
    });
  }
});
