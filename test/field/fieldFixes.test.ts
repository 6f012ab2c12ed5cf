import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Explanation } from '../../src/core/explain/explanation.ts';
import { CALLED, CALLER, type Dial, explainDial, rule, SBC, type Setting, trunk } from '../core/scenario.ts';

// What a call’s evidence and fixes say, in their order. Each first column names the kind of public source, or what is
// changed in it.

const SILENT = { ringing: [90], dialGaveUpAt: 20_000 } as const;
const AGAIN = { response: [503, 'Try again later', 230] } as const;
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

const NEEDS = `only if one of the two gets no calls from ${SBC}, which Jambonz sends from.`;
const APART = `Give ST_1 and ST_2 callers (allowed_numbers) that don’t overlap: all other callers are then refused. Addresses (allowed_addresses) help ${NEEDS}`;
const SENDERS_APART = `Give ST_1 and ST_2 callers (allowed_numbers) or addresses (allowed_addresses) that don’t overlap. Addresses help ${NEEDS}`;
const CREDENTIALS = 'Dial with auth: username livekit_client and the trunk’s password.';
const OPEN_1 = 'ST_1 accepts calls from every address without a password.';
const OPEN_2 = 'ST_2 accepts calls from every address without a password.';
const LAST = 'Last resort, because it can’t be undone: delete';
const NOBODY = 'No caller whom a trunk admits today would be locked out, by what the trunks and rules list.';
const BOTH = [{ trunk_ids: ['ST_1', 'ST_2'] }];

