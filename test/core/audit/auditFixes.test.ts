import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ExampleConfiguration } from '../../../src/core/audit/finding.ts';
import { applyChanges } from '../../../src/core/fixes/apply.ts';
import type { Change, Fix } from '../../../src/core/fixes/fix.ts';
import { arrivalOf } from '../../../src/core/fixes/landing.ts';
import type { Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { bodiesOf } from '../fixes/runCommands.ts';
import { actionsOf, fixesOf, foundIn, snapshotOf, updatesOf } from './auditedConfiguration.ts';

const CALLED = '+15550100';
const OTHER = '+15550101';
const TRUNK = { ST_1: { numbers: [CALLED] } };
const on = (...trunk_ids: string[]) => ({ trunk_ids });
const direct = (room_name: string, pin = '') => ({ rule: { dispatch_rule_direct: { room_name, pin } } });

describe('the fix of a wildcard rule', () => {
  const ID = 'wildcard_rule_admits_unmatched_calls';
  const boundTo = (configuration: ExampleConfiguration): unknown[] =>
    fixesOf(ID, configuration).flatMap(({ change }): unknown[] =>
      change?.kind === 'rule' ? [...(change.lists.trunk_ids ?? [])] : [change?.kind],
    );

  it('binds it to the trunks that have no other rule', () => {
    const [fix] = fixesOf(ID, {
      trunks: { ST_1: { numbers: [CALLED] }, ST_2: { numbers: [OTHER] }, ST_3: { numbers: ['+15550102'] } },
      rules: { SDR_w: {}, SDR_1: on('ST_1') },
    });
    assert.deepEqual(bodiesOf(fix ?? assert.fail()), [
      { sip_dispatch_rule_id: 'SDR_w', update: { trunk_ids: { set: ['ST_2', 'ST_3'] } } },
    ]);
    assert.equal(fix?.pastes[0]?.text, 'lk sip dispatch update --id SDR_w --trunks ST_2 --trunks ST_3');
  });

  it('binds it to a trunk with a rule for some of its calls, and leaves out a trunk with other numbers', () => {
    const trunks = {
      ST_1: { numbers: [CALLED, OTHER], allowed_addresses: ['192.0.2.1'] },
      ST_2: { numbers: ['+15550102'] },
    };
    const ofSome = [
      { rules: { SDR_w: {}, SDR_1: { ...on('ST_1'), numbers: [CALLED] }, SDR_2: on('ST_2') } },
      { rules: { SDR_w: {}, SDR_1: { ...on('ST_1'), inbound_numbers: ['+15550123'] }, SDR_2: on('ST_2') } },
      { rules: { SDR_w: { numbers: [OTHER] }, SDR_1: { ...on('ST_1'), numbers: [CALLED] } } },
    ];
    for (const { rules } of ofSome) assert.deepEqual(boundTo({ trunks, rules }), ['ST_1']);
  });

  it('leaves out a trunk that admits none of its callers', () => {
    const trunks = {
      ST_1: { numbers: [CALLED], allowed_numbers: ['+15550123'] },
      ST_2: { numbers: [OTHER], allowed_numbers: ['+15550142'] },
    };
    assert.deepEqual(boundTo({ trunks, rules: { SDR_w: { inbound_numbers: ['+15550123'] } } }), ['ST_1']);
  });

  it('deletes it where other rules take all calls', () => {
    const rules = [
      { SDR_w: {}, SDR_1: on('ST_1') },
      { SDR_w: { numbers: [CALLED] }, SDR_1: { ...on('ST_1'), numbers: [CALLED, OTHER] } },
      { SDR_w: { numbers: [OTHER] } },
    ];
    const trunks = { ST_1: { ...TRUNK.ST_1, allowed_addresses: ['192.0.2.1'] } };
    for (const some of rules) assert.deepEqual(boundTo({ trunks, rules: some }), ['delete_rule']);
    assert.match(
      actionsOf(ID, { trunks: TRUNK, rules: rules[0] ?? {} })[0] ?? '',
      /^Last resort, because it can’t be undone: delete SDR_w: no trunk needs it/,
    );
  });

  it('keeps it for callers who give its pin, where the rule of the trunk has another pin', () => {
    const withPins = (pin: string, ofTrunk: string) => ({
      trunks: TRUNK,
      rules: { SDR_w: direct('a', pin), SDR_1: { ...on('ST_1'), ...direct('b', ofTrunk) } },
    });
    assert.deepEqual(boundTo(withPins('1111', '2222')), ['ST_1']);
    for (const [pin, ofTrunk] of [
      ['1111', '1111'],
      ['1111', ''],
      ['', '2222'],
    ] as const) {
      assert.deepEqual(boundTo(withPins(pin, ofTrunk)), ['delete_rule']);
    }
  });

  it('leaves to a person what would make it conflict', () => {
    const rules = { SDR_w: { numbers: [CALLED, OTHER] }, SDR_1: { ...on('ST_1'), numbers: [CALLED] } };
    const trunks = { ST_1: { numbers: [CALLED, OTHER] }, ST_2: { numbers: [OTHER] } };
    assert.deepEqual(actionsOf(ID, { trunks, rules }), [
      'Remove from SDR_w the numbers and callers that would conflict on ST_1. Then bind it to ST_1, ST_2.',
    ]);
  });

  it('names some of the trunks, where more than twenty need it', () => {
    const trunks = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`ST_${i}`, { numbers: [`+1555${1_000 + i}`] }]));
    assert.equal(boundTo({ trunks: trunks(20), rules: { SDR_w: {} } }).length, 20);
    assert.deepEqual(actionsOf(ID, { trunks: trunks(21), rules: { SDR_w: {} } }), [
      'Bind SDR_w to the trunks that need it: ST_0, ST_1, ST_2, ST_3, ST_4 and others.',
    ]);
  });
});

