import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ExampleConfiguration } from '../../../src/core/audit/finding.ts';
import type { FindingId } from '../../../src/core/audit/findings.ts';
import { foundIn } from './auditedConfiguration.ts';

const CALLED = '+15550100';
const OTHER = '+15550101';
const TRUNK = { ST_1: { numbers: [CALLED] } };
const on = (...trunk_ids: string[]) => ({ trunk_ids });
const direct = (room_name: string, pin = '') => ({ rule: { dispatch_rule_direct: { room_name, pin } } });

function fixesOf(id: FindingId, configuration: ExampleConfiguration) {
  return foundIn(id, configuration)[0]?.fixes ?? [];
}

/** The JSON to paste first, of each fix that has one. */
function updatesOf(id: FindingId, configuration: ExampleConfiguration): unknown[] {
  return fixesOf(id, configuration).flatMap(({ pastes: [paste] }) => (paste ? [JSON.parse(paste.text)] : []));
}

function actionsOf(id: FindingId, configuration: ExampleConfiguration): string[] {
  return fixesOf(id, configuration).map(({ action }) => action);
}

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
    assert.match(fix?.pastes[0]?.text ?? '', /"set": \["ST_2", "ST_3"\]/);
    assert.equal(fix?.pastes[1]?.text, 'lk sip dispatch update --id SDR_w --trunks ST_2 --trunks ST_3');
  });

  it('binds it to a trunk with a rule for some of its calls, and leaves out a trunk with other numbers', () => {
    const trunks = { ST_1: { numbers: [CALLED, OTHER] }, ST_2: { numbers: ['+15550102'] } };
    const ofSome = [
      { rules: { SDR_w: {}, SDR_1: { ...on('ST_1'), numbers: [CALLED] }, SDR_2: on('ST_2') } },
      { rules: { SDR_w: {}, SDR_1: { ...on('ST_1'), inbound_numbers: ['+15550123'] }, SDR_2: on('ST_2') } },
      { rules: { SDR_w: { numbers: [OTHER] }, SDR_1: { ...on('ST_1'), numbers: [CALLED] } } },
    ];
    for (const { rules } of ofSome) assert.deepEqual(boundTo({ trunks, rules }), ['ST_1']);
  });

  it('deletes it where other rules take all calls', () => {
    const rules = [
      { SDR_w: {}, SDR_1: on('ST_1') },
      { SDR_w: { numbers: [CALLED] }, SDR_1: { ...on('ST_1'), numbers: [CALLED, OTHER] } },
      { SDR_w: { numbers: [OTHER] } },
    ];
    for (const some of rules) assert.deepEqual(boundTo({ trunks: TRUNK, rules: some }), ['delete_rule']);
    assert.match(actionsOf(ID, { trunks: TRUNK, rules: rules[0] ?? {} })[0] ?? '', /^Delete SDR_w: no trunk needs it/);
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
});

describe('the fixes of an unreachable rule', () => {
  const ID = 'dispatch_rule_unreachable';
  const TWO = { ST_1: { numbers: [CALLED] }, ST_2: { numbers: [OTHER] } };
  const AWAY = { ...on('ST_1'), numbers: [OTHER] };

  it('bind it to the trunk that has its number, or else delete it', () => {
    assert.deepEqual(actionsOf(ID, { trunks: TWO, rules: { SDR_1: AWAY, SDR_2: on('ST_2') } }), [
      'Bind SDR_1 to ST_2, which has its number.',
      'Delete SDR_1, if no call is meant for it.',
    ]);
  });

  it('never bind it where it would conflict, which would refuse every call to that trunk', () => {
    for (const rules of [
      { SDR_1: AWAY, SDR_2: { ...on('ST_2'), numbers: [OTHER] } },
      { SDR_1: { ...AWAY, numbers: [OTHER, '15550101'] } },
    ]) {
      assert.deepEqual(actionsOf(ID, { trunks: TWO, rules }), [
        'List numbers and callers in SDR_1 that its trunks accept.',
        'Delete SDR_1, if no call is meant for it.',
      ]);
    }
  });

  it('name the rules that come first', () => {
    const rules = { SDR_1: on('ST_1'), SDR_2: { ...on('ST_1'), numbers: [CALLED] } };
    assert.deepEqual(actionsOf(ID, { trunks: TRUNK, rules }), [
      'List the numbers or callers that SDR_1 is meant for, or remove them from SDR_2.',
      'Delete SDR_1, if no call is meant for it.',
    ]);
  });
});

