import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareSources, readAddresses } from '../../../src/core/trunks/allowedAddresses.ts';

describe('the addresses of the SBCs beside a trunk’s list', () => {
  const ONE = '192.0.2.10';
  const TWO = '198.51.100.7';
  for (const [what, list, strict, wanted] of [
    ['no list', [], false, { listed: [ONE, TWO], missing: [], others: [] }],
    ['one of them', [ONE], false, { listed: [ONE], missing: [TWO], others: [] }],
    ['both', [TWO, ONE], false, { listed: [ONE, TWO], missing: [], others: [] }],
    ['a block with one of them', ['192.0.2.0/28'], false, { listed: [ONE], missing: [TWO], others: [] }],
    ['a block just beside it', ['192.0.2.0/29'], false, { listed: [], missing: [ONE, TWO], others: ['192.0.2.0/29'] }],
    ['somebody else', ['203.0.113.9'], false, { listed: [], missing: [ONE, TWO], others: ['203.0.113.9'] }],
    ['somebody else too', ['203.0.113.9', ONE], false, { listed: [ONE], missing: [TWO], others: ['203.0.113.9'] }],
    ['a host name', ['sbc.example.com'], false, { listed: [], missing: [ONE, TWO], others: [] }],
    ['only what is ignored', ['192.0.2.10;'], false, { listed: [ONE, TWO], missing: [], others: [] }],
    ['only what is ignored, strictly', ['192.0.2.10;'], true, { listed: [], missing: [ONE, TWO], others: [] }],
  ] as const) {
    it(what, () => assert.deepEqual(compareSources(readAddresses(list, strict), [ONE, TWO]), wanted));
  }
});