describe('a wildcard rule beside trunks that take every call', () => {
  const ID = 'wildcard_rule_admits_unmatched_calls';
  const isFound = (trunks: Record<string, object>, rule: object = {}, strictAddresses = false) =>
    foundIn(ID, { trunks, rules: { SDR_w: rule }, strictAddresses }).length === 1;

  it('admits no call past a default trunk without any list', () => {
    assert.equal(isFound({ ST_1: {} }), false);
    assert.equal(isFound({ ST_1: { auth_username: 'u', auth_password: 'p' } }), false);
    assert.equal(isFound({ ST_1: {}, ST_2: { numbers: [CALLED], allowed_addresses: ['192.0.2.1'] } }), false);
  });

  it('admits calls past one that lists callers or addresses', () => {
    assert.equal(isFound({ ST_1: { allowed_numbers: ['+15550123'] } }), true);
    assert.equal(isFound({ ST_1: { allowed_addresses: ['192.0.2.1'] } }), true);
    assert.equal(isFound({ ST_1: { allowed_addresses: ['0.0.0.0/0'] } }), true);
    assert.equal(isFound({ ST_1: { allowed_addresses: ['0.0.0.0/0', '::/0'] } }), false);
    assert.equal(isFound({ ST_1: { allowed_numbers: ['+15550123'] } }, { inbound_numbers: ['15550123'] }), false);
    assert.equal(isFound({ ST_1: { allowed_numbers: ['+15550123'] } }, { inbound_numbers: ['+15550142'] }), true);
  });

  it('compares strictly where LiveKit does: entries that it ignores then admit nobody', () => {
    assert.equal(isFound({ ST_1: { allowed_addresses: ['*'] } }), false);
    assert.equal(isFound({ ST_1: { allowed_addresses: ['*'] } }, {}, true), true);
  });

  it('stays where two default trunks conflict: once they are apart, it admits calls', () => {
    assert.equal(isFound({ ST_1: {}, ST_2: {} }), true);
    assert.equal(isFound({ ST_1: {}, ST_2: { allowed_addresses: ['192.0.2.1'] } }), true);
  });

  it('admits no call past a trunk that takes every call to the numbers of the rule', () => {
    const open = { ST_1: { numbers: [CALLED] } };
    assert.equal(isFound(open, { numbers: [CALLED] }), false);
    assert.equal(isFound(open, { numbers: [CALLED, OTHER] }), true);
    assert.equal(
      isFound({ ST_1: { numbers: [CALLED], allowed_addresses: ['192.0.2.1'] } }, { numbers: [CALLED] }),
      true,
    );
  });
});

