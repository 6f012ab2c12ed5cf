import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Change, Fix } from '../../../src/core/fixes/fix.ts';
import { consequencesOf } from '../../../src/core/fixes/lockout.ts';
import { proveFixes } from '../../../src/core/fixes/prove.ts';
import { rankFixes } from '../../../src/core/fixes/rankFixes.ts';
import type { CallToJudge } from '../../../src/core/trunks/judge/judge.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';

const N = '+15550100';
const X = '+15550123';
const Y = '+15550142';

const trunk = (id: number, fields: object = {}) => parseTrunk({ sip_trunk_id: `ST_${id}`, numbers: [N], ...fields });
const rule = (id: number, fields: object = {}) =>
  parseRule({ sip_dispatch_rule_id: `SDR_${id}`, rule: { dispatch_rule_individual: {} }, ...fields });
const configured = (trunks: readonly object[], rules: readonly object[] = [{}]) =>
  new Snapshot({
    trunks: trunks.map((fields, i) => trunk(i + 1, fields)),
    rules: rules.map((fields, i) => rule(i + 1, fields)),
  });
const deleteTrunk = (id: number): Change => ({ kind: 'delete_trunk', sip_trunk_id: `ST_${id}` });
const deleteRule = (id: number): Change => ({ kind: 'delete_rule', sip_dispatch_rule_id: `SDR_${id}` });
const edit = (id: number, field: 'numbers' | 'allowed_numbers' | 'allowed_addresses', change: object): Change => ({
  kind: 'trunk',
  sip_trunk_id: `ST_${id}`,
  field,
  ...change,
});
const setRule = (id: number, lists: object): Change => ({ kind: 'rule', sip_dispatch_rule_id: `SDR_${id}`, lists });

