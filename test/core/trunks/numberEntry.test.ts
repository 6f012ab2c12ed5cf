import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { oddEntry } from '../../../src/core/trunks/numberEntry.ts';

describe('an entry of a list of numbers', () => {
  for (const entry of [
    '+15550100',
    '15550100',
    '+1 (555) 01-00',
    '100',
    '9',
    '+155',
    'call-desk',
    'anonymous',
    '*72',
    '*31#',
    'desk*',
    'alice.smith',
    'x100',
    '100x',
    'sales;north',
    '10,20',
  ]) {
    it(`is one that a call may carry: ${entry}`, () => assert.equal(oddEntry(entry), undefined));
  }

  for (const [entry, kind, instead] of [
    ['', 'empty', undefined],
    [' ', 'empty', undefined],
    ['sip:2000@192.0.2.20:5070', 'uri', ['2000']],
    ['<sips:+15550100@sbc.example.com;user=phone>', 'uri', ['+15550100']],
    ['sip:+15550100:secret@sbc.example.com', 'uri', ['+15550100']],
    ['+15550100@sbc.example.com', 'uri', ['+15550100']],
    ['tel:+15550100;ext=7', 'uri', ['+15550100']],
    ['sip:sbc.example.com', 'uri', undefined],
    ['sip:*@sbc.example.com', 'uri', undefined],
    ['*', 'pattern', []],
    ['+*', 'pattern', []],
    ['.*', 'pattern', []],
    ['+1555*', 'pattern', undefined],
    ['1555?', 'pattern', undefined],
    ['+1555%', 'pattern', undefined],
    ['+1555XXXX', 'pattern', undefined],
    ['^1555', 'pattern', undefined],
    ['+1555[0-9]', 'pattern', undefined],
    ['1555\\d+', 'pattern', undefined],
    ['1555$', 'pattern', undefined],
    ['+1', 'pattern', undefined],
    ['+49', 'pattern', undefined],
    ['+15550100, +15550101', 'list', ['+15550100', '+15550101']],
    ['+15550100;+15550101', 'list', ['+15550100', '+15550101']],
    ['+15550100 +15550101', 'list', ['+15550100', '+15550101']],
    ['["+15550100"]', 'list', ['+15550100']],
    ['100,101', 'list', ['100', '101']],
  ] as const) {
    it(`is ${kind}: ${JSON.stringify(entry)}`, () => assert.deepEqual(oddEntry(entry), { kind, instead }));
  }
});