describe('the fix of a wildcard rule that is the only way in', () => {
  const ID = 'wildcard_rule_admits_unmatched_calls';
  const SBC = '198.51.100.7';
  const LIMITED = { numbers: [CALLED], allowed_addresses: ['192.0.2.1'] };
  const from = (address: string, called = CALLED, caller = '+15550123') => ({
    called,
    caller,
    address,
    fromHost: '',
  });
  /** The configuration after the API calls of the first commands of some fixes. */
  const applied = (configuration: ExampleConfiguration, fixes: readonly Fix[]) =>
    fixes.reduce((snapshot, fix) => {
      const [body] = bodiesOf(fix) as { sip_trunk_id?: string; update: Record<string, { add?: []; set?: [] }> }[];
      const { sip_trunk_id, update } = body ?? assert.fail(fix.action);
      const change: Change = sip_trunk_id
        ? { kind: 'trunk', sip_trunk_id, field: 'allowed_addresses', add: update.allowed_addresses?.add ?? [] }
        : { kind: 'rule', sip_dispatch_rule_id: 'SDR_w', lists: { trunk_ids: update.trunk_ids?.set ?? [] } };
      return applyChanges(snapshot, [change]);
    }, snapshotOf(configuration));
  const kindOf = (snapshot: Snapshot, call: ReturnType<typeof from>) => arrivalOf(snapshot, call, false).kind;

  it('first lets the SBC pass, and warns that its calls would stop', () => {
    const configuration = { trunks: { ST_1: LIMITED }, rules: { SDR_w: {} }, sbcAddresses: [SBC] };
    const fixes = fixesOf(ID, configuration);
    assert.deepEqual(
      fixes.map(({ action, change }) => [action, change]),
      [
        [
          'First add 198.51.100.7 to allowed_addresses of ST_1, if Jambonz calls this trunk: calls from this SBC get in by SDR_w only.',
          undefined,
        ],
        [
          'Then bind SDR_w to ST_1. Without the change before, calls that connect today would stop: those from 198.51.100.7 to ST_1.',
          undefined,
        ],
      ],
    );
    const [first, bind] = fixes;
    assert.ok(first && bind);
    assert.equal(kindOf(snapshotOf(configuration), from(SBC)), 'past_trunks');
    assert.equal(kindOf(applied(configuration, [bind]), from(SBC)), 'no_trunk');
    assert.equal(kindOf(applied(configuration, [first, bind]), from(SBC)), 'admitted');
    assert.equal(kindOf(applied(configuration, [first, bind]), from('203.0.113.9')), 'no_trunk');
  });

  it('binds it at once if the trunk admits the SBCs', () => {
    const trunks = { ST_1: { numbers: [CALLED], allowed_addresses: ['198.51.100.0/24'] } };
    const [fix, ...more] = fixesOf(ID, { trunks, rules: { SDR_w: {} }, sbcAddresses: [SBC] });
    assert.deepEqual([fix?.action, fix?.change?.kind, more], ['Bind SDR_w to ST_1.', 'rule', []]);
  });

  it('names only the SBC that the trunk lacks, and only the trunk that lacks it', () => {
    const trunks = { ST_1: LIMITED, ST_2: { numbers: [OTHER] } };
    const actions = actionsOf(ID, { trunks, rules: { SDR_w: {} }, sbcAddresses: ['192.0.2.1', SBC] });
    assert.match(actions[0] ?? '', /^First add 198\.51\.100\.7 to allowed_addresses of ST_1,/);
    assert.match(actions[1] ?? '', /^Then bind SDR_w to ST_1, ST_2\. .*: those from 198\.51\.100\.7 to ST_1\.$/);
    assert.equal(actions.length, 2);
  });

  it('says nothing of an SBC whose calls the rule doesn’t take, or another trunk takes', () => {
    const rules = { SDR_w: { numbers: [OTHER] } };
    const apart = { ST_1: LIMITED, ST_2: { numbers: [OTHER], allowed_addresses: ['192.0.2.1', SBC] } };
    assert.deepEqual(actionsOf(ID, { trunks: apart, rules, sbcAddresses: [SBC] }), ['Bind SDR_w to ST_2.']);
    const byDefault = { ST_1: LIMITED, ST_2: { allowed_addresses: [SBC] } };
    assert.deepEqual(actionsOf(ID, { trunks: byDefault, rules: { SDR_w: {} }, sbcAddresses: [SBC] }), [
      'Bind SDR_w to ST_1, ST_2.',
    ]);
  });

  it('first corrects numbers that no call carries, whether or not an SBC is known', () => {
    for (const sbcAddresses of [[SBC], []]) {
      const trunks = { ST_1: { numbers: ['*'] } };
      const fixes = fixesOf(ID, { trunks, rules: { SDR_w: {} }, sbcAddresses });
      assert.deepEqual(
        fixes.map(({ action }) => action),
        [
          'First correct the numbers of ST_1: no call carries "*", so calls get in by SDR_w only.',
          'Then bind SDR_w to ST_1. Without the change before, calls that connect today would stop: all calls to ST_1.',
        ],
      );
      assert.deepEqual(
        fixes.map(({ change }) => change),
        [undefined, undefined],
      );
    }
  });

  it('does so too if the rule lists the numbers that the trunk means', () => {
    const trunks = { ST_1: { numbers: ['sip:+15550100@192.0.2.1'] } };
    const actions = actionsOf(ID, { trunks, rules: { SDR_w: { numbers: [CALLED] } } });
    assert.match(actions[0] ?? '', /^First correct the numbers of ST_1/);
    assert.match(actions[1] ?? '', /^Then bind SDR_w to ST_1\./);
  });

  it('first corrects allowed_numbers that hold the trunk’s own number', () => {
    const trunks = { ST_1: { numbers: [CALLED], allowed_numbers: [CALLED] } };
    assert.deepEqual(actionsOf(ID, { trunks, rules: { SDR_w: {} } }), [
      'First correct allowed_numbers of ST_1: outside callers get in by SDR_w only.',
      'Then bind SDR_w to ST_1. Without the change before, calls that connect today would stop: those of outside callers to ST_1.',
    ]);
    const outside = { ST_1: { numbers: [CALLED], allowed_numbers: [CALLED, '+15550123'] } };
    assert.deepEqual(actionsOf(ID, { trunks: outside, rules: { SDR_w: {} } }), ['Bind SDR_w to ST_1.']);
  });

  it('warns of a deletion too, where the rule of the trunk takes no call of the SBC', () => {
    const rules = { SDR_w: {}, SDR_1: on('ST_1') };
    const actions = actionsOf(ID, { trunks: { ST_1: LIMITED }, rules, sbcAddresses: [SBC] });
    assert.match(actions[0] ?? '', /^First add 198\.51\.100\.7/);
    assert.match(actions[1] ?? '', /^Last resort, .*delete SDR_w.*would stop: those from 198\.51\.100\.7 to ST_1\./);
  });

  it('says what it can’t tell while no SBC is known', () => {
    const [action] = actionsOf(ID, { trunks: { ST_1: LIMITED, ST_2: { numbers: [OTHER] } }, rules: { SDR_w: {} } });
    assert.equal(
      action,
      'Bind SDR_w to ST_1, ST_2. Calls from addresses that ST_1 doesn’t allow would stop; set JAMBONZ_SBC_ADDRESSES to learn whether they are those of the SBCs.',
    );
  });
});