describe('whom a change locks out', () => {
  it('is nobody who would have to dial a pattern, or call from one', () => {
    for (const numbers of [['*'], ['sip:+15550100@192.0.2.1']])
      assert.deepEqual(
        consequencesOf(edit(1, 'numbers', { remove: numbers }), configured([{ numbers }]), false).locksOut,
        [],
      );
    const callers = configured([{ allowed_numbers: ['+1'] }]);
    assert.deepEqual(
      consequencesOf(edit(1, 'allowed_numbers', { add: [X], remove: ['+1'] }), callers, false).locksOut,
      [],
    );
  });

  const OWN_RULES = [{ trunk_ids: ['ST_1'] }, { trunk_ids: ['ST_2'] }];
  for (const [what, snapshot, change, wanted] of [
    [
      'deleting the open one of two trunks',
      configured([{ allowed_numbers: [X] }, {}]),
      deleteTrunk(2),
      ['Callers other than +15550123 could no longer reach +15550100.'],
    ],
    ['deleting the one that lists callers', configured([{ allowed_numbers: [X] }, {}]), deleteTrunk(1), []],
    ['deleting the only trunk', configured([{}]), deleteTrunk(1), ['No caller could reach +15550100 any more.']],
    [
      'deleting the only trunk, which lists callers',
      configured([{ allowed_numbers: [X, Y] }]),
      deleteTrunk(1),
      ['The callers +15550123, +15550142 could no longer reach +15550100.'],
    ],
    [
      'deleting a trunk that has one caller more than the other',
      configured([{ allowed_numbers: [X] }, { allowed_numbers: [X, Y] }]),
      deleteTrunk(2),
      ['The caller +15550142 could no longer reach +15550100.'],
    ],
    [
      'deleting a trunk that has another number',
      configured([{}, { numbers: [N, '+15550101'] }]),
      deleteTrunk(2),
      ['No caller could reach +15550101 any more.'],
    ],
    [
      'deleting a trunk whose number another trunk has in another form',
      configured([{ numbers: ['15550100'] }, { numbers: ['+1 555 0100'], allowed_numbers: [X] }]),
      deleteTrunk(2),
      [],
    ],
    [
      'deleting a trunk that takes every number',
      configured([{}, { numbers: [] }]),
      deleteTrunk(2),
      ['No caller could reach numbers that no trunk lists any more.'],
    ],
    [
      'deleting the trunk for all addresses beside one for a block',
      configured([{ allowed_addresses: ['192.0.2.0/24'] }, {}]),
      deleteTrunk(2),
      ['No caller could reach +15550100 from addresses other than 192.0.2.0/24 any more.'],
    ],
    [
      'deleting a trunk for another address',
      configured([{ allowed_addresses: ['192.0.2.1'] }, { allowed_addresses: ['192.0.2.2'] }]),
      deleteTrunk(2),
      ['No caller could reach +15550100 from 192.0.2.2 any more.'],
    ],
    [
      'deleting a trunk for a wider block',
      configured([{ allowed_addresses: ['192.0.2.0/25'] }, { allowed_addresses: ['192.0.2.0/24'] }]),
      deleteTrunk(2),
      ['No caller could reach +15550100 from 192.0.2.0/24 any more.'],
    ],
    [
      'deleting a trunk for a From host',
      configured([{ allowed_addresses: ['192.0.2.1'] }, { allowed_addresses: ['sbc.example.com'] }]),
      deleteTrunk(2),
      ['No caller could reach +15550100 from sbc.example.com any more.'],
    ],
    [
      'deleting a trunk in front of one that takes every number, with the same rule',
      configured([{}, { numbers: [] }]),
      deleteTrunk(1),
      [],
    ],
    [
      'deleting a trunk in front of one that takes every number, with another rule',
      configured([{}, { numbers: [] }], OWN_RULES),
      deleteTrunk(1),
      ['Calls to +15550100 would go to ST_2 with SDR_2 instead.'],
    ],
    [
      'deleting a trunk in front of one that asks for a password',
      configured([{}, { numbers: [], auth_username: 'anna', auth_password: 'x' }]),
      deleteTrunk(1),
      ['Calls to +15550100 would go to ST_2 with SDR_1 instead.'],
    ],
    [
      'deleting a trunk beside one whose rule takes only some callers',
      configured(
        [{ allowed_numbers: [X, Y] }, {}],
        [{ trunk_ids: ['ST_1'], inbound_numbers: [X] }, { trunk_ids: ['ST_2'] }],
      ),
      deleteTrunk(2),
      ['Callers other than +15550123, +15550142 could no longer reach +15550100.'],
    ],
    [
      'deleting a trunk that no rule takes calls from',
      configured([{ allowed_numbers: [X] }, {}], [{ trunk_ids: ['ST_1'] }]),
      deleteTrunk(2),
      [],
    ],
    [
      'taking the number off the open trunk',
      configured([{ allowed_numbers: [X] }, { numbers: [N, '+15550101'] }]),
      edit(2, 'numbers', { remove: [N] }),
      ['Callers other than +15550123 could no longer reach +15550100.'],
    ],
    [
      'taking the number off the trunk that lists callers',
      configured([{ allowed_numbers: [X], numbers: [N, '+15550101'] }, {}]),
      edit(1, 'numbers', { remove: [N] }),
      [],
    ],
    [
      'making a trunk for every number one for a single number',
      configured([{ numbers: [] }]),
      edit(1, 'numbers', { add: [N] }),
      ['No caller could reach numbers that no trunk lists any more.'],
    ],
    [
      'listing callers on an open trunk',
      configured([{}]),
      edit(1, 'allowed_numbers', { add: [X, Y] }),
      ['Callers other than +15550123, +15550142 could no longer reach +15550100.'],
    ],
    [
      'listing addresses on an open trunk',
      configured([{}]),
      edit(1, 'allowed_addresses', { add: ['192.0.2.1'] }),
      ['No caller could reach +15550100 from addresses other than 192.0.2.1 any more.'],
    ],
    ['listing one caller more', configured([{ allowed_numbers: [X] }]), edit(1, 'allowed_numbers', { add: [Y] }), []],
    [
      'listing a caller that another trunk has',
      configured([{ allowed_numbers: [X] }, { allowed_numbers: [Y] }]),
      edit(1, 'allowed_numbers', { add: [Y] }),
      ['The caller +15550142 could no longer reach +15550100.'],
    ],
    ['a number that no trunk has', configured([{}]), edit(1, 'numbers', { add: ['+15550101'] }), []],
    [
      'a number that another trunk has',
      configured([{}, { numbers: ['+15550101'] }]),
      edit(1, 'numbers', { add: ['+15550101'] }),
      ['No caller could reach +15550101 any more.'],
    ],
    [
      'binding a rule to another trunk',
      configured([{}, { numbers: ['+15550101'] }], [{ trunk_ids: ['ST_1'] }]),
      setRule(1, { trunk_ids: ['ST_2'] }),
      ['No caller could reach +15550100 any more.'],
    ],
    [
      'binding a rule to one trunk more',
      configured([{}, { numbers: ['+15550101'] }], [{ trunk_ids: ['ST_1'] }]),
      setRule(1, { trunk_ids: ['ST_1', 'ST_2'] }),
      [],
    ],
    [
      'binding a rule of all trunks to one of two',
      configured([{}, { numbers: ['+15550101'] }]),
      setRule(1, { trunk_ids: ['ST_1'] }),
      ['No caller could reach +15550101 any more.'],
    ],
    [
      'listing callers in a rule',
      configured([{}]),
      setRule(1, { inbound_numbers: [X] }),
      ['Callers other than +15550123 could no longer reach +15550100.'],
    ],
    [
      'writing a caller in another form, of which calls carry only one',
      configured([{}], [{ inbound_numbers: [X.slice(1)] }]),
      setRule(1, { inbound_numbers: [X] }),
      [],
    ],
    [
      'writing another caller',
      configured([{}], [{ inbound_numbers: [X] }]),
      setRule(1, { inbound_numbers: [Y] }),
      ['The caller +15550123 could no longer reach +15550100.'],
    ],
    [
      'deleting a rule that takes other callers',
      configured(
        [{}],
        [
          { inbound_numbers: [X], trunk_ids: ['ST_1'] },
          { inbound_numbers: [Y], trunk_ids: ['ST_1'] },
        ],
      ),
      deleteRule(2),
      ['The caller +15550142 could no longer reach +15550100.'],
    ],
    ['deleting one of two rules that clash', configured([{}], [{}, {}]), deleteRule(2), []],
    ['a first rule', configured([{}], []), { kind: 'new_rule', trunk_ids: ['ST_1'] }, []],
    ['what the application dials', configured([{}]), { kind: 'dial', user: N }, []],
  ] as const) {
    it(what, () => assert.deepEqual(consequencesOf(change, snapshot, false).locksOut, wanted));
  }

  it('counts no From host where LiveKit compares strictly', () => {
    const snapshot = configured([{ allowed_addresses: ['192.0.2.1'] }, { allowed_addresses: ['sbc.example.com'] }]);
    assert.deepEqual(consequencesOf(deleteTrunk(2), snapshot, true).locksOut, []);
  });

  it('is not known of too many trunks, rules, numbers or kinds of callers', () => {
    const many = (count: number, fields: (i: number) => object) => Array.from({ length: count }, (_, i) => fields(i));
    const numbers = (count: number) => many(count, (i) => `+1555${1000 + i}` as never);
    const isPartial = (snapshot: Snapshot) => consequencesOf(deleteTrunk(1), snapshot, false).isPartial;
    assert.deepEqual(
      [200, 201].map((count) => isPartial(configured(many(count, () => ({}))))),
      [false, true],
    );
    assert.deepEqual(
      [200, 201].map((count) => isPartial(configured([{ numbers: numbers(count) }]))),
      [false, true],
    );
    assert.deepEqual(
      [200, 201].map((count) =>
        isPartial(
          configured(
            [{}],
            many(count, () => ({ trunk_ids: ['ST_1'] })),
          ),
        ),
      ),
      [false, true],
    );
    assert.deepEqual(
      [999, 1000].map((count) => isPartial(configured([{}, { allowed_numbers: numbers(count * 2) }]))),
      [false, true],
    );
    assert.deepEqual(
      [8, 9].map((count) => isPartial(configured(many(count, (i) => ({ allowed_numbers: [`+1555${1000 + i}`] }))))),
      [false, true],
    );
  });
});

