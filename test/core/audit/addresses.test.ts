import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressesIn } from '../../../src/core/audit/addressList.ts';
import { bodiesOf } from '../fixes/runCommands.ts';
import { foundIn } from './auditedConfiguration.ts';

/** One trunk with this list. */
const allowing = (...allowed_addresses: string[]) => ({
  trunks: { ST_1: { numbers: ['+15550100'], allowed_addresses } },
});

describe('the fix of an address list', () => {
  it('writes the addresses that an entry names, one in each entry', () => {
    const [found] = foundIn('allowed_addresses_all_ignored', allowing('192.0.2.1, 198.51.100.0/24'));
    assert.deepEqual(bodiesOf(found?.fixes[0] ?? assert.fail())[0], {
      sip_trunk_id: 'ST_1',
      update: {
        allowed_addresses: { add: ['192.0.2.1', '198.51.100.0/24'], remove: ['192.0.2.1, 198.51.100.0/24'] },
      },
    });
  });

  it('leaves out an address that the list has', () => {
    const [found] = foundIn('allowed_address_is_host_name', allowing('192.0.2.1', '192.0.2.1:5060'));
    assert.deepEqual(found?.fixes[0]?.change, {
      kind: 'trunk',
      sip_trunk_id: 'ST_1',
      field: 'allowed_addresses',
      remove: ['192.0.2.1:5060'],
    });
    assert.equal(
      found?.fixes[0]?.action,
      'Remove "192.0.2.1:5060" from allowed_addresses of ST_1, which already has 192.0.2.1.',
    );
  });

  it('never removes an entry whose addresses it does not know', () => {
    for (const list of [allowing('sbc.example.com'), allowing('192.0.2.1', 'sbc.example.com')]) {
      const [found] = foundIn('allowed_address_is_host_name', list);
      assert.deepEqual(found?.fixes, [
        {
          action:
            'In allowed_addresses of ST_1, write the senders’ IP addresses or CIDR blocks instead of "sbc.example.com".',
          pastes: [],
        },
      ]);
    }
  });

  it('asks for the addresses that it does not know before it closes an open list', () => {
    const [found] = foundIn('allowed_addresses_all_ignored', allowing('sip://192.0.2.1', '198.51.100.*'));
    assert.deepEqual(
      found?.fixes.map(({ action }) => action),
      [
        'In allowed_addresses of ST_1, write the senders’ IP addresses or CIDR blocks instead of "198.51.100.*".',
        'In allowed_addresses of ST_1, write 192.0.2.1 instead of "sip://192.0.2.1", one address or block per entry.',
      ],
    );
  });

  for (const [entry, addresses] of [
    ['192.0.2.1:5060', ['192.0.2.1']],
    ['sip:192.0.2.1', ['192.0.2.1']],
    ['sip://jambonz@192.0.2.1:5060', ['192.0.2.1']],
    ['192.0.2.1;192.0.2.2 , 198.51.100.0/24', ['192.0.2.1', '192.0.2.2', '198.51.100.0/24']],
    ['[2001:db8::1]:5060', ['2001:db8::1']],
    ['2001:db8::5060', ['2001:db8::5060']],
    ['192.0.2.*', []],
    ['sbc.example.com', []],
  ] as const) {
    it(`reads ${addresses.join(', ') || 'nothing'} in ${entry}`, () => assert.deepEqual(addressesIn(entry), addresses));
  }
});

describe('an SBC that is not on the list of a trunk', () => {
  const whatOf = (list: string[], strictAddresses = false) =>
    foundIn('sbc_address_not_allowed', { ...allowing(...list), sbcAddresses: ['192.0.2.1'], strictAddresses }).map(
      ({ what }) => what,
    );

  it('may get in by the host of its From header, if LiveKit does not compare strictly', () => {
    assert.deepEqual(whatOf(['sbc.example.com']), [
      'ST_1 allows sbc.example.com. LiveKit drops calls from the SBC 192.0.2.1, unless the From header has the host sbc.example.com.',
    ]);
    assert.deepEqual(whatOf(['192.0.2.9', 'sbc.example.com'], true), [
      'ST_1 allows 192.0.2.9, sbc.example.com. LiveKit drops calls from the SBC 192.0.2.1. LiveKit sees the SBC’s address, not that of whoever sends the call to Jambonz, such as a carrier; 192.0.2.9 isn’t the address of an SBC.',
    ]);
  });

  it('is not reported for a list of which nothing counts', () => {
    assert.deepEqual([whatOf(['192.0.2.9;']), whatOf(['sbc.example.com'], true), whatOf([])], [[], [], []]);
  });
});

describe('the address of a call that two trunks match', () => {
  for (const [a, b, wanted] of [
    ['192.0.2.1/24', '192.0.2.7/24', '192.0.2.1'],
    ['192.0.2.0/24', '192.0.2.7', '192.0.2.7'],
    ['192.0.2.7', '192.0.2.0/24', '192.0.2.7'],
  ] as const) {
    it(`is ${wanted} if they allow ${a} and ${b}`, () => {
      const numbers = ['+15550100'];
      const [found] = foundIn('trunk_conflicts_at_call_time', {
        trunks: { ST_1: { numbers, allowed_addresses: [a] }, ST_2: { numbers, allowed_addresses: [b] } },
      });
      assert.match(found?.what ?? '', new RegExp(`sent from ${wanted}, gets 503`));
    });
  }
});