describe('the fix of a rule for a missing trunk', () => {
  it('never removes the last trunk, which would make a wildcard rule', () => {
    const fixes = fixesOf('rule_for_missing_trunk', { trunks: TRUNK, rules: { SDR_1: on('ST_old') } });
    assert.doesNotMatch(JSON.stringify(fixes), /trunk_ids/);
  });

  it('leaves the trunks that exist', () => {
    assert.deepEqual(updatesOf('rule_for_missing_trunk', { trunks: TRUNK, rules: { SDR_1: on('ST_1', 'ST_old') } }), [
      { sip_dispatch_rule_id: 'SDR_1', update: { trunk_ids: { set: ['ST_1'] } } },
    ]);
  });
});

describe('the fix of swapped numbers', () => {
  it('exchanges the lists and keeps the rest of the rule', () => {
    const rules = {
      SDR_1: { ...on('ST_1'), ...direct('lobby', '4711'), name: 'desk', inbound_numbers: ['15550100'] },
    };
    assert.deepEqual(updatesOf('rule_numbers_swapped', { trunks: TRUNK, rules }), [
      {
        sip_dispatch_rule_id: 'SDR_1',
        replace: {
          rule: { dispatch_rule_direct: { room_name: 'lobby', pin: '<the pin of the rule>' } },
          name: 'desk',
          trunk_ids: ['ST_1'],
          numbers: [CALLED],
        },
      },
    ]);
    assert.deepEqual(actionsOf('rule_numbers_swapped', { trunks: TRUNK, rules }), [
      'Move 15550100 to numbers in SDR_1 "desk".',
    ]);
  });
});