describe('the order of fixes', () => {
  const snapshot = configured([
    { allowed_numbers: [X], numbers: [N, '+15550101'] },
    { allowed_numbers: [X, Y], numbers: [N, '+15550102'] },
  ]);
  const fix = (action: string, change?: Change): Fix => ({ action, pastes: [], ...(change && { change }) });

  it('is harmless, opening, locking out, deleting; else as before', () => {
    const ranked = rankFixes(
      [
        fix('Delete 2.', deleteTrunk(2)),
        fix('Delete 3.', deleteTrunk(3)),
        fix('Take N off 2.', edit(2, 'numbers', { remove: [N] })),
        fix('Open 4.', edit(4, 'allowed_numbers', { remove: [X] })),
        fix('Do it by hand.'),
        fix('Take N off 1.', edit(1, 'numbers', { remove: [N] })),
        fix('Dial.', { kind: 'dial', user: N }),
      ],
      configured([
        { allowed_numbers: [X], numbers: [N, '+15550101'] },
        { numbers: [N, '+15550102'] },
        { allowed_numbers: [X] },
        { allowed_numbers: [X], numbers: ['+15550103'] },
      ]),
      false,
    );
    assert.deepEqual(
      ranked.map(({ fix: { action } }) => action),
      [
        'Do it by hand.',
        'Take N off 1.',
        'Dial.',
        'Open 4.',
        'Take N off 2. Callers other than +15550123 could no longer reach +15550100.',
        'Last resort, because it can’t be undone: delete 3. No caller whom a trunk admits today would be locked out, by what the trunks and rules list.',
        'Last resort, because it can’t be undone: delete 2. Callers other than +15550123 could no longer reach +15550100. No caller could reach +15550102 any more.',
      ],
    );
  });

  const call: CallToJudge = {
    called: N,
    caller: X,
    sources: ['192.0.2.1'],
    declaredAuth: undefined,
    strictAddresses: false,
  };

  it('proves no fix whose remaining trunk refuses callers or senders that it lists', () => {
    const remaining = (fields: object, other: object, rules: readonly object[] = [{}]) => {
      const known = configured([{ allowed_numbers: [X], allowed_addresses: ['192.0.2.1'] }, fields, other], rules);
      return proveFixes([{ ...fix('Delete 1.', deleteTrunk(1)), cause: 'a' }], known, call).map(({ proof }) => proof);
    };
    const NO_OTHER = { numbers: ['+15550101'] };
    // An open trunk beside one with addresses would be no proven fix whatever it refuses.
    const SENDER = { allowed_addresses: ['192.0.2.1'] };
    assert.deepEqual(remaining({ ...SENDER, allowed_numbers: [X, Y] }, NO_OTHER), ['connects']);
    assert.deepEqual(remaining({ ...SENDER, allowed_numbers: [X, Y] }, { ...SENDER, allowed_numbers: [Y] }), [
      undefined,
    ]);
    assert.deepEqual(remaining(SENDER, { allowed_numbers: [Y] }), ['connects']);
    assert.deepEqual(remaining(SENDER, NO_OTHER, [{ inbound_numbers: [X] }]), ['connects']);
    assert.deepEqual(remaining({ ...SENDER, allowed_numbers: [X, Y] }, NO_OTHER, [{ inbound_numbers: [X] }]), [
      undefined,
    ]);
    const SOURCES = { allowed_addresses: ['192.0.2.1', '192.0.2.2'] };
    assert.deepEqual(remaining(SOURCES, NO_OTHER), ['connects']);
    assert.deepEqual(remaining(SOURCES, { allowed_addresses: ['192.0.2.2'] }), [undefined]);
  });

  it('puts latent causes after blocking ones, and deletions last', () => {
    const known = configured([{ allowed_numbers: [Y] }], [{ trunk_ids: ['ST_1'], inbound_numbers: [X, Y] }, {}]);
    const fixes = [
      { ...fix('Delete the rule.', deleteRule(2)), cause: 'a' },
      { ...fix('Empty the list.', edit(1, 'allowed_numbers', { remove: [Y] })), cause: 'a' },
      { ...fix('Do it by hand.'), cause: 'b' },
    ];
    assert.deepEqual(
      proveFixes(fixes, known, call, ['b']).map(({ cause, action }) => [cause, action.slice(0, 12)]),
      [
        ['a', 'Empty the li'],
        ['b', 'Do it by han'],
      ],
    );
  });

  it('proves only a fix that locks nobody out', () => {
    const fixes = [
      { ...fix('Take N off 2.', edit(2, 'numbers', { remove: [N] })), cause: 'a' },
      { ...fix('Take N off 1.', edit(1, 'numbers', { remove: [N] })), cause: 'a' },
    ];
    assert.deepEqual(
      proveFixes(fixes, snapshot, call).map(({ action, proof }) => [action, proof]),
      [
        ['Take N off 1.', 'connects'],
        ['Take N off 2. The caller +15550142 could no longer reach +15550100.', undefined],
      ],
    );
  });

  for (const [what, guard] of [
    ['a password', { auth_username: 'anna', auth_password: 'secret' }],
    ['an address list', { allowed_addresses: ['192.0.2.1'] }],
  ] as const) {
    it(`leaves no calls of a trunk with ${what} to an open one unless all else is worse`, () => {
      const known = configured([{ ...guard, numbers: [N, '+15550101'] }, { numbers: [N, '+15550102'] }]);
      const takeOff = (id: number) => ({ ...fix(`Off ${id}.`, edit(id, 'numbers', { remove: [N] })), cause: 'a' });
      const [first, second] = proveFixes([takeOff(1), takeOff(2)], known, call);
      assert.match(first?.action ?? '', /^Off 2\./);
      assert.deepEqual([second?.action, second?.proof], ['Off 1.', undefined]);
    });
  }
});
