import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applicableChange, isAppliedUnasked } from '../../../src/core/edits/applicable.ts';
import { type ApiConfiguration, type Edit, editsOf, mergedEdits, withEdits } from '../../../src/core/edits/edits.ts';
import { changedWords, differenceLines, editsInShort } from '../../../src/core/edits/editText.ts';
import { keptEdit, keptObject } from '../../../src/core/edits/keptObject.ts';
import { listUpdate } from '../../../src/core/edits/listUpdate.ts';
import { undoEdits } from '../../../src/core/edits/undoEdits.ts';
import type { Change } from '../../../src/core/fixes/fix.ts';
import { curlPaste } from '../../../src/core/fixes/liveKitCommand.ts';

const CONFIGURATION: ApiConfiguration = {
  trunks: [
    {
      sip_trunk_id: 'ST_1',
      name: 'first',
      numbers: ['+15550100', '+15550101'],
      auth_username: 'u',
      auth_password: 'pw-in-clear',
      headers: { 'X-Key': 'k-secret' },
    },
  ],
  rules: [
    {
      sip_dispatch_rule_id: 'SDR_1',
      rule: { dispatch_rule_individual: { room_prefix: 'call-', pin: '471100' } },
      trunk_ids: ['ST_1'],
      metadata: 'm-secret',
      room_config: { agents: [{ agent_name: 'clerk', metadata: 'a-secret' }], empty_timeout: 5 },
    },
  ],
};

describe('the update of a list', () => {
  for (const [what, before, after, wanted] of [
    ['adds at the end', ['a'], ['a', 'b'], { add: ['b'], remove: [] }],
    ['removes', ['a', 'b'], ['b'], { add: [], remove: ['a'] }],
    ['removes an entry as often as it is there', ['a', 'b', 'a'], ['b'], { add: [], remove: ['a', 'a'] }],
    ['sets the whole where an entry is not added at the end', ['a'], ['b', 'a'], { set: ['b', 'a'] }],
    ['sets the whole where only the order differs', ['a', 'b'], ['b', 'a'], { set: ['b', 'a'] }],
    ['sets the whole where a repeat goes', ['a', 'a'], ['a'], { set: ['a'] }],
    ['clears', ['a'], undefined, { clear: true }],
    ['fills an unset one', undefined, ['a'], { add: ['a'], remove: [] }],
    ['is not possible with an empty entry', ['', 'a'], ['a'], undefined],
  ] as const) {
    it(what, () => assert.deepEqual(listUpdate(before, after), wanted));
  }
});

describe('what is stored of a trunk and a rule', () => {
  it('has no password, header, pin or metadata, and says what is lost', () => {
    const [trunk = {}] = CONFIGURATION.trunks;
    assert.deepEqual(keptObject('trunk', trunk), {
      object: { name: 'first', numbers: ['+15550100', '+15550101'], auth_username: 'u' },
      lost: ['auth_password', 'headers'],
    });
    const [rule = {}] = CONFIGURATION.rules;
    assert.deepEqual(keptObject('rule', rule), {
      object: {
        rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
        trunk_ids: ['ST_1'],
        room_config: { agents: [{ agent_name: 'clerk' }], empty_timeout: 5 },
      },
      lost: ['metadata', 'pin'],
    });
  });

  it('of an edit has no more', () => {
    const edits = [
      ...(editsOf({ kind: 'delete_trunk', sip_trunk_id: 'ST_1' }, CONFIGURATION) ?? []),
      ...(editsOf({ kind: 'delete_rule', sip_dispatch_rule_id: 'SDR_1' }, CONFIGURATION) ?? []),
    ];
    assert.equal(edits.length, 2);
    const texts = [edits.map(keptEdit), differenceLines(edits), editsInShort(edits)];
    assert.doesNotMatch(JSON.stringify(texts), /secret|471100|pw-in-clear/);
    assert.ok(differenceLines(edits).includes('- auth_password: (not shown)'));
  });
});

