import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atOnce } from '../../../src/core/atOnce.ts';
import { isEqualInSteps, trunksChanged } from '../../../src/core/trunks/difference.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { difference } from './differenceOf.ts';

const TRUNK = {
  sip_trunk_id: 'ST_x',
  name: 'Jambonz',
  numbers: ['+15550100'],
  allowed_addresses: ['192.0.2.10'],
  auth_username: 'user',
  auth_password: 'first-secret',
};
const RULE = {
  sip_dispatch_rule_id: 'SDR_x',
  rule: { dispatch_rule_individual: { room_prefix: 'call-', pin: '4711' } },
  trunk_ids: ['ST_x'],
  room_config: { agents: [{ agent_name: 'desk', metadata: 'secret-of-the-agent' }] },
};

function snapshot(trunks: readonly object[], rules: readonly object[]): Snapshot {
  return new Snapshot({ trunks: trunks.map(parseTrunk), rules: rules.map(parseRule) });
}

const texts = (before: Snapshot, after: Snapshot) => difference(before, after).map(({ text }) => text);
const textsOfTrunk = (fields: object) => texts(snapshot([TRUNK], []), snapshot([{ ...TRUNK, ...fields }], []));
const textsOfRule = (fields: object) => texts(snapshot([], [RULE]), snapshot([], [{ ...RULE, ...fields }]));

describe('the difference between two configurations', () => {
  const ROWS: readonly [name: string, texts: readonly string[], expected: readonly string[]][] = [
    ['is nothing where nothing changed', textsOfTrunk({}), []],
    [
      'is nothing where the id is no longer assumed',
      texts(
        new Snapshot({ trunks: [{ ...parseTrunk(TRUNK), has_assumed_id: true }], rules: [] }),
        snapshot([TRUNK], []),
      ),
      [],
    ],
    [
      'is told with the value before and after of a list',
      textsOfTrunk({ allowed_addresses: ['192.0.2.11', '192.0.2.12'] }),
      ['allowed_addresses of ST_x changed from [192.0.2.10] to [192.0.2.11, 192.0.2.12]'],
    ],
    [
      'is told of an emptied list',
      textsOfTrunk({ allowed_addresses: null }),
      ['allowed_addresses of ST_x changed from [192.0.2.10] to []'],
    ],
    [
      'is told of a user name',
      textsOfTrunk({ auth_username: '' }),
      ['auth_username of ST_x changed from user to nothing'],
    ],
    [
      'is told of a password that is taken away',
      textsOfTrunk({ auth_password: '' }),
      ['auth_password of ST_x was removed'],
    ],
    ['cannot be told of another password', textsOfTrunk({ auth_password: 'second-secret' }), []],
    [
      'is told once of the ringing timeout',
      textsOfTrunk({ ringing_timeout: '20s' }),
      ['ringing_timeout_seconds of ST_x changed from nothing to 20'],
    ],
    [
      'is told of any other field of LiveKit’s',
      textsOfTrunk({ krisp_enabled: true }),
      ['krisp_enabled of ST_x changed from nothing to true'],
    ],
    ['shows no metadata', textsOfTrunk({ metadata: 'private' }), ['metadata of ST_x was set']],
    ['shows no headers', textsOfTrunk({ headers: { 'X-Key': 'private' } }), ['headers of ST_x was set']],
    [
      'shows no pin',
      textsOfRule({ rule: { dispatch_rule_individual: { room_prefix: 'call-', pin: '0815' } } }),
      ['pin of SDR_x changed'],
    ],
    [
      'is told of a pin that is taken away',
      textsOfRule({ rule: { dispatch_rule_individual: { room_prefix: 'call-' } } }),
      ['pin of SDR_x was removed'],
    ],
    [
      'is told once of a room prefix',
      textsOfRule({ rule: { dispatch_rule_individual: { room_prefix: 'desk-', pin: '4711' } } }),
      ['room of SDR_x changed from call- to desk-'],
    ],
    [
      'shows nothing of the agents',
      textsOfRule({ room_config: { agents: [{ agent_name: 'another', metadata: 'another' }] } }),
      ['room_config of SDR_x changed'],
    ],
    ['shows a name', textsOfTrunk({ name: 'SBC' }), ['name of ST_x changed from Jambonz to SBC']],
    ['shows numbers', textsOfTrunk({ numbers: [] }), ['numbers of ST_x changed from [+15550100] to []']],
    [
      'shows allowed numbers',
      textsOfTrunk({ allowed_numbers: ['1'] }),
      ['allowed_numbers of ST_x changed from [] to [1]'],
    ],
    [
      'shows the callers of a rule',
      textsOfRule({ inbound_numbers: ['1'] }),
      ['inbound_numbers of SDR_x changed from [] to [1]'],
    ],
    [
      'shows the kind of a rule and its room',
      textsOfRule({ rule: { dispatch_rule_direct: { room_name: 'desk', pin: '4711' } } }),
      ['kind of SDR_x changed from individual to direct', 'room of SDR_x changed from call- to desk'],
    ],
    [
      'is told of a password that is set',
      texts(snapshot([{ ...TRUNK, auth_password: '' }], []), snapshot([TRUNK], [])),
      ['auth_password of ST_x was set'],
    ],
    [
      'is told of a pin that is set',
      texts(
        snapshot([], [{ ...RULE, rule: { dispatch_rule_individual: { room_prefix: 'call-' } } }]),
        snapshot([], [RULE]),
      ),
      ['pin of SDR_x was set'],
    ],
    [
      'is told of metadata that is taken away; of other metadata it cannot know',
      [
        ...texts(snapshot([{ ...TRUNK, metadata: 'private' }], []), snapshot([TRUNK], [])),
        ...texts(snapshot([{ ...TRUNK, metadata: 'private' }], []), snapshot([{ ...TRUNK, metadata: 'other' }], [])),
      ],
      ['metadata of ST_x was removed'],
    ],
    ['is told of a bound rule', textsOfRule({ trunk_ids: [] }), ['trunk_ids of SDR_x changed from [ST_x] to []']],
  ];
  const SHOWN = {
    max_call_duration: '600s',
    krisp_enabled: true,
    media_encryption: 'SIP_MEDIA_ENCRYPT_REQUIRE',
    include_headers: 'SIP_ALL_HEADERS',
    hide_phone_number: true,
    no_randomness: true,
    room_preset: 'desk',
  };
  for (const [field, value] of Object.entries(SHOWN)) {
    it(`shows ${field}`, () => {
      assert.deepEqual(textsOfTrunk({ [field]: value }), [`${field} of ST_x changed from nothing to ${value}`]);
    });
  }
  for (const [name, got, expected] of ROWS) it(name, () => assert.deepEqual(got, expected));

  it('names what was added and removed', () => {
    const before = snapshot([TRUNK], []);
    const after = snapshot([{ ...TRUNK, sip_trunk_id: 'ST_y' }], [RULE]);
    assert.deepEqual(texts(before, after), [
      'trunk ST_y was added',
      'trunk ST_x was removed',
      'dispatch rule SDR_x was added',
    ]);
  });

  it('is nothing where only the order of trunks and of an object’s keys is another', () => {
    const one = { ...TRUNK, headers: { a: '1', b: '2' } };
    const two = { ...TRUNK, sip_trunk_id: 'ST_y' };
    const turned = { ...TRUNK, headers: { b: '2', a: '1' } };
    assert.deepEqual(texts(snapshot([one, two], []), snapshot([two, turned], [])), []);
  });

  it('tells of a long list what was added and removed, and stays short', () => {
    const numbers = Array.from({ length: 5_000 }, (_, i) => `+1555${i}`);
    const [one] = texts(
      snapshot([{ ...TRUNK, numbers }], []),
      snapshot([{ ...TRUNK, numbers: [...numbers.slice(1), '+49'] }], []),
    );
    assert.equal(one, 'numbers of ST_x changed from 5000 to 5000 entries: added +49; removed +15550');
    const [all] = texts(snapshot([{ ...TRUNK, numbers }], []), snapshot([{ ...TRUNK, numbers: [] }], []));
    assert.match(all ?? '', /removed \+15550, .* and 4990 more$/);
    assert.ok((all ?? '').length < 300);
  });
  it('shows at most ten entries of a list and counts the rest', () => {
    const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);
    const grown = (count: number) =>
      texts(snapshot([{ ...TRUNK, numbers: [] }], []), snapshot([{ ...TRUNK, numbers: numbers(count) }], []));
    assert.deepEqual(grown(10), ['numbers of ST_x changed from [] to [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]']);
    assert.deepEqual(grown(11), [
      'numbers of ST_x changed from 0 to 11 entries: added 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 1 more',
    ]);
  });
});

