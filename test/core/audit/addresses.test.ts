import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressesIn } from '../../../src/core/audit/addressList.ts';
import { foundIn, tableOf } from './auditedConfiguration.ts';

/** One trunk with this list. */
const allowing = (...allowed_addresses: string[]) => ({
  trunks: { ST_1: { numbers: ['+442079460001'], allowed_addresses } },
});

tableOf('allowed_addresses_all_ignored', {
  has: [
    [
      'two addresses in one entry',
      allowing('192.0.2.1, 192.0.2.2'),
      /allows "192\.0\.2\.1, 192\.0\.2\.2", .*: every address gets in\.$/,
    ],
    ['a URI and a star', allowing('sip://192.0.2.1', '198.51.100.*')],
    [
      'a host name, where addresses are compared strictly',
      { ...allowing('sbc.example.com'), strictAddresses: true },
      /no address gets in/,
    ],
  ],
  hasNot: [
    ['one entry counts', allowing('192.0.2.1, 192.0.2.2', '192.0.2.1')],
    ['the list is empty', allowing()],
    ['a host name is compared with the From header', allowing('sbc.example.com', '192.0.2.*')],
  ],
});

tableOf('allowed_address_ignored', {
  has: [
    [
      'an entry with a comma beside one that counts',
      allowing('192.0.2.1', '192.0.2.2,192.0.2.3'),
      /has "192\.0\.2\.2,192\.0\.2\.3" in allowed_addresses/,
    ],
    ['a blank at the end', allowing('192.0.2.1', '192.0.2.2 ')],
    [
      'an IPv4-mapped address, where addresses are compared strictly',
      { ...allowing('192.0.2.1', '::ffff:192.0.2.2'), strictAddresses: true },
    ],
  ],
  hasNot: [
    ['all entries are ignored, which is worse', allowing('192.0.2.2,192.0.2.3')],
    [
      'all are ignored, and addresses are compared strictly',
      { ...allowing('192.0.2.2,192.0.2.3'), strictAddresses: true },
    ],
    ['an IPv4-mapped address counts as such', allowing('192.0.2.1', '::ffff:192.0.2.2')],
    ['every entry counts', allowing('192.0.2.1', '[2001:db8::1]', '198.51.100.0/24')],
  ],
});

tableOf('allowed_address_is_host_name', {
  has: [
    ['a host name', allowing('sbc.example.com'), /whoever writes it as the host of the From header/],
    ['an address with a port', allowing('192.0.2.1:5060')],
    ['a block that is none', allowing('192.0.2.0/33')],
    [
      'a host name, where addresses are compared strictly',
      { ...allowing('192.0.2.1', 'sbc.example.com'), strictAddresses: true },
      /which matches no address/,
    ],
  ],
  hasNot: [
    ['addresses and blocks', allowing('192.0.2.1', '198.51.100.0/24', '[2001:db8::1]')],
    ['an entry that is ignored', allowing('sbc.example.com, 192.0.2.1')],
  ],
});

tableOf('sbc_address_not_allowed', {
  has: [
    [
      'one of two SBCs is missing',
      { ...allowing('192.0.2.1'), sbcAddresses: ['192.0.2.1', '192.0.2.2'] },
      /calls from the SBC 192\.0\.2\.2 are dropped\.$/,
    ],
    [
      'a host name may still let it in',
      { ...allowing('192.0.2.1', 'sbc.example.com'), sbcAddresses: ['192.0.2.2'] },
      /unless the host of the From header is sbc\.example\.com/,
    ],
    [
      'a block that ends before it, where addresses are compared strictly',
      { ...allowing('192.0.2.0/25'), sbcAddresses: ['192.0.2.200'], strictAddresses: true },
    ],
  ],
  hasNot: [
    ['all SBCs are in a block', { ...allowing('192.0.2.0/24'), sbcAddresses: ['192.0.2.1', '192.0.2.2'] }],
    ['no SBC is configured', allowing('192.0.2.1')],
    ['every address is let in', { ...allowing(), sbcAddresses: ['192.0.2.1'] }],
    ['no entry counts, which is another finding', { ...allowing('192.0.2.9;'), sbcAddresses: ['192.0.2.1'] }],
    [
      'no entry counts where addresses are compared strictly',
      { ...allowing('sbc.example.com'), sbcAddresses: ['192.0.2.1'], strictAddresses: true },
    ],
    [
      'it is IPv4-mapped, which strict comparison sees through',
      { ...allowing('192.0.2.1'), sbcAddresses: ['::ffff:192.0.2.1'], strictAddresses: true },
    ],
  ],
});

describe('the fix of an address list', () => {
  it('writes the addresses that were meant, one in each entry', () => {
    const [found] = foundIn('allowed_addresses_all_ignored', allowing('192.0.2.1, 198.51.100.0/24'));
    assert.deepEqual(JSON.parse(found?.fixes[0]?.pastes[0]?.text ?? ''), {
      sip_trunk_id: 'ST_1',
      update: {
        allowed_addresses: { add: ['192.0.2.1', '198.51.100.0/24'], remove: ['192.0.2.1, 198.51.100.0/24'] },
      },
    });
  });

  it('never empties the list, which would let every address in', () => {
    const [found] = foundIn('allowed_address_is_host_name', allowing('sbc.example.com'));
    assert.deepEqual(
      found?.fixes.map((fix) => fix.pastes),
      [[]],
    );
  });

  for (const [entry, likelyTrunk] of [
    ['192.0.2.1:5060', ['192.0.2.1']],
    ['sip:192.0.2.1', ['192.0.2.1']],
    ['sip://jambonz@192.0.2.1:5060', ['192.0.2.1']],
    ['192.0.2.1;192.0.2.2 , 198.51.100.0/24', ['192.0.2.1', '192.0.2.2', '198.51.100.0/24']],
    ['[2001:db8::1]:5060', ['2001:db8::1']],
    ['2001:db8::5060', ['2001:db8::5060']],
    ['192.0.2.*', []],
    ['sbc.example.com', []],
  ] as const) {
    it(`takes ${entry} for ${likelyTrunk.join(', ') || 'nothing'}`, () =>
      assert.deepEqual(addressesIn(entry), likelyTrunk));
  }
});
