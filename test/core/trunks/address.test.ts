import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAllowedLoose, isAllowedStrict } from '../../../src/core/trunks/allowedAddresses.ts';

/** What LiveKit's own code says, asked with a From host of sip.example.com. */
const ROWS: [why: string, source: string, list: string[], loose: boolean, strict: boolean][] = [
  ['an empty list', '10.1.2.3', [], true, true],
  ['the address itself', '10.1.2.3', ['10.1.2.3'], true, true],
  ['another address', '10.1.2.4', ['10.1.2.3'], false, false],
  ['a block', '10.1.2.3', ['10.1.2.200/24'], true, true],
  ['a block that ends within a byte', '10.1.2.5', ['10.1.2.3/30'], false, false],
  ['a block of everything', '203.0.113.5', ['10.1.2.3/0'], true, true],
  ['more bits than there are', '10.1.2.3', ['10.1.2.3/33'], false, false],
  ['bits with a leading zero', '10.1.2.3', ['10.1.2.3/08'], false, false],
  ['a leading zero in a byte', '10.1.2.3', ['10.1.2.03'], false, false],
  ['brackets, which only loose mode takes off', '10.1.2.3', ['[10.1.2.3]'], true, false],
  ['brackets before the bits', '2001:db8::5', ['[2001:db8::1]/64'], true, false],
  ['IPv6 in another spelling', '2001:db8::1', ['2001:DB8:0:0::0001'], true, true],
  ['a group of IPv6 that is not hexadecimal', '2001:db8::', ['2001:db8::g'], false, false],
  ['a group of five digits', '2001:db8::1', ['2001:db8::00001'], false, false],
  ['no group between colons', '1:0:3:4:5:6:7:8', ['1::3:4:5:6:7:8', '1:0:3:4:5:6:7:8:'], true, true],
  ['a :: twice', '1::3', ['1::2::3'], false, false],
  ['too few groups', '1:2:3:4:5:6:7:0', ['1:2:3:4:5:6:7'], false, false],
  ['too many groups', '1:2:3:4:5:6:7:8', ['1:2:3:4:5:6:7:8:9'], false, false],
  ['a dotted part before the end', '1:2:3:4:5:6:a01:203', ['10.1.2.3:1:2:3:4:5:6'], false, false],
  ['a dotted part before the ::', '10.1.2.3::', ['a01:203::'], true, false],
  ['a zone without a name', 'fe80::1', ['fe80::1%'], false, false],
  ['a :: that stands for nothing', '1:2:3:4:5:6:7:8', ['1:2:3:4::5:6:7:8'], false, false],
  ['a dotted end of an IPv6 address', '64:ff9b::a01:203', ['64:ff9b::10.1.2.3'], true, true],
  ['an entry with a zone, which is dropped or refused', 'fe80::1', ['fe80::1%eth0'], true, false],
  ['a source with a zone, which no block holds', 'fe80::1%eth0', ['fe80::/10'], false, false],
  ['a mapped source, which only strict mode unmaps', '::ffff:10.1.2.3', ['10.1.2.3'], false, true],
  ['a source that only ends like a mapped one', '2001:db8::ffff:10.1.2.3', ['10.1.2.3'], false, false],
  ['a source that has half of the mark of a mapped one', '::ff:10.1.2.3', ['10.1.2.3'], false, false],
  ['a source that has the other half of it', '::ff00:10.1.2.3', ['10.1.2.3'], false, false],
  ['a mapped entry, which strict mode refuses', '::ffff:10.1.2.3', ['::ffff:10.1.2.3'], true, false],
  ['a mapped entry for a plain source', '10.1.2.3', ['::ffff:10.1.2.3'], false, false],
  ['an IPv6 block for an IPv4 source', '10.1.2.3', ['::/0'], false, false],
  ['the From host, which strict mode never looks at', '10.1.2.3', ['sip.example.com'], true, false],
  ['the From host in other letters', '10.1.2.3', ['SIP.example.com'], false, false],
  ['only entries that loose mode passes over', '10.1.2.3', ['10.9.9.9,10.9.9.8', 'sip://10.9.9.9'], true, false],
  ['one that it passes over and one that it does not', '10.1.2.3', ['10.9.9.*', '10.9.9.9'], false, false],
  ['a source that is no address', 'sbc', ['10.1.2.3'], true, false],
  ['an empty entry', '10.1.2.3', [''], false, false],
];

describe('allowed addresses', () => {
  for (const [why, source, list, loose, strict] of ROWS) {
    it(`${why}: ${source} in [${list.join(' ')}] is ${loose} in loose and ${strict} in strict mode`, () => {
      assert.equal(isAllowedLoose(source, 'sip.example.com', list), loose);
      assert.equal(isAllowedStrict(source, list), strict);
    });
  }
});
