import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atOnce } from '../../../src/core/atOnce.ts';
import { effectsInSteps } from '../../../src/core/fixes/effects.ts';
import type { Change } from '../../../src/core/fixes/fix.ts';
import { proveFixes } from '../../../src/core/fixes/prove.ts';
import type { CallToJudge } from '../../../src/core/trunks/judge/judge.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';

const trunk = (id: string, fields: object = {}) =>
  parseTrunk({ sip_trunk_id: id, numbers: ['4991874350352'], allowed_addresses: ['192.0.2.1'], ...fields });
const rule = (id: string, fields: object = {}) =>
  parseRule({ sip_dispatch_rule_id: id, rule: { dispatch_rule_individual: {} }, trunk_ids: ['ST_1'], ...fields });
const call = (called: string, caller = '+4915112345678'): CallToJudge => ({
  called,
  caller,
  sources: ['192.0.2.1'],
  declaredAuth: undefined,
  strictAddresses: false,
});
const edit = (field: 'numbers' | 'allowed_addresses' | 'allowed_numbers', change: object): Change => ({
  kind: 'trunk',
  sip_trunk_id: 'ST_1',
  field,
  ...change,
});

describe('what else a change does', () => {
  const snapshot = new Snapshot({
    trunks: [trunk('ST_1', { allowed_numbers: ['+15550100'] }), trunk('ST_2', { numbers: ['4991874350353'] })],
    rules: [rule('SDR_1'), rule('SDR_2', { trunk_ids: ['ST_2'] })],
  });
  const calls = [
    call('4991874350352', '+15550100'),
    call('4991874350352'),
    call('4991874350352'),
    call('4991874350353'),
  ];

  it('counts the calls that would get in, that no longer would, and that would conflict', () => {
    const opened = atOnce(effectsInSteps(edit('allowed_numbers', { remove: ['+15550100'] }), snapshot, calls));
    assert.deepEqual(
      [opened.calls, opened.newly_admitted, opened.newly_refused, opened.newly_conflicting],
      [4, 2, 0, 0],
    );
    const moved = atOnce(
      effectsInSteps(edit('numbers', { remove: ['4991874350352'], add: ['4991874350354'] }), snapshot, calls),
    );
    assert.deepEqual([moved.newly_admitted, moved.newly_refused, moved.newly_conflicting], [0, 1, 0]);
    const both = atOnce(
      effectsInSteps(edit('numbers', { add: ['4991874350353'] }), snapshot, [call('4991874350353', '+15550100')]),
    );
    assert.deepEqual([both.newly_admitted, both.newly_refused, both.newly_conflicting], [0, 0, 1]);
  });

  it('says what a change opens, and nothing where it opens nothing', () => {
    const exposes = (change: Change) => atOnce(effectsInSteps(change, snapshot, [])).exposes;
    assert.match(exposes(edit('allowed_numbers', { remove: ['+15550100'] }))[0] ?? '', /every caller passes/);
    assert.match(
      exposes(edit('allowed_addresses', { remove: ['192.0.2.1'] })).join(),
      /every address without a password/,
    );
    assert.match(exposes(edit('numbers', { remove: ['4991874350352'] }))[0] ?? '', /every called number/);
    assert.deepEqual(exposes(edit('numbers', { add: ['4991874350354'] })), []);
    assert.deepEqual(exposes(edit('allowed_addresses', { add: ['192.0.2.2'] })), []);
    assert.match(
      exposes({ kind: 'new_trunk', numbers: ['100'], allowed_addresses: [] })[0] ?? '',
      /without a password/,
    );
  });
});

describe('a fix', () => {
  const fix = (cause: string, change: Change) => ({ cause, change, action: cause, pastes: [] });
  const snapshot = new Snapshot({
    trunks: [trunk('ST_1', { allowed_numbers: ['+15550100'] })],
    rules: [rule('SDR_1')],
  });

  it('is offered only if the call then gets in', () => {
    const helps = fix('a', edit('allowed_numbers', { add: ['+4915112345678'] }));
    const helpsNot = fix('a', edit('allowed_numbers', { add: ['+15550101'] }));
    assert.deepEqual(
      proveFixes([helpsNot, helps], snapshot, call('4991874350352')).map((proven) => [proven.change, proven.proof]),
      [[helps.change, 'connects']],
    );
  });

  it('is tried together with the first fix of every other cause', () => {
    const number = fix('a', { kind: 'dial', user: '4991874350352' });
    const caller = fix('b', edit('allowed_numbers', { add: ['+4915112345678'] }));
    assert.deepEqual(proveFixes([number], snapshot, call('100')), []);
    assert.deepEqual(
      proveFixes([number, caller], snapshot, call('100')).map(({ proof }) => proof),
      ['connects', 'connects'],
    );
  });

  it('that makes a rule clash with itself is not offered', () => {
    const rules = [rule('SDR_1', { numbers: ['+4991874350352'] })];
    const clashing: Change = {
      kind: 'rule',
      sip_dispatch_rule_id: 'SDR_1',
      lists: { numbers: ['+4991874350352', '4991874350352'] },
    };
    const mended: Change = { kind: 'rule', sip_dispatch_rule_id: 'SDR_1', lists: { numbers: ['4991874350352'] } };
    const open = new Snapshot({ trunks: [trunk('ST_1')], rules });
    assert.deepEqual(proveFixes([fix('a', clashing)], open, call('4991874350352')), []);
    assert.equal(proveFixes([fix('a', mended)], open, call('4991874350352'))[0]?.proof, 'connects');
  });

  it('is proven only as far as is known where the address is not', () => {
    const proven = proveFixes([fix('a', edit('allowed_numbers', { add: ['+4915112345678'] }))], snapshot, {
      ...call('4991874350352'),
      sources: [],
    });
    assert.equal(proven[0]?.proof, 'connects_as_far_as_known');
  });

  it('that changes nothing that can be tried is kept, unproven', () => {
    const plain = { cause: 'a', action: 'Look at the log.', pastes: [] };
    assert.deepEqual(proveFixes([plain], snapshot, call('100')), [plain]);
  });
});
