import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atOnce } from '../../../src/core/atOnce.ts';
import { takeBack } from '../../../src/core/fixes/takeBack.ts';
import { changesBehind, changesOfHole, namedChange } from '../../../src/core/predict/concerned.ts';
import { readChange } from '../../../src/core/predict/readChange.ts';
import { whatIfInSteps } from '../../../src/core/predict/whatIf.ts';
import type { ConfigurationChange } from '../../../src/core/trunks/difference.ts';
import { CALLED, CALLER, LIVEKIT_URI, rule, SBC, trunk } from '../scenario.ts';
import { configuration, counted, moved, refused, SITE } from './predictionRows.ts';

const of = (id: string, kind: ConfigurationChange['kind'] = 'trunk'): ConfigurationChange => ({
  kind,
  id,
  change: 'changed',
  text: `${id} changed`,
});
const idsOf = (changes: readonly ConfigurationChange[]) => changes.map(({ id }) => id);

describe('the changes behind a hit', () => {
  const rows: readonly (readonly [
    what: string,
    hit: ReturnType<typeof refused>,
    after: ReturnType<typeof configuration>,
    ids: readonly string[],
  ])[] = [
    ['its trunk', refused(), configuration([trunk({ numbers: ['+15550177'] })]), ['ST_1', 'SDR_1']],
    [
      'a trunk that clashes',
      refused(),
      configuration([trunk(), trunk({ sip_trunk_id: 'ST_2' })]),
      ['ST_1', 'ST_2', 'SDR_1'],
    ],
    [
      'a rule that takes the call now',
      moved(),
      configuration([trunk()], [rule({ sip_dispatch_rule_id: 'SDR_2' })]),
      ['ST_1', 'SDR_1', 'SDR_2'],
    ],
    [
      'a rule that clashes',
      refused(),
      configuration([trunk()], [rule(), rule({ sip_dispatch_rule_id: 'SDR_2' })]),
      ['ST_1', 'SDR_1', 'SDR_2'],
    ],
    [
      'a wildcard rule that takes it',
      moved(),
      configuration([], [rule({ sip_dispatch_rule_id: 'SDR_2', trunk_ids: [] })]),
      ['ST_1', 'SDR_1', 'SDR_2'],
    ],
  ];
  const all = [of('ST_9'), of('ST_1'), of('ST_2'), of('SDR_1', 'rule'), of('SDR_2', 'rule')];
  for (const [what, hit, after, ids] of rows)
    it(what, () => assert.deepEqual(idsOf(changesBehind(hit, SITE, after, all)), ids));

  it('are all, if none is of its trunks and rules', () =>
    assert.deepEqual(idsOf(changesBehind(refused(), SITE, configuration([trunk()]), [of('ST_9'), of('ST_8')])), [
      'ST_9',
      'ST_8',
    ]));

  it('of a hole are those of its trunk or rule', () => {
    const hole = { id: 'open ST_1', trunk: 'ST_1', of: 'ST_1', what: '' };
    assert.deepEqual(idsOf(changesOfHole(hole, all)), ['ST_1']);
  });

  it('are named up to five, and then counted', () => {
    const texts = (count: number) =>
      namedChange(
        Array.from({ length: count }, (_, i) => of(`ST_${i}`)),
        { since: 1, at: 2 },
      ).texts;
    assert.equal(texts(5).length, 5);
    assert.deepEqual(texts(7).slice(4), ['ST_4 changed', '2 more changes']);
    assert.deepEqual(namedChange([], { since: 1, at: 2 }), { since: 1, at: 2, texts: [] });
  });
});