describe('a rule with swapped numbers', () => {
  const ID = 'rule_numbers_swapped';
  const inbound = { ...on('ST_1'), inbound_numbers: ['15550100'] };

  it('gets the form of its own trunk, whatever other trunks list', () => {
    const update = { sip_dispatch_rule_id: 'SDR_1', update: { numbers: { set: [CALLED] }, inbound_numbers: {} } };
    const trunks = { ST_0: { numbers: [CALLED] }, ...TRUNK, ST_2: { numbers: [CALLED, '0015550100'] } };
    const [found] = foundIn(ID, { trunks, rules: { SDR_1: inbound } });
    assert.deepEqual(found?.trunks, ['ST_1']);
    assert.deepEqual(found?.fixes[0]?.change, {
      kind: 'rule',
      sip_dispatch_rule_id: update.sip_dispatch_rule_id,
      lists: { numbers: [CALLED], inbound_numbers: [] },
    });
  });

  it('may list a called number on both sides, which is no call between two of them', () => {
    const trunks = { ST_1: { numbers: [CALLED, OTHER] } };
    const both = { ...on('ST_1'), numbers: [CALLED, OTHER] };
    assert.equal(foundIn(ID, { trunks, rules: { SDR_1: { ...both, inbound_numbers: ['15550100'] } } }).length, 1);
    assert.equal(foundIn(ID, { trunks, rules: { SDR_1: { ...both, inbound_numbers: ['+15550123'] } } }).length, 0);
  });

  it('lists callers only, or any called number, on the wrong side', () => {
    const trunks = { ST_1: { numbers: [CALLED], allowed_numbers: ['+15550123'] } };
    const swapped = (rule: object) => foundIn(ID, { trunks, rules: { SDR_1: { ...on('ST_1'), ...rule } } }).length;
    assert.deepEqual([swapped({ numbers: ['+15550123'] }), swapped({ numbers: ['+15550123', OTHER] })], [1, 0]);
    assert.deepEqual([swapped({ inbound_numbers: [CALLED] }), swapped({ inbound_numbers: [CALLED, OTHER] })], [1, 1]);
    assert.equal(swapped({ inbound_numbers: [OTHER] }), 0);
  });

  it('never gets another caller: its list is emptied, or keeps the callers that it has', () => {
    const rules = { SDR_1: { ...on('ST_1'), inbound_numbers: ['+15550123', CALLED] } };
    assert.deepEqual(
      fixesOf(ID, { trunks: TRUNK, rules }).map(({ action, change }) => [
        action,
        change?.kind === 'rule' && change.lists,
      ]),
      [
        [
          'Move +15550100 to numbers in SDR_1, and empty inbound_numbers: the rule then accepts every caller that its trunk admits.',
          { numbers: [CALLED], inbound_numbers: [] },
        ],
        [
          'Only move +15550100 to numbers in SDR_1, if nobody but +15550123 may call. The caller +15550100 could no longer reach +15550100.',
          { numbers: [CALLED], inbound_numbers: ['+15550123'] },
        ],
      ],
    );
  });

  it('keeps the callers of a rule without trunk_ids first, because they are all that limits it', () => {
    const rules = { SDR_1: { inbound_numbers: ['+15550123', CALLED] } };
    const [first, second] = actionsOf(ID, { trunks: TRUNK, rules });
    assert.match(first ?? '', /^Only move/);
    assert.match(second ?? '', /, and empty inbound_numbers: the rule then accepts every caller, from any address\./);
  });

  it('has no number in an empty entry', () => {
    const trunks = { ST_1: { numbers: [''], allowed_numbers: [''] } };
    for (const list of ['numbers', 'inbound_numbers']) {
      assert.deepEqual(foundIn(ID, { trunks, rules: { SDR_1: { ...on('ST_1'), [list]: [''] } } }), []);
    }
  });

  it('names several numbers together', () => {
    const trunks = { ST_1: { numbers: [CALLED, OTHER], allowed_numbers: ['+15550123', '+15550124'] } };
    const swapped = { ...on('ST_1'), inbound_numbers: [CALLED, OTHER], numbers: ['+15550123', '+15550124'] };
    const [found] = foundIn(ID, { trunks, rules: { SDR_1: swapped } });
    assert.equal(
      found?.what,
      'SDR_1 has +15550100, +15550101 in inbound_numbers, although ST_1 accepts calls to them, and +15550123, +15550124 in numbers, although ST_1 accepts calls from them.',
    );
    assert.equal(
      found?.fixes[0]?.action,
      'Move +15550100, +15550101 to numbers and +15550123, +15550124 to inbound_numbers in SDR_1.',
    );
  });
});

