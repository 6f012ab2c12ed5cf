import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readConfiguration } from '../../../../src/core/trunks/configurationFile.ts';
import { RULE, TRUNK } from './deskConfiguration.ts';

const LK_TRUNK = { sipTrunkId: 'ST_1', name: 'desk', numbers: ['+12025550123'] };

describe('a configuration file', () => {
  const trunks = (...inbound_trunks: readonly unknown[]) => ({ inbound_trunks, dispatch_rules: [] });
  const rules = (...dispatch_rules: readonly unknown[]) => ({ inbound_trunks: [], dispatch_rules });
  const refused: readonly [string, unknown, RegExp][] = [
    [
      'mixes the names of a trunk',
      trunks({ sip_trunk_id: 'ST_1', allowedAddresses: ['203.0.113.10'] }),
      /^\/inbound_trunks\/0 mixes the names sip_trunk_id and allowedAddresses/,
    ],
    [
      'mixes the names of a rule',
      rules({ sipDispatchRuleId: 'SDR_1', trunk_ids: ['ST_1'] }),
      /^\/dispatch_rules\/0 mixes the names trunk_ids and sipDispatchRuleId/,
    ],
    [
      'mixes the names of media',
      trunks({ ...TRUNK, media: { onlyListedCodecs: true, media_timeout: '5s' } }),
      /^\/inbound_trunks\/0\/media mixes/,
    ],
    [
      'gives one field twice',
      trunks({ sip_trunk_id: 'ST_1', allowed_addresses: ['203.0.113.10'], allowedAddresses: [] }),
      /mixes the names sip_trunk_id and allowedAddresses/,
    ],
    [
      'misspells a list',
      trunks({ ...TRUNK, allowed_adresses: ['203.0.113.10'] }),
      /^\/inbound_trunks\/0 has the unknown field allowed_adresses$/,
    ],
    ['writes a field in Go’s way', trunks({ ...TRUNK, AuthPassword: 'x' }), /unknown field AuthPassword/],
    [
      'has a field of the older trunks',
      trunks({ ...TRUNK, inbound_addresses: ['203.0.113.10'] }),
      /unknown field inbound_addresses/,
    ],
    [
      'misspells the pin',
      rules({ ...RULE, rule: { dispatch_rule_direct: { room_name: 'desk', PIN: '1' } } }),
      /^\/dispatch_rules\/0\/rule\/dispatch_rule_direct has the unknown field PIN$/,
    ],
    [
      'has a kind of rule that isn’t known',
      rules({ ...RULE, rule: { dispatch_rule_menu: { a: 1 } } }),
      /^\/dispatch_rules\/0\/rule has the unknown field dispatch_rule_menu$/,
    ],
    [
      'has an encryption that isn’t one',
      trunks({ ...TRUNK, media: { encryption: 'require' } }),
      /^\/inbound_trunks\/0\/media\/encryption must be one of SIP_MEDIA_ENCRYPT_DISABLE, /,
    ],
    [
      'has a number that no encryption has',
      trunks({ ...TRUNK, media_encryption: 3 }),
      /^\/inbound_trunks\/0\/media_encryption must be one of /,
    ],
    [
      'has a word for true',
      trunks({ ...TRUNK, media: { only_listed_codecs: 'yes' } }),
      /^\/inbound_trunks\/0\/media\/only_listed_codecs must be true or false$/,
    ],
    [
      'has a list that is text',
      trunks({ ...TRUNK, allowed_addresses: '203.0.113.10' }),
      /^\/inbound_trunks\/0\/allowed_addresses must be/,
    ],
    [
      'has a trunk without id',
      trunks({ numbers: ['+12025550123'] }),
      /^\/inbound_trunks\/0 must have required properties sip_trunk_id/,
    ],
    ['has only trunks', { inbound_trunks: [TRUNK] }, /^\/dispatch_rules is missing; write \[\] if there are none$/],
    [
      'is lk’s answer alone',
      { items: [LK_TRUNK] },
      /neither inbound_trunks nor dispatch_rules: put what `lk sip inbound list --json` prints/,
    ],
    ['is a list', [TRUNK], /neither inbound_trunks nor dispatch_rules/],
    ['is text', 'inbound_trunks', /neither inbound_trunks nor dispatch_rules/],
    [
      'has an object for a list',
      { inbound_trunks: TRUNK, dispatch_rules: [] },
      /^\/inbound_trunks must be a list, or an object with items$/,
    ],
  ];
  for (const [what, json, fault] of refused) {
    it(`that ${what} is refused by name`, () => {
      const reading = readConfiguration(json);
      assert.ok(!reading.ok);
      assert.match(reading.faults[0] ?? '', fault);
    });
  }

  for (const [length, shown] of [
    [60, 'x'.repeat(60)],
    [61, `${'x'.repeat(60)}…`],
  ] as const) {
    it(`names an unknown field of ${length} characters`, () => {
      const reading = readConfiguration(trunks({ ...TRUNK, ['x'.repeat(length)]: 1 }));
      assert.deepEqual(reading, { ok: false, faults: [`/inbound_trunks/0 has the unknown field ${shown}`] });
    });
  }

  it('never quotes a value in a fault', () => {
    const reading = readConfiguration(trunks({ ...TRUNK, authPassword: 's3cret', pass_word: 's3cret' }));
    assert.ok(!reading.ok);
    assert.doesNotMatch(reading.faults.join(), /s3cret/);
  });

  it('may have fields of newer releases while they are empty', () => {
    const newer = { ...TRUNK, newer_list: [], newer_text: '', newer_switch: false, newer_object: null };
    assert.ok(readConfiguration(trunks(newer)).ok);
  });

  it('may have anything in a room’s configuration', () => {
    assert.ok(readConfiguration(rules({ ...RULE, room_config: { egress: { room: {} }, newThing: 1 } })).ok);
  });

  it('may have empty lists, which lk leaves out', () => {
    const reading = readConfiguration({ inbound_trunks: {}, dispatch_rules: { items: [] } });
    assert.ok(reading.ok);
    assert.deepEqual([reading.snapshot.trunks, reading.snapshot.rules], [[], []]);
  });

  it('for lk sip create has stand-ins for the ids that are not given yet', () => {
    const { sip_trunk_id: _, ...trunk } = TRUNK;
    const { sip_dispatch_rule_id: __, ...rule } = RULE;
    const reading = readConfiguration({
      inbound_trunks: [{ trunk }, { trunk }],
      dispatch_rules: [{ dispatch_rule: rule }],
    });
    assert.ok(reading.ok);
    assert.deepEqual(
      reading.snapshot.trunks.map(({ sip_trunk_id }) => sip_trunk_id),
      ['<trunk 1>', '<trunk 2>'],
    );
    assert.deepEqual(
      reading.snapshot.rules.map((one) => one.sip_dispatch_rule_id),
      ['<dispatch_rule 1>'],
    );
  });
});
