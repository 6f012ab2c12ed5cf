import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Explanation } from '../../src/core/explain/explanation.ts';
import { type Dial, explainDial, rule, SBC, type Setting, trunk } from '../core/scenario.ts';

// What a call’s evidence and fixes say, in their order. Each first column names the kind of public source, or what is
// changed in it.

const SILENT = { ringing: [90], dialGaveUpAt: 20_000 } as const;
const OTHER_SBC = '192.0.2.11';
const CARRIER = '203.0.113.9';

/** Evidence that the match gives, and each fix with its proof. */
function saidBy({ evidence, fixes }: Explanation): readonly (string | readonly [string, string | null])[] {
  return [
    ...evidence.filter(({ source }) => source === 'match').map(({ name, value }) => `${name}: ${value}`),
    ...fixes.map(({ action, proof }) => [action, proof ?? null] as const),
  ];
}

const one = (ofTrunk: object, sbcs: readonly string[] = [SBC]): Setting => ({
  livekit: { inbound_trunks: [trunk(ofTrunk)], dispatch_rules: [rule()] },
  sbc_addresses: sbcs,
});

const OF_SENDER =
  'LiveKit sees the SBC’s address as the source, not that of whoever sends the call to Jambonz, such as a carrier';

const SAID: readonly (readonly [string, Dial, Setting, readonly (string | readonly [string, string | null])[]])[] = [
  [
    'issue: the carrier’s address in place of the SBC’s',
    SILENT,
    one({ allowed_addresses: [CARRIER] }),
    [
      'allowed_addresses of ST_1 "first": 192.0.2.10 isn’t in [203.0.113.9]',
      'other addresses: 203.0.113.9 isn’t the address of an SBC: perhaps whoever sends the call to Jambonz, such as a carrier. LiveKit sees only the SBC’s address',
      [
        `Add 192.0.2.10 to allowed_addresses of ST_1 "first". ${OF_SENDER}; 203.0.113.9 isn’t the address of an SBC.`,
        'connects',
      ],
    ],
  ],
  [
    'issue: the carrier’s addresses, and one of two SBCs',
    SILENT,
    one({ allowed_addresses: [CARRIER, SBC, '198.51.100.0/24'] }, [SBC, OTHER_SBC]),
    [
      'SBCs missing from allowed_addresses of ST_1 "first": 192.0.2.11, while 192.0.2.10 is listed',
      'other addresses: 203.0.113.9, 198.51.100.0/24 aren’t addresses of SBCs: perhaps whoever sends the call to Jambonz, such as a carrier. LiveKit sees only the SBC’s address',
      [
        `Add 192.0.2.11 to allowed_addresses of ST_1 "first". ${OF_SENDER}; 203.0.113.9, 198.51.100.0/24 aren’t addresses of SBCs.`,
        'connects',
      ],
    ],
  ],
  [
    'documentation: one of three SBCs is missing, two are in a block',
    SILENT,
    one({ allowed_addresses: ['192.0.2.8/30'] }, [SBC, OTHER_SBC, '198.51.100.7']),
    [
      'SBCs missing from allowed_addresses of ST_1 "first": 198.51.100.7, while 192.0.2.10, 192.0.2.11 are listed',
      ['Add 198.51.100.7 to allowed_addresses of ST_1 "first".', 'connects'],
    ],
  ],
  [
    'documentation: two of three SBCs are missing',
    SILENT,
    one({ allowed_addresses: [SBC] }, [SBC, OTHER_SBC, '198.51.100.7']),
    [
      'SBCs missing from allowed_addresses of ST_1 "first": 192.0.2.11, 198.51.100.7, while 192.0.2.10 is listed',
      ['Add 192.0.2.11, 198.51.100.7 to allowed_addresses of ST_1 "first".', 'connects'],
    ],
  ],
];

describe('what is said of a neighbour of a public report', () => {
  for (const [what, dial, setting, wanted] of SAID) {
    it(what, () => assert.deepEqual(saidBy(explainDial(dial, setting)), wanted));
  }
});
