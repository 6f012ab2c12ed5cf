import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foundIn, tableOf } from './auditedConfiguration.ts';

const NUMBERS = ['+442079460001'];
const BOUND = { SDR_1: { trunk_ids: ['ST_1'] } };

tableOf('wildcard_rule_admits_unmatched_calls', {
  has: [
    [
      'a rule without trunk_ids beside a protected trunk',
      { trunks: { ST_1: { numbers: NUMBERS, allowed_addresses: ['192.0.2.1'] } }, rules: { SDR_1: {} } },
      /^SDR_1 has no trunk_ids: a call that no trunk matched, to any number, from any caller and any address/,
    ],
    [
      'a rule without trunk_ids for some numbers only, with a pin',
      {
        trunks: { ST_1: { numbers: NUMBERS } },
        rules: { SDR_1: { numbers: NUMBERS, rule: { dispatch_rule_direct: { room_name: 'lobby', pin: '4711' } } } },
      },
      /to \+442079460001, .* gets into the room "lobby" once it has given the pin/,
    ],
    ['a rule without trunk_ids where there is no trunk at all', { rules: { SDR_1: {} } }],
  ],
  hasNot: [
    ['the rule is bound to the trunk', { trunks: { ST_1: { numbers: NUMBERS } }, rules: BOUND }],
    ['the rule is bound to a trunk that is gone', { rules: { SDR_1: { trunk_ids: ['ST_gone'] } } }],
  ],
});

describe('the fix of a wildcard rule', () => {
  it('binds it to the trunks that have no other rule, so that it can clash with none', () => {
    const [found] = foundIn('wildcard_rule_admits_unmatched_calls', {
      trunks: {
        ST_1: { numbers: NUMBERS },
        ST_2: { numbers: ['+442079460002'] },
        ST_3: { numbers: ['+442079460003'] },
      },
      rules: { SDR_w: {}, SDR_1: { trunk_ids: ['ST_1'] } },
    });
    assert.match(found?.fixes[0]?.pastes[0]?.text ?? '', /"set": \["ST_2", "ST_3"\]/);
    assert.equal(found?.fixes[0]?.pastes[1]?.text, 'lk sip dispatch update --id SDR_w --trunks ST_2 --trunks ST_3');
  });

  it('deletes it where every trunk has a rule of its own', () => {
    const [found] = foundIn('wildcard_rule_admits_unmatched_calls', {
      trunks: { ST_1: { numbers: NUMBERS } },
      rules: { SDR_w: {}, ...BOUND },
    });
    assert.match(found?.fixes[0]?.action ?? '', /^Delete SDR_w/);
  });
});

tableOf('trunk_open', {
  has: [
    [
      'a trunk with numbers and nothing else',
      { trunks: { ST_1: { numbers: NUMBERS } } },
      /^ST_1 takes calls to \+442079460001 from every address without a password\.$/,
    ],
    [
      'a trunk with a username and no password, for a list of callers',
      { trunks: { ST_1: { numbers: NUMBERS, auth_username: 'jambonz', allowed_numbers: ['+15550100'] } } },
      /only the caller must be \+15550100/,
    ],
    [
      'a trunk whose address entries are all ignored',
      { trunks: { ST_1: { numbers: NUMBERS, allowed_addresses: ['192.0.2.1, 192.0.2.2'] } } },
    ],
  ],
  hasNot: [
    ['it has an address list', { trunks: { ST_1: { numbers: NUMBERS, allowed_addresses: ['192.0.2.1'] } } }],
    ['it has credentials', { trunks: { ST_1: { numbers: NUMBERS, auth_username: 'u', auth_password: 'secret' } } }],
    [
      'its entries are all ignored, and addresses are compared strictly',
      { trunks: { ST_1: { numbers: NUMBERS, allowed_addresses: ['192.0.2.1;'] } }, strictAddresses: true },
    ],
  ],
});

tableOf('trunk_username_without_password', {
  has: [
    [
      'a username alone',
      { trunks: { ST_1: { auth_username: 'livekit_client', allowed_addresses: ['192.0.2.1'] } } },
      /^ST_1 has the username livekit_client and no password/,
    ],
  ],
  hasNot: [
    ['there is a password', { trunks: { ST_1: { auth_username: 'livekit_client', auth_password: 'secret' } } }],
    ['there is no username either', { trunks: { ST_1: { numbers: NUMBERS } } }],
  ],
});

tableOf('trunk_password_without_username', {
  has: [['a password alone', { trunks: { ST_1: { numbers: NUMBERS, auth_password: 'secret' } } }]],
  hasNot: [
    ['there is a username', { trunks: { ST_1: { auth_username: 'livekit_client', auth_password: 'secret' } } }],
    ['there is no password either', { trunks: { ST_1: { numbers: NUMBERS } } }],
  ],
});

tableOf('allowed_numbers_are_own_numbers', {
  has: [
    [
      'the trunk’s own number, with and without +',
      { trunks: { ST_1: { numbers: ['4991874350352'], allowed_numbers: ['+4991874350352'] } } },
      /is called as 4991874350352 and lets in only the caller \+4991874350352/,
    ],
    [
      'its own number with an international prefix, which is no caller either',
      { trunks: { ST_1: { numbers: ['+4991874350352'], allowed_numbers: ['004991874350352'] } } },
    ],
    [
      'some of its own numbers',
      {
        trunks: {
          ST_1: { numbers: ['+442079460001', '+442079460002'], allowed_numbers: ['+442079460002'] },
        },
      },
    ],
  ],
  hasNot: [
    [
      'an outside caller is listed as well',
      { trunks: { ST_1: { numbers: NUMBERS, allowed_numbers: [...NUMBERS, '+15550100'] } } },
    ],
    ['the list is empty', { trunks: { ST_1: { numbers: NUMBERS } } }],
    ['it is a default trunk, which has no numbers', { trunks: { ST_1: { allowed_numbers: NUMBERS } } }],
    [
      'the number is another trunk’s',
      {
        trunks: {
          ST_1: { numbers: NUMBERS, allowed_numbers: ['+442079460002'] },
          ST_2: { numbers: ['+442079460002'] },
        },
      },
    ],
  ],
});