describe('the fix of a number in another form', () => {
  const written = (onTrunk: string, inRule: string) => {
    const rules = { SDR_1: { ...on('ST_1'), numbers: [inRule] } };
    return fixesOf('rule_number_form', { trunks: { ST_1: { numbers: [onTrunk] } }, rules }).flatMap(({ change }) =>
      change?.kind === 'rule' ? (change.lists.numbers ?? []) : [],
    );
  };

  it('writes the form of the trunk', () => assert.deepEqual(written(CALLED, '15550100'), [CALLED]));

  it('never writes blanks, dashes or parentheses, which no call carries', () => {
    assert.deepEqual(written('+1 555 0100', '15550100'), [CALLED]);
    assert.deepEqual(written('+1 (555) 0100', '+1 555 0100'), [CALLED]);
    assert.deepEqual(written('15550100', '+1-555-0100'), ['15550100']);
  });

  it('of no trunk is written without them, and names no trunk', () => {
    assert.deepEqual(written(CALLED, '555-0142'), ['+5550142']);
    const rules = { SDR_1: { ...on('ST_1'), numbers: ['555-0142'], inbound_numbers: ['555-0199'] } };
    const [found] = foundIn('rule_number_form', { trunks: TRUNK, rules });
    assert.deepEqual(found?.trunks, []);
    assert.equal(found?.fixes[0]?.action, 'Write +5550142, +5550199 in SDR_1, if calls carry this format.');
  });
});