describe('two configurations', () => {
  const other = { ...TRUNK, sip_trunk_id: 'ST_y' };
  const whole = () => snapshot([TRUNK, other], [RULE]);
  for (const [what, changed, isEqual] of [
    ['are equal with the same trunks and rules', whole(), true],
    ['differ where a trunk is missing', snapshot([TRUNK], [RULE]), false],
    ['differ where a rule is missing', snapshot([TRUNK, other], []), false],
    ['differ in the order of their trunks', snapshot([other, TRUNK], [RULE]), false],
    ['differ in a field of a trunk', snapshot([TRUNK, { ...other, name: 'x' }], [RULE]), false],
    ['differ in a field of a rule', snapshot([TRUNK, other], [{ ...RULE, name: 'x' }]), false],
  ] as const) {
    it(what, () => {
      assert.equal(atOnce(isEqualInSteps(whole(), changed)), isEqual);
      assert.equal(atOnce(isEqualInSteps(changed, whole())), isEqual);
    });
  }
});

describe('the trunks that a change affects', () => {
  const other = { ...TRUNK, sip_trunk_id: 'ST_y' };
  const known = snapshot([TRUNK, other], [RULE, { ...RULE, sip_dispatch_rule_id: 'SDR_y', trunk_ids: ['ST_y'] }]);
  const changed = (trunks: readonly object[], rules: readonly object[]) => {
    const after = snapshot(trunks, rules);
    return [...trunksChanged(difference(known, after), known, after)];
  };
  const second = { ...RULE, sip_dispatch_rule_id: 'SDR_y', trunk_ids: ['ST_y'] };

  it('are none if nothing changed', () => assert.deepEqual(changed([TRUNK, other], [RULE, second]), []));
  it('are the trunk itself', () => {
    assert.deepEqual(changed([TRUNK, { ...other, name: 'x' }], [RULE, second]), ['ST_y']);
  });
  it('are those that a rule was bound to, before or after', () => {
    assert.deepEqual(changed([TRUNK, other], [RULE, { ...second, name: 'x' }]), ['ST_y']);
    assert.deepEqual(changed([TRUNK, other], [{ ...RULE, trunk_ids: ['ST_z'] }, second]), ['ST_x', 'ST_z']);
    assert.deepEqual(changed([TRUNK, other], [RULE]), ['ST_y']);
  });
  it('are not listed for a rule without trunks', () => {
    assert.deepEqual(changed([TRUNK, other], [RULE, second, { sip_dispatch_rule_id: 'SDR_z' }]), ['none']);
  });
});
