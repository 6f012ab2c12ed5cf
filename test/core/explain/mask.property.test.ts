import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { maskJson } from '../../../src/core/explain/mask.ts';
import { callsCsv } from '../../../src/core/explain/ticket/callsCsv.ts';
import { callMarkdown } from '../../../src/core/explain/ticket/ticketMarkdown.ts';
import { A_LEG, B_LEG } from '../scenario.ts';
import { callWith } from './callWithNumbers.ts';

/** A telephone number in one of the forms in which people write them. */
const number = fc
  .tuple(
    fc.constantFrom('', '+', '00', '0'),
    fc.stringMatching(/^[1-9]\d{4,13}$/),
    fc.constantFrom('', ' ', '-', '.', '/', ' - ', ') '),
    fc.integer({ min: 2, max: 4 }),
  )
  .map(([prefix, digits, separator, size]) => {
    const groups = digits.match(new RegExp(`\\d{1,${size}}`, 'g')) ?? [];
    return `${prefix}${groups.join(separator)}`;
  });

/** The text without what cannot be a number: the ids and times of this test. Nothing stands between digits any more. */
function bare(text: string): string {
  return text
    .replaceAll(A_LEG, '')
    .replaceAll(B_LEG, '')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '')
    .replaceAll('192.0.2.10', '');
}

describe('a call for a ticket', () => {
  it('holds no five digits in a row of a number, wherever numbers can be', () => {
    fc.assert(
      fc.property(number, number, number, (caller, called, listed) => {
        const call = callWith(caller, called, listed);
        const masked = maskJson(call);
        const shown = [JSON.stringify(masked), callMarkdown(masked), callsCsv(masked.attempts)].map(bare);
        for (const given of [caller, called, listed]) {
          const digits = given.replaceAll(/\D/g, '');
          for (let i = 0; i + 5 <= digits.length; i += 1) {
            const run = digits.slice(i, i + 5);
            for (const text of shown) assert.ok(!text.includes(run), `${run} of ${given} in ${text}`);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