describe('the fixes of an unreachable rule', () => {
  const ID = 'dispatch_rule_unreachable';
  const TWO = { ST_1: { numbers: [CALLED] }, ST_2: { numbers: [OTHER] } };
  const AWAY = { ...on('ST_1'), numbers: [OTHER] };

  it('bind it to the trunk that has its number, or else delete it', () => {
    assert.deepEqual(actionsOf(ID, { trunks: TWO, rules: { SDR_1: AWAY, SDR_2: on('ST_2') } }), [
      'Bind SDR_1 to ST_2, which has its number. Calls to +15550101 would go to ST_2 with SDR_1 instead.',
      'Last resort, because it can’t be undone: delete SDR_1, if no call is meant for it. No caller whom a trunk admits today would be locked out, by what the trunks and rules list.',
    ]);
  });

  it('never bind it where it would conflict, which would refuse every call to that trunk', () => {
    for (const rules of [
      { SDR_1: AWAY, SDR_2: { ...on('ST_2'), numbers: [OTHER] } },
      { SDR_1: { ...AWAY, numbers: [OTHER, '15550101'] } },
    ]) {
      assert.deepEqual(actionsOf(ID, { trunks: TWO, rules }), [
        'List numbers and callers in SDR_1 that its trunks accept.',
        'Last resort, because it can’t be undone: delete SDR_1, if no call is meant for it. No caller whom a trunk admits today would be locked out, by what the trunks and rules list.',
      ]);
    }
  });

  it('never bind it where only its numbers are in the way, if callers are elsewhere', () => {
    const trunks = { ...TRUNK, ST_2: { numbers: [OTHER], allowed_numbers: ['+15550123'] } };
    const rules = { SDR_1: { ...on('ST_1', 'ST_2'), numbers: [OTHER], inbound_numbers: ['+15550124'] } };
    assert.deepEqual(actionsOf(ID, { trunks, rules })[0], 'List numbers and callers in SDR_1 that its trunks accept.');
  });

  it('name the rules that come first', () => {
    const rules = { SDR_1: on('ST_1'), SDR_2: { ...on('ST_1'), numbers: [CALLED] } };
    assert.deepEqual(actionsOf(ID, { trunks: TRUNK, rules }), [
      'List the numbers or callers that SDR_1 is meant for, or remove them from SDR_2.',
      'Last resort, because it can’t be undone: delete SDR_1, if no call is meant for it. No caller whom a trunk admits today would be locked out, by what the trunks and rules list.',
    ]);
  });
});

describe('the fix of conflicting rules', () => {
  const ID = 'dispatch_rules_conflict';

  it('tells two rules apart before it deletes one', () => {
    assert.deepEqual(actionsOf(ID, { trunks: TRUNK, rules: { SDR_1: on('ST_1'), SDR_2: on('ST_1') } }), [
      'Give SDR_1 and SDR_2 different numbers, or different trunk_ids, inbound_numbers or pins.',
      'Last resort, because it can’t be undone: delete SDR_2, if SDR_1 should get the calls. No caller whom a trunk admits today would be locked out, by what the trunks and rules list.',
    ]);
  });

  it('lists each number and each trunk once', () => {
    const numbers = { SDR_1: { ...on('ST_1'), numbers: [CALLED, '15550100'] } };
    assert.deepEqual(updatesOf(ID, { trunks: TRUNK, rules: numbers }), [
      {
        sip_dispatch_rule_id: 'SDR_1',
        replace: {
          rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
          trunk_ids: ['ST_1'],
          numbers: [CALLED],
        },
      },
    ]);
    assert.deepEqual(updatesOf(ID, { trunks: TRUNK, rules: { SDR_1: on('ST_1', 'ST_1') } }), [
      { sip_dispatch_rule_id: 'SDR_1', update: { trunk_ids: { set: ['ST_1'] } } },
    ]);
  });
});