describe('the edits of a change', () => {
  const trunkChange = (fields: object) =>
    ({ kind: 'trunk', sip_trunk_id: 'ST_1', field: 'numbers', ...fields }) as Change;
  for (const [what, change, wanted] of [
    [
      'keep the order, and add no entry twice',
      trunkChange({ add: ['+15550142', '+15550101'], remove: ['+15550100'] }),
      ['Inbound trunk ST_1 "first"', '- numbers: [+15550100, +15550101]', '+ numbers: [+15550101, +15550142]'],
    ],
    [
      'empty a list',
      trunkChange({ remove: ['+15550100', '+15550101'] }),
      ['Inbound trunk ST_1 "first"', '- numbers: [+15550100, +15550101]', '+ numbers: (not set)'],
    ],
    [
      'set media with its older field',
      { kind: 'media', trunk_ids: ['ST_1'], rule_ids: [], set: { encryption: 'SIP_MEDIA_ENCRYPT_ALLOW' } },
      [
        'Inbound trunk ST_1 "first"',
        '- media: (not set)',
        '+ media: {"encryption":"SIP_MEDIA_ENCRYPT_ALLOW"}',
        '- media_encryption: (not set)',
        '+ media_encryption: SIP_MEDIA_ENCRYPT_ALLOW',
      ],
    ],
    [
      'create a rule with the agents that all others have',
      { kind: 'new_rule', trunk_ids: ['ST_1'] },
      [
        'Dispatch rule, new',
        '+ rule: {"dispatch_rule_individual":{"room_prefix":"call-"}}',
        '+ trunk_ids: [ST_1]',
        '+ room_config: {"agents":[{"agent_name":"clerk"}]}',
      ],
    ],
  ] as const) {
    it(what, () => assert.deepEqual(differenceLines(editsOf(change as Change, CONFIGURATION) ?? []), wanted));
  }

  it('are none for what is not there, and for what the application dials', () => {
    assert.equal(editsOf({ kind: 'delete_trunk', sip_trunk_id: 'ST_9' }, CONFIGURATION), undefined);
    assert.equal(editsOf({ kind: 'dial', user: '1' }, CONFIGURATION), undefined);
  });

  it('of one trunk are one', () => {
    const first = editsOf(trunkChange({ add: ['+15550142'] }), CONFIGURATION) ?? [];
    const then = editsOf(trunkChange({ remove: ['+15550100'] }), withEdits(CONFIGURATION, first)) ?? [];
    assert.deepEqual(differenceLines(mergedEdits([...first, ...then])), [
      'Inbound trunk ST_1 "first"',
      '- numbers: [+15550100, +15550101]',
      '+ numbers: [+15550101, +15550142]',
    ]);
  });

  it('show only what goes and what is new of a list with more than ten entries', () => {
    const entries = Array.from({ length: 10 }, (_, i) => `n${i}`);
    const edit = (before: readonly string[], after: readonly string[]): Edit => ({
      kind: 'trunk',
      change: 'changed',
      id: 'ST_1',
      name: '',
      fields: [{ field: 'numbers', before, after }],
    });
    assert.match(differenceLines([edit(entries, entries.slice(1))])[1] ?? '', /^- numbers: \[n0, n1, /);
    assert.deepEqual(differenceLines([edit(entries, [...entries, 'new'])]), [
      'Inbound trunk ST_1',
      '- numbers: 10 entries',
      '+ numbers: 11 entries, of which these are new: new',
    ]);
  });
});

describe('the undo of edits', () => {
  const applied =
    editsOf({ kind: 'rule', sip_dispatch_rule_id: 'SDR_1', lists: { numbers: ['1'] } }, CONFIGURATION) ?? [];
  const after = withEdits(CONFIGURATION, applied);

  it('makes the configuration what it was', () => {
    const undoing = undoEdits(applied, after);
    assert.ok(undoing.ok);
    assert.deepEqual(withEdits(after, undoing.edits), CONFIGURATION);
  });

  it('is refused where a field is another, and where the rule is gone', () => {
    assert.deepEqual(undoEdits(applied, CONFIGURATION), {
      ok: false,
      faults: ['numbers of Dispatch rule SDR_1 changed since'],
    });
    assert.deepEqual(undoEdits(applied, { ...after, rules: [] }), {
      ok: false,
      faults: ['Dispatch rule SDR_1 is no longer there'],
    });
  });

  it('of something added is refused where it was changed', () => {
    const rule = { sip_dispatch_rule_id: 'SDR_2', trunk_ids: ['ST_1'] };
    const added: Edit = { kind: 'rule', change: 'added', id: 'SDR_2', name: '', object: { trunk_ids: ['ST_1'] } };
    assert.ok(undoEdits([added], { trunks: [], rules: [rule] }).ok);
    const faults = undoEdits([added], { trunks: [], rules: [{ ...rule, trunk_ids: ['ST_2'] }] });
    assert.deepEqual(faults, { ok: false, faults: ['trunk_ids of Dispatch rule SDR_2 changed since'] });
  });
});

describe('which fix can be applied', () => {
  const added = { kind: 'trunk', sip_trunk_id: 'ST_1', field: 'allowed_numbers', add: ['+15550142'] } as const;
  const pastes = [
    curlPaste([
      {
        method: 'UpdateSIPInboundTrunk',
        body: { sip_trunk_id: 'ST_1', update: { allowed_numbers: { add: ['1', '2'] } } },
      },
    ]),
  ];
  it('is one with a change of LiveKit’s configuration', () =>
    assert.deepEqual(applicableChange({ pastes: [], change: added }), added));
  it('is that of an incident for all its callers', () =>
    assert.deepEqual(applicableChange({ pastes }), { ...added, add: ['1', '2'] }));
  for (const [what, change] of [
    ['what the application dials', { kind: 'dial', user: '1' }],
    ['a caller of whom only the hash is known', { ...added, add: ['h_0123456789abcdef.0123'] }],
    ['what a person fills in', { ...added, add: ['<the number>'] }],
  ] as const) {
    it(`is not ${what}`, () => assert.equal(applicableChange({ pastes: [], change }), undefined));
  }
  it('without being chosen is no deletion', () => {
    assert.equal(isAppliedUnasked({ pastes: [], change: added }), true);
    assert.equal(isAppliedUnasked({ pastes: [], change: { kind: 'delete_trunk', sip_trunk_id: 'ST_1' } }), false);
  });
});

it('what changed between two configurations is said without values', () => {
  const [trunk] = CONFIGURATION.trunks;
  const after = { trunks: [{ ...trunk, auth_password: 'other', updated_at: '2026-01-01T00:00:00Z' }], rules: [] };
  assert.deepEqual(changedWords(CONFIGURATION, after), [
    'auth_password of inbound trunk ST_1 changed',
    'dispatch rule SDR_1 was deleted',
  ]);
});