describe('the fix of conflicting rules', () => {
  const ID = 'dispatch_rules_conflict';

  it('tells two rules apart before it deletes one', () => {
    assert.deepEqual(actionsOf(ID, { trunks: TRUNK, rules: { SDR_1: on('ST_1'), SDR_2: on('ST_1') } }), [
      'Give SDR_1 and SDR_2 different trunk_ids, inbound_numbers, numbers or pins.',
      'Delete SDR_2, if SDR_1 should get the calls.',
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

describe('the fixes of a trunk conflict', () => {
  const ID = 'trunk_conflicts_at_call_time';
  const BOTH = { numbers: [CALLED, OTHER] };

  it('never remove the only number of a trunk, which would make it a default trunk', () => {
    const trunks = { ST_1: { numbers: [CALLED, '15550100'] }, ST_2: { numbers: ['15550100', OTHER] } };
    assert.deepEqual(updatesOf(ID, { trunks }), [
      { sip_trunk_id: 'ST_2', update: { numbers: { remove: ['15550100'] } } },
    ]);
  });

  it('remove every number that both have', () => {
    const trunks = { ST_1: BOTH, ST_2: { numbers: [OTHER, '15550100', '+15550102'] } };
    assert.deepEqual(updatesOf(ID, { trunks }), [
      { sip_trunk_id: 'ST_2', update: { numbers: { remove: [OTHER, '15550100'] } } },
    ]);
  });

  for (const narrow of [
    { allowed_numbers: ['+15550123'] },
    { allowed_addresses: ['192.0.2.1'] },
    { auth_username: 'livekit_client', auth_password: 'secret' },
  ]) {
    it(`keep the number first on the trunk that refuses fewer calls: ${Object.keys(narrow).join(', ')}`, () => {
      const limited = { numbers: [CALLED, '+15550102'], ...narrow };
      for (const trunks of [
        { ST_n: limited, ST_w: BOTH },
        { ST_w: BOTH, ST_n: limited },
      ]) {
        const [first, second, third] = actionsOf(ID, { trunks });
        assert.equal(first, `Remove ${CALLED} from ST_n. Then ST_w accepts these calls.`);
        assert.match(
          second ?? '',
          /^Remove \+15550100 from ST_w\. Then ST_n accepts these calls, but only (from|sent|with) /,
        );
        assert.match(third ?? '', /do not overlap, or delete the one that no call needs\.$/);
      }
    });
  }
});

describe('the fix of credentials', () => {
  it('gives the application both before the trunk gets what is missing', () => {
    const missing = (trunk: object) =>
      fixesOf('trunk_open', { trunks: { ST_1: trunk } })[0]?.pastes.map(({ text }) => text)[1];
    const [action = ''] = actionsOf('trunk_open', { trunks: { ST_1: {} } });
    assert.match(
      action,
      /^Put auth .* into the application’s dial target\. Then give ST_1 a username and a password\.$/,
    );
    assert.equal(
      missing({}),
      `lk sip inbound update --id ST_1 --auth-user '<a username>' --auth-pass '<a long random password>'`,
    );
    assert.equal(missing({ auth_password: 'secret' }), `lk sip inbound update --id ST_1 --auth-user '<a username>'`);
    assert.equal(
      missing({ auth_username: 'livekit_client' }),
      `lk sip inbound update --id ST_1 --auth-pass '<a long random password>'`,
    );
  });
});