/** Two trunks, their rules, and what is said of a call that both match. */
const CONFLICTS: readonly (readonly [
  string,
  readonly object[],
  readonly object[],
  readonly (string | readonly [string, string | null])[],
])[] = [
  [
    'issue: a trunk for one caller beside one for all, and one number',
    [{ allowed_numbers: [CALLER] }, {}],
    BOTH,
    [
      'matching trunks: ST_1 and ST_2 both accept +15550100 from +15550123',
      [APART, null],
      [`${LAST} ST_1. ${OPEN_2} ${NOBODY}`, 'connects'],
      [`${LAST} ST_2. ${OPEN_1} Callers other than +15550123 could no longer reach +15550100.`, null],
    ],
  ],
  [
    'issue: the same in the other order',
    [{}, { allowed_numbers: [CALLER] }],
    BOTH,
    [
      'matching trunks: ST_1 and ST_2 both accept +15550100 from +15550123',
      [APART, null],
      [`${LAST} ST_2. ${OPEN_1} ${NOBODY}`, 'connects'],
      [`${LAST} ST_1. ${OPEN_2} Callers other than +15550123 could no longer reach +15550100.`, null],
    ],
  ],
  [
    'issue: a trunk for two callers beside one for all',
    [{ allowed_numbers: [CALLER, '+15550142'] }, {}],
    BOTH,
    [
      'matching trunks: ST_1 and ST_2 both accept +15550100 from +15550123',
      [`Remove +15550123 from allowed_numbers of ST_1, so that ST_2 takes the caller. ${OPEN_2}`, 'connects'],
      [APART, null],
      [`${LAST} ST_1. ${OPEN_2} ${NOBODY}`, 'connects'],
      [`${LAST} ST_2. ${OPEN_1} Callers other than +15550123, +15550142 could no longer reach +15550100.`, null],
    ],
  ],
  [
    'issue: both have another number',
    [{ numbers: [CALLED, '+15550101'], allowed_numbers: [CALLER] }, { numbers: [CALLED, '+15550102'] }],
    BOTH,
    [
      'matching trunks: ST_1 and ST_2 both accept +15550100 from +15550123',
      [`Remove +15550100 from ST_1. ${OPEN_2}`, 'connects'],
      [APART, null],
      [`Remove +15550100 from ST_2. ${OPEN_1} Callers other than +15550123 could no longer reach +15550100.`, null],
    ],
  ],
  [
    'issue: a trunk for the SBC beside one for every address, which another sender uses',
    [{ allowed_addresses: [SBC] }, {}],
    BOTH,
    [
      'matching trunks: ST_1 and ST_2 both accept +15550100 from +15550123',
      [SENDERS_APART, null],
      [`${LAST} ST_2. No caller could reach +15550100 from addresses other than 192.0.2.10 any more.`, null],
      [`${LAST} ST_1. ${OPEN_2} ${NOBODY}`, null],
    ],
  ],
  [
    'analysis: a trunk with a password beside one without, whose rule names no agent',
    [{ auth_username: 'livekit_client', auth_password: 'secret' }, {}],
    [{ trunk_ids: ['ST_1'], room_config: { agents: [{ agent_name: 'desk' }] } }, { trunk_ids: ['ST_2'] }],
    [
      'matching trunks: ST_1 and ST_2 both accept +15550100 from +15550123',
      'trunk ST_1: requires credentials for livekit_client',
      [APART, null],
      [CREDENTIALS, 'connects'],
      [`${LAST} ST_2. ST_1 asks for the username "livekit_client" and its password. ${NOBODY}`, 'connects'],
      [
        `${LAST} ST_1. ${OPEN_2} SDR_2, its rule, names no agent: only a worker without an agent_name joins. ${NOBODY}`,
        null,
      ],
    ],
  ],
  [
    'analysis: the same, where both have another number',
    [
      { numbers: [CALLED, '+15550101'], auth_username: 'livekit_client', auth_password: 'secret' },
      { numbers: [CALLED, '+15550102'] },
    ],
    BOTH,
    [
      'matching trunks: ST_1 and ST_2 both accept +15550100 from +15550123',
      'trunk ST_1: requires credentials for livekit_client',
      ['Remove +15550100 from ST_2. ST_1 asks for the username "livekit_client" and its password.', 'connects'],
      [APART, null],
      [`Remove +15550100 from ST_1. ${OPEN_2}`, null],
      [CREDENTIALS, 'connects'],
    ],
  ],
  [
    'documentation: two trunks for every number, with rules of their own',
    [{ numbers: [], allowed_numbers: [CALLER] }, { numbers: [] }],
    [{ trunk_ids: ['ST_1'] }, { trunk_ids: ['ST_2'] }],
    [
      'matching trunks: ST_1 and ST_2 both accept every number from +15550123',
      [
        `Add +15550100 to the numbers of ST_1: it then takes only calls to +15550100, before ST_2. ${OPEN_1}`,
        'connects',
      ],
      [APART, null],
      [
        `Add +15550100 to the numbers of ST_2: it then takes only calls to +15550100, before ST_1. ${OPEN_2} Callers other than +15550123 could no longer reach numbers that no trunk lists.`,
        null,
      ],
      [`${LAST} ST_1. ${OPEN_2} ${NOBODY}`, 'connects'],
      [`${LAST} ST_2. ${OPEN_1} Callers other than +15550123 could no longer reach numbers that no trunk lists.`, null],
    ],
  ],
  [
    'issue: the trunk that would remain has a rule for one caller only',
    [{ allowed_numbers: [CALLER, '+15550142'] }, {}],
    [{ trunk_ids: ['ST_1'], inbound_numbers: [CALLER] }, { trunk_ids: ['ST_2'] }],
    [
      'matching trunks: ST_1 and ST_2 both accept +15550100 from +15550123',
      [`Remove +15550123 from allowed_numbers of ST_1, so that ST_2 takes the caller. ${OPEN_2}`, 'connects'],
      [APART, null],
      [`${LAST} ST_1. ${OPEN_2} ${NOBODY}`, 'connects'],
      [`${LAST} ST_2. ${OPEN_1} Callers other than +15550123, +15550142 could no longer reach +15550100.`, null],
    ],
  ],
];

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
  ...CONFLICTS.map(
    ([what, trunks, rules, wanted]) =>
      [
        what,
        AGAIN,
        {
          livekit: {
            inbound_trunks: trunks.map((fields, i) => trunk({ sip_trunk_id: `ST_${i + 1}`, name: '', ...fields })),
            dispatch_rules: rules.map((fields, i) => rule({ sip_dispatch_rule_id: `SDR_${i + 1}`, ...fields })),
          },
        },
        wanted,
      ] as const,
  ),
];

describe('the fix that keeps the trunk with a password', () => {
  it('is offered, unproven, to a call that is known to send no credentials', () => {
    const { fixes } = explainDial(
      { ...AGAIN, tag: { sipwhy: { auth_username: false } } },
      {
        livekit: {
          inbound_trunks: [trunk({ auth_username: 'anna', auth_password: 'secret' }), trunk({ sip_trunk_id: 'ST_2' })],
          dispatch_rules: [rule({ trunk_ids: ['ST_1', 'ST_2'] })],
        },
      },
    );
    assert.deepEqual(
      fixes.flatMap(({ change, proof }) => (change ? [[change, proof ?? null]] : [])),
      [
        [{ kind: 'delete_trunk', sip_trunk_id: 'ST_2' }, null],
        [{ kind: 'delete_trunk', sip_trunk_id: 'ST_1' }, null],
      ],
    );
  });
});

describe('what is said of a neighbour of a public report', () => {
  for (const [what, dial, setting, wanted] of SAID) {
    it(what, () => assert.deepEqual(saidBy(explainDial(dial, setting)), wanted));
  }
});
