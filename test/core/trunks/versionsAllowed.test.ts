import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAddresses, versionsAllowed } from '../../../src/core/trunks/allowedAddresses.ts';

const ROWS: [why: string, list: string[], loose: string[], strict: string[]][] = [
  ['an empty list', [], ['IPv4', 'IPv6'], ['IPv4', 'IPv6']],
  ['entries that are ignored', ['*'], ['IPv4', 'IPv6'], []],
  ['a host name', ['sip.example.com'], [], []],
  ['all of IPv4', ['0.0.0.0/0'], ['IPv4'], ['IPv4']],
  ['all of IPv4, written with another address', ['192.0.2.1/0'], ['IPv4'], ['IPv4']],
  ['all of IPv6', ['::/0'], ['IPv6'], ['IPv6']],
  ['all of IPv6 in brackets, which only loose mode takes off', ['[::]/0'], ['IPv6'], []],
  ['all of both', ['::/0', '0.0.0.0/0'], ['IPv4', 'IPv6'], ['IPv4', 'IPv6']],
  ['both halves', ['128.0.0.0/1', '192.0.2.1', '0.0.0.0/1'], ['IPv4'], ['IPv4']],
  ['one half', ['128.0.0.0/1'], [], []],
  ['one half twice', ['128.0.0.0/1', '192.0.0.0/1'], [], []],
  ['a half and two quarters', ['0.0.0.0/1', '128.0.0.0/2', '192.0.0.0/2'], ['IPv4'], ['IPv4']],
  ['a half and one quarter', ['0.0.0.0/1', '128.0.0.0/2'], [], []],
  ['halves of IPv6', ['::/1', '8000::/1'], ['IPv6'], ['IPv6']],
  ['halves of two versions', ['0.0.0.0/1', '8000::/1'], [], []],
  ['everything but one address', Array.from({ length: 32 }, (_, i) => `${allBut(i)}/${i + 1}`), [], []],
  [
    'the same with that address',
    [...Array.from({ length: 32 }, (_, i) => `${allBut(i)}/${i + 1}`), '255.255.255.255'],
    ['IPv4'],
    ['IPv4'],
  ],
];

/** The block that differs from 255.255.255.255 in this bit for the first time. */
function allBut(bit: number): string {
  const value = BigInt.asUintN(32, ~(1n << BigInt(31 - bit)));
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

describe('the IP versions of which a list allows every address', () => {
  for (const [why, list, loose, strict] of ROWS) {
    it(`are ${loose.join(' and ') || 'none'}: ${why}`, () => {
      assert.deepEqual(versionsAllowed(readAddresses(list, false)), loose);
      assert.deepEqual(versionsAllowed(readAddresses(list, true)), strict);
    });
  }
});