describe('the fix of a trunk that is open to all', () => {
  it('leaves no block beside the SBCs', () => {
    const trunks = { ST_1: { numbers: [CALLED], allowed_addresses: ['0.0.0.0/1', '128.0.0.0/1', '192.0.2.1'] } };
    const [fix] = fixesOf('trunk_open', { trunks, sbcAddresses: ['192.0.2.1', '192.0.2.2'] });
    assert.deepEqual(bodiesOf(fix ?? assert.fail())[0], {
      sip_trunk_id: 'ST_1',
      update: { allowed_addresses: { add: ['192.0.2.1', '192.0.2.2'], remove: ['0.0.0.0/1', '128.0.0.0/1'] } },
    });
    assert.match(fix?.action ?? '', /^Allow only 192\.0\.2\.1, 192\.0\.2\.2 in allowed_addresses of ST_1/);
  });
});

describe('the fix of an entry that no call carries', () => {
  const ID = 'trunk_number_never_matches';
  const listing = (...numbers: string[]) => ({ trunks: { ST_1: { numbers } } });

  it('writes the numbers that the entry names', () => {
    const [fix] = fixesOf(ID, listing('sip:2000@192.0.2.1', CALLED, '+15550100,+15550101'));
    assert.deepEqual(fix?.change, {
      kind: 'trunk',
      sip_trunk_id: 'ST_1',
      field: 'numbers',
      add: ['2000', OTHER],
      remove: ['sip:2000@192.0.2.1', '+15550100,+15550101'],
    });
  });

  it('empties the list for a star alone, and says what that means', () => {
    const [fix] = fixesOf(ID, listing('*'));
    assert.deepEqual(fix?.change, { kind: 'trunk', sip_trunk_id: 'ST_1', field: 'numbers', remove: ['*'] });
    assert.match(fix?.action ?? '', /takes every number that no other trunk lists/);
    assert.doesNotMatch(actionsOf(ID, listing('*', CALLED))[0] ?? '', /takes every number/);
  });

  it('leaves a pattern and an empty entry to a person, and removes nothing', () => {
    for (const entry of ['+1555*', '']) {
      assert.deepEqual(fixesOf(ID, listing(entry)), [
        {
          action: `In numbers of ST_1, write the numbers in full instead of ${JSON.stringify(entry)}, or empty the list if the trunk should take every number.`,
          pastes: [],
        },
      ]);
    }
  });
});

describe('the fix of such an entry in a rule', () => {
  const fixOf = (rule: object) =>
    fixesOf('rule_number_form', { trunks: TRUNK, rules: { SDR_1: { ...on('ST_1'), ...rule } } })[0];

  it('writes the numbers that it names, and empties the list for a star', () => {
    assert.deepEqual(fixOf({ numbers: ['sip:+15550100@192.0.2.1'] })?.change, {
      kind: 'rule',
      sip_dispatch_rule_id: 'SDR_1',
      lists: { numbers: [CALLED], inbound_numbers: [] },
    });
    const star = fixOf({ numbers: [CALLED], inbound_numbers: ['*'] });
    assert.deepEqual(star?.change, {
      kind: 'rule',
      sip_dispatch_rule_id: 'SDR_1',
      lists: { numbers: [CALLED], inbound_numbers: [] },
    });
    assert.equal(star?.action, 'Remove "*" from SDR_1.');
  });

  it('leaves a prefix and an empty entry to a person, and adds no caller', () => {
    for (const entry of ['+1', '']) {
      const fix = fixOf({ inbound_numbers: [entry] });
      assert.equal(fix?.change, undefined);
      assert.match(fix?.action ?? '', /or empty the list/);
    }
  });
});
