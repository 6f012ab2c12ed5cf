import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foundIn, tableOf } from './auditedConfiguration.ts';

const NUMBER = '+442079460001';

tableOf('trunk_conflicts_at_call_time', {
  has: [
    [
      'one with allowed_numbers and one without, which creation lets pass',
      { trunks: { ST_1: { numbers: [NUMBER], allowed_numbers: ['+15550100'] }, ST_2: { numbers: ['442079460001'] } } },
      /both take \+442079460001: a call to \+442079460001 from \+15550100, sent from any address, is answered 503\. LiveKit lets such a pair be created\.$/,
    ],
    [
      'the same number without allowed_numbers, which creation refuses',
      { trunks: { ST_1: { numbers: [NUMBER] }, ST_2: { numbers: [NUMBER] } } },
      /from any caller, sent from any address, .* LiveKit itself refuses to create the second of them\.$/,
    ],
    [
      'two numbers in common, which make one pair',
      {
        trunks: {
          ST_1: { numbers: [NUMBER, '+442079460002'] },
          ST_2: { numbers: ['+442079460002', NUMBER], allowed_numbers: ['+15550100'] },
        },
      },
    ],
    [
      'two default trunks, one for some callers',
      {
        trunks: {
          ST_1: { allowed_addresses: ['192.0.2.0/24'] },
          ST_2: { allowed_addresses: ['192.0.2.7'], allowed_numbers: ['+15550100'] },
        },
      },
      /^ST_1 and ST_2 have no numbers, .*: a call from \+15550100, sent from 192\.0\.2\.7, is answered 503/,
    ],
    [
      'an address and a host name, for a call that has both',
      {
        trunks: {
          ST_1: { numbers: [NUMBER], allowed_addresses: ['192.0.2.1'] },
          ST_2: { numbers: [NUMBER], allowed_addresses: ['sbc.example.com'], allowed_numbers: ['+15550100'] },
        },
      },
      /sent from 192\.0\.2\.1 with the From host sbc\.example\.com/,
    ],
  ],
  hasNot: [
    ['other numbers', { trunks: { ST_1: { numbers: [NUMBER] }, ST_2: { numbers: ['00442079460001'] } } }],
    [
      'other callers',
      {
        trunks: {
          ST_1: { numbers: [NUMBER], allowed_numbers: ['+15550100'] },
          ST_2: { numbers: [NUMBER], allowed_numbers: ['+15550101'] },
        },
      },
    ],
    [
      'other addresses',
      {
        trunks: {
          ST_1: { numbers: [NUMBER], allowed_addresses: ['192.0.2.0/25'] },
          ST_2: { numbers: [NUMBER], allowed_addresses: ['192.0.2.128/25'] },
        },
      },
    ],
    [
      'a host name that strict comparison never lets in',
      {
        trunks: { ST_1: { numbers: [NUMBER] }, ST_2: { numbers: [NUMBER], allowed_addresses: ['sbc.example.com'] } },
        strictAddresses: true,
      },
    ],
    [
      'a default trunk beside a specific one',
      { trunks: { ST_1: { numbers: [NUMBER] }, ST_2: { allowed_addresses: ['192.0.2.1'] } } },
    ],
    ['one number twice on one trunk', { trunks: { ST_1: { numbers: [NUMBER, '442079460001'] } } }],
  ],
});

describe('the fix of a trunk conflict', () => {
  it('never takes the only number off a trunk, which would make it a default trunk', () => {
    const [found] = foundIn('trunk_conflicts_at_call_time', {
      trunks: { ST_1: { numbers: [NUMBER, '442079460001'] }, ST_2: { numbers: ['442079460001', '+442079460002'] } },
    });
    const updates = found?.fixes.flatMap((fix) => fix.pastes.slice(0, 1)).map((paste) => JSON.parse(paste.text));
    assert.deepEqual(updates, [{ sip_trunk_id: 'ST_2', update: { numbers: { remove: ['442079460001'] } } }]);
  });
});

describe('many conflicting trunks', () => {
  it('are told up to fifty pairs, and the rest is counted', () => {
    const trunks = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`ST_${i}`, { numbers: [NUMBER] }]));
    const found = foundIn('trunk_conflicts_at_call_time', { trunks });
    assert.equal(found.length, 51);
    assert.equal(found[50]?.what, '140 more pairs of trunks match the same call.');
    assert.deepEqual([found[50]?.trunk, found[50]?.count], ['none', 140]);
  });
});