describe('taking a change back', () => {
  const back = (before: ReturnType<typeof configuration>, after: ReturnType<typeof configuration>, ...ids: string[]) =>
    takeBack(before, after, new Set(ids));
  const bodyOf = ({ pastes }: ReturnType<typeof takeBack>) => pastes[0]?.text ?? '';

  it('sets lists and texts of a trunk to what they were', () => {
    const before = configuration([trunk({ allowed_addresses: [SBC], auth_username: 'u' })]);
    const after = configuration([trunk({ numbers: ['+15550177'], auth_username: 'v' })]);
    const { steps, byHand } = back(before, after, 'ST_1');
    assert.deepEqual(steps, [
      `Set ST_1 "first" back: numbers to ${CALLED}; allowed_addresses to ${SBC}; auth_username to u.`,
    ]);
    assert.deepEqual(byHand, []);
    const text = bodyOf(back(before, after, 'ST_1'));
    assert.match(text, /UpdateSIPInboundTrunk/);
    assert.match(text, new RegExp(`"numbers": \\{\\s*"set": \\["\\${CALLED}"\\]`));
    assert.match(text, /"auth_username": "u"/);
  });

  it('empties a list that was empty', () => {
    const { steps, pastes } = back(
      configuration([trunk()]),
      configuration([trunk({ allowed_numbers: [CALLER] })]),
      'ST_1',
    );
    assert.deepEqual(steps, ['Set ST_1 "first" back: allowed_numbers to empty.']);
    assert.match(pastes[0]?.text ?? '', /"allowed_numbers": \{\s*"clear": true/);
  });

  it('leaves a password to a person, and then has no command', () => {
    const [open, closed] = [
      configuration([trunk({ auth_username: 'u' })]),
      configuration([trunk({ auth_username: 'u', auth_password: 'p' })]),
    ];
    const set = back(closed, open, 'ST_1');
    assert.deepEqual(
      [set.steps, set.byHand, set.pastes],
      [
        ['Set auth_password of ST_1 "first" by hand: sipwhy never stores it.'],
        ['Set auth_password of ST_1 "first" by hand: sipwhy never stores it.'],
        [],
      ],
    );
    assert.deepEqual(back(open, closed, 'ST_1').byHand, ['Remove auth_password of ST_1 "first" by hand.']);
  });

  it('says that other fields changed, without a command', () => {
    const { steps, pastes } = back(configuration([trunk({ krisp_enabled: true })]), configuration([trunk()]), 'ST_1');
    assert.deepEqual(
      [steps, pastes],
      [['Set the other fields of ST_1 "first" back; `sipwhy history` names them.'], []],
    );
  });

  it('creates what was removed, and deletes what was added, deletions last', () => {
    const before = configuration([trunk({ auth_username: 'u', auth_password: 'p' })], [rule()]);
    const after = configuration([trunk({ sip_trunk_id: 'ST_2' })], [rule({ sip_dispatch_rule_id: 'SDR_2' })]);
    const { steps, byHand, pastes } = back(before, after, 'ST_2', 'SDR_2', 'ST_1', 'SDR_1');
    assert.deepEqual(steps, [
      'Create ST_1 "first" again. It gets another id, so bind its dispatch rules to that.',
      'Create SDR_1 again.',
      'Delete ST_2 "first".',
      'Delete SDR_2.',
    ]);
    assert.deepEqual(byHand, ['Set auth_password of ST_1 "first" by hand: sipwhy never stores it.']);
    const { text = '', label } = pastes[0] ?? {};
    assert.deepEqual(text.match(/(?:Create|Delete)SIP\w+/g), [
      'CreateSIPInboundTrunk',
      'CreateSIPDispatchRule',
      'DeleteSIPTrunk',
      'DeleteSIPDispatchRule',
    ]);
    assert.match(label ?? '', /fill in/);
    assert.match(text, /<the password of the trunk>/);
    assert.doesNotMatch(bodyOf(back(configuration([trunk()]), configuration([]), 'ST_1')), /auth_password/);
  });

  it('sets only the trunks of a rule, or else the whole rule', () => {
    const bound = configuration([trunk()], [rule()]);
    const unbound = back(bound, configuration([trunk()], [rule({ trunk_ids: [] })]), 'SDR_1');
    assert.deepEqual(unbound.steps, ['Set trunk_ids of SDR_1 back to ST_1.']);
    assert.match(bodyOf(unbound), /"trunk_ids": \{\s*"set": \["ST_1"\]/);
    const wild = back(configuration([trunk()], [rule({ trunk_ids: [] })]), bound, 'SDR_1');
    assert.deepEqual(wild.steps, ['Set trunk_ids of SDR_1 back to none.']);
    assert.match(bodyOf(wild), /"clear": true/);
    const whole = back(bound, configuration([trunk()], [rule({ numbers: [CALLED] })]), 'SDR_1');
    assert.deepEqual(whole.steps, ['Set SDR_1 back to what it was; `sipwhy history` names the fields.']);
    assert.match(bodyOf(whole), /"replace"/);
  });

  it('prints no list that nobody pastes', () => {
    const many = Array.from({ length: 101 }, (_, i) => `+1555${i}`);
    const long = back(configuration([trunk({ numbers: many })]), configuration([trunk()]), 'ST_1');
    assert.deepEqual([long.steps.length, long.pastes], [1, []]);
    assert.deepEqual(back(configuration([trunk({ numbers: many })]), configuration([]), 'ST_1').pastes, []);
    const rules = back(configuration([], [rule({ numbers: many })]), configuration([], [rule()]), 'SDR_1');
    assert.deepEqual([rules.steps.length, rules.pastes], [1, []]);
    assert.deepEqual(back(configuration([], [rule({ numbers: many })]), configuration([], []), 'SDR_1').pastes, []);
  });

  it('has nothing to do for what did not change, or is unknown', () => {
    assert.deepEqual(back(configuration([trunk()]), configuration([trunk()]), 'ST_1', 'ST_9'), {
      steps: [],
      pastes: [],
      byHand: [],
    });
  });
});

describe('a changed configuration', () => {
  const current = configuration([trunk()], [rule()]);
  const read = (json: unknown) => {
    const reading = readChange(json, current);
    return reading.ok ? reading.snapshot : reading.fault;
  };
  const trunksOf = (json: unknown) => {
    const snapshot = read(json);
    return typeof snapshot === 'string'
      ? snapshot
      : snapshot.trunks.map(({ sip_trunk_id, numbers }) => [sip_trunk_id, ...numbers]);
  };

  it('takes its only trunk without an id for the one that the rules in force name', () => {
    const created = trunk({ sip_trunk_id: undefined, numbers: ['+15550177'] });
    assert.deepEqual(trunksOf({ inbound_trunks: [created] }), [['ST_1', '+15550177']]);
    assert.match(`${read({ inbound_trunks: [created, created] })}`, /^a dispatch rule is bound to ST_1, /);
  });

  it('replaces the list that is given, and leaves the other one', () => {
    const snapshot = read({ inbound_trunks: [trunk({ sip_trunk_id: 'ST_2' })] });
    assert.ok(typeof snapshot === 'object');
    assert.deepEqual([snapshot.trunks.map((one) => one.sip_trunk_id), snapshot.rules.length], [['ST_2'], 1]);
    const other = read({ dispatchRules: [] });
    assert.ok(typeof other === 'object');
    assert.deepEqual([other.trunks.length, other.rules.length], [1, 0]);
  });

  it('has the names of the API, or those of protobuf’s JSON', () => {
    assert.deepEqual(trunksOf({ inboundTrunks: [] }), []);
    const rules = read({ dispatch_rules: [] });
    assert.ok(typeof rules === 'object' && rules.rules.length === 0);
    for (const field of ['numbers', 'allowed_addresses', 'allowed_numbers'])
      assert.ok(
        typeof read({ changes: [{ kind: 'trunk', sip_trunk_id: 'ST_1', field, add: ['1'] }] }) === 'object',
        field,
      );
    assert.match(String(read({ changes: [{ kind: 'delete_trunk', sip_trunk_id: 'ST_1', why: 'x' }] })), /^changes/);
    const lists = { kind: 'rule', sip_dispatch_rule_id: 'SDR_1', lists: { trunks: [] } };
    assert.match(String(read({ changes: [lists] })), /^changes/);
  });

  it('applies changes, also after a list', () => {
    const add = { kind: 'trunk', sip_trunk_id: 'ST_1', field: 'numbers', add: ['+15550177'] };
    assert.deepEqual(trunksOf({ changes: [add] }), [['ST_1', CALLED, '+15550177']]);
    assert.deepEqual(trunksOf({ inbound_trunks: [trunk({ numbers: [] })], changes: [add] }), [['ST_1', '+15550177']]);
    assert.deepEqual(trunksOf({ changes: [{ kind: 'delete_trunk', sip_trunk_id: 'ST_1' }] }), []);
    const bound = read({ changes: [{ kind: 'rule', sip_dispatch_rule_id: 'SDR_1', lists: { trunk_ids: ['ST_7'] } }] });
    assert.ok(typeof bound === 'object');
    assert.deepEqual(bound.rules[0]?.trunk_ids, ['ST_7']);
  });

  for (const [json, fault] of [
    [null, /^give inbound_trunks, dispatch_rules or changes/],
    [[], /^give inbound_trunks/],
    [{}, /^give inbound_trunks/],
    ['text', /^give inbound_trunks/],
    [{ trunk: [] }, /^unknown field trunk; give inbound_trunks/],
    [{ inbound_trunks: 5 }, /inbound_trunks must be a list/],
    [{ changes: {} }, /^changes .*; such as/],
    [{ changes: [{ kind: 'trunk', sip_trunk_id: 'ST_1', field: 'name' }] }, /^changes\/0.*; such as/],
    [
      { changes: [{ kind: 'delete_rule', sip_dispatch_rule_id: 'SDR_9' }] },
      /^changes: SDR_9 is not in the configuration$/,
    ],
    [{ changes: [{ kind: 'delete_trunk', sip_trunk_id: 'ST_9' }] }, /^changes: ST_9 is not in the configuration$/],
  ] as const)
    it(`is refused: ${JSON.stringify(json)}`, () => assert.match(String(read(json)), fault));

  it('that creates a rule concerns nothing that is there', () =>
    assert.ok(typeof read({ changes: [{ kind: 'new_rule', trunk_ids: ['ST_1'] }] }) === 'object'));
});

describe('what a changed configuration would do', () => {
  const now = configuration([trunk({ allowed_numbers: [CALLER] })]);
  const ask = (
    changed: ReturnType<typeof configuration>,
    failed: readonly { to: string | undefined; from: string | undefined }[] = [],
  ) => atOnce(whatIfInSteps(SITE, now, changed, { kinds: [counted(2), counted(3, { caller: '+15550142' })], failed }));

  it('counts kinds and calls', () => {
    const { kindsSeen, callsPerDay, forecasts, holes } = ask(now);
    assert.deepEqual([kindsSeen, callsPerDay, forecasts.length, holes.length], [2, 5, 1, 0]);
  });

  it('finds the holes that it opens', () =>
    assert.deepEqual(
      ask(configuration([trunk()])).holes.map(({ id }) => id),
      ['every_caller ST_1'],
    ));

  it('counts failed calls that the configuration stops now, and those that it would admit', () => {
    const stopped = { to: LIVEKIT_URI, from: '+15550142' };
    const admitted = { to: LIVEKIT_URI, from: `sip:${CALLER}@carrier.example` };
    const failed = [
      stopped,
      admitted,
      { to: undefined, from: CALLER },
      { ...stopped, to: LIVEKIT_URI.replace(CALLED, '+15550177') },
    ];
    assert.deepEqual(ask(configuration([trunk()]), failed).failed, { calls: 2, wouldConnect: 1 });
    assert.deepEqual(ask(now, failed).failed, { calls: 2, wouldConnect: 0 });
  });
});
