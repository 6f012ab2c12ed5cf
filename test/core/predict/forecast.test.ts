import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atOnce } from '../../../src/core/atOnce.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { type CallKind, type ConnectedCall, keyOfKind, kindOf } from '../../../src/core/predict/callKind.ts';
import { type CountedKind, forecastsOf, hitsInSteps } from '../../../src/core/predict/forecast.ts';
import { isStillOpen, openedHoles } from '../../../src/core/predict/holes.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { CALLED, CALLER, LIVEKIT_URI, rule, SBC, trunk } from '../scenario.ts';

const OTHER = '+15550142';
const site = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [SBC] });
const withoutSbc = { ...site, sbcAddresses: [] };

function configuration(trunks: readonly object[], rules: readonly object[] = [rule()]): Snapshot {
  return new Snapshot({ trunks: trunks.map(parseTrunk), rules: rules.map(parseRule) });
}

function call(fields: Partial<ConnectedCall> = {}): ConnectedCall {
  return { to: LIVEKIT_URI, from: CALLER, declaredAuth: undefined, ...fields };
}

function counted(kind: CallKind | undefined, callsPerDay = 1): CountedKind {
  assert.ok(kind);
  return { key: keyOfKind(kind), kind, callsPerDay };
}

/** What a change does to a call that connected before it. */
function effectOf(before: Snapshot, after: Snapshot, { of = call(), at = site } = {}) {
  const [hit] = atOnce(hitsInSteps(at, after, [counted(kindOf(at, before, of))]));
  if (!hit) return 'none';
  return hit.effect === 'refused' ? [hit.cause, hit.isCertain] : [hit.now.room, hit.now.agents.join()];
}

const WITH_PASSWORD = { auth_username: 'u', auth_password: 'pw' };

describe('a call that connected, under a changed configuration', () => {
  const rows: readonly (readonly [
    what: string,
    before: Snapshot,
    after: Snapshot,
    effect: ReturnType<typeof effectOf>,
    asked?: object,
  ])[] = [
    ['the same', configuration([trunk()]), configuration([trunk()]), 'none'],
    [
      'its number removed',
      configuration([trunk()]),
      configuration([trunk({ numbers: [OTHER] })]),
      ['called_number_not_on_trunk', true],
    ],
    [
      'its caller removed',
      configuration([trunk({ allowed_numbers: [CALLER, OTHER] })]),
      configuration([trunk({ allowed_numbers: [OTHER] })]),
      ['caller_not_allowed', true],
    ],
    [
      'its address removed',
      configuration([trunk({ allowed_addresses: [SBC, '198.51.100.7'] })]),
      configuration([trunk({ allowed_addresses: ['198.51.100.7'] })]),
      ['source_address_not_allowed', true],
    ],
    ['no trunk left', configuration([trunk()]), configuration([]), ['no_trunk_configured', true]],
    ['no rule left', configuration([trunk()]), configuration([trunk()], []), ['no_dispatch_rule', true]],
    [
      'the rule bound to another trunk',
      configuration([trunk()]),
      configuration([trunk()], [rule({ trunk_ids: ['ST_9'] })]),
      ['dispatch_rule_other_trunk', true],
    ],
    [
      'a second rule alike',
      configuration([trunk()]),
      configuration([trunk()], [rule(), rule({ sip_dispatch_rule_id: 'SDR_2' })]),
      ['dispatch_rule_conflict', true],
    ],
    [
      'a second trunk alike',
      configuration([trunk()]),
      configuration([trunk(), trunk({ sip_trunk_id: 'ST_2' })], [rule()]),
      ['trunk_conflict', true],
    ],
    [
      'a password added, and no word on credentials',
      configuration([trunk()]),
      configuration([trunk(WITH_PASSWORD)]),
      ['auth_missing', false],
    ],
    [
      'a password added, and none sent',
      configuration([trunk()]),
      configuration([trunk(WITH_PASSWORD)]),
      ['auth_missing', true],
      { of: call({ declaredAuth: { sent: false } }) },
    ],
    [
      'a password added, and the right ones sent',
      configuration([trunk()]),
      configuration([trunk(WITH_PASSWORD)]),
      'none',
      { of: call({ declaredAuth: { sent: true, username: 'u' } }) },
    ],
    ['the password removed', configuration([trunk(WITH_PASSWORD)]), configuration([trunk()]), 'none'],
    [
      'the password set to another one',
      configuration([trunk(WITH_PASSWORD)]),
      configuration([trunk({ ...WITH_PASSWORD, auth_password: 'other' })]),
      'none',
    ],
    [
      'the username changed',
      configuration([trunk(WITH_PASSWORD)]),
      configuration([trunk({ ...WITH_PASSWORD, auth_username: 'v' })]),
      ['auth_rejected', true],
    ],
    [
      'another room',
      configuration([trunk()]),
      configuration([trunk()], [rule({ rule: { dispatch_rule_individual: { room_prefix: 'sales-' } } })]),
      ['sales-', ''],
    ],
    [
      'another agent',
      configuration([trunk()]),
      configuration([trunk()], [rule({ room_config: { agents: [{ agent_name: 'sales' }] } })]),
      ['call-', 'sales'],
    ],
    [
      'another rule with the same room and agent',
      configuration([trunk()]),
      configuration([trunk()], [rule({ sip_dispatch_rule_id: 'SDR_7' })]),
      'none',
    ],
    [
      'another trunk with the same rule',
      configuration([trunk()]),
      configuration([trunk({ sip_trunk_id: 'ST_7' })], [rule({ trunk_ids: [] })]),
      'none',
    ],
    [
      'an address list that is narrowed, with unknown SBCs, to another address',
      configuration([trunk({ allowed_addresses: ['192.0.2.1', '192.0.2.2'] })]),
      configuration([trunk({ allowed_addresses: ['192.0.2.3'] })]),
      ['source_address_not_allowed', true],
      { at: withoutSbc },
    ],
    [
      'an address list that loses one of two, with unknown SBCs',
      configuration([trunk({ allowed_addresses: ['192.0.2.1', '192.0.2.2'] })]),
      configuration([trunk({ allowed_addresses: ['192.0.2.1'] })]),
      ['source_address_not_allowed', false],
      { at: withoutSbc },
    ],
    [
      'an address list that grows, with unknown SBCs',
      configuration([trunk({ allowed_addresses: ['192.0.2.1'] })]),
      configuration([trunk({ allowed_addresses: ['192.0.2.0/24'] })]),
      'none',
      { at: withoutSbc },
    ],
  ];
  for (const [what, before, after, effect, asked] of rows)
    it(`${what}: ${effect === 'none' ? 'no hit' : effect}`, () =>
      assert.deepEqual(effectOf(before, after, asked), effect));
});

describe('kinds of calls', () => {
  const listing = configuration([
    trunk({ sip_trunk_id: 'ST_2', numbers: ['+15550177'], allowed_numbers: [OTHER] }),
    trunk(),
  ]);

  it('tell listed callers apart', () => {
    const own = kindOf(site, listing, call({ from: OTHER }));
    assert.deepEqual([own?.caller, own?.isGroup], [OTHER, undefined]);
  });

  it('take callers that no list has together, in at most five', () => {
    const keys = Array.from({ length: 200 }, (_, i) => kindOf(site, listing, call({ from: `+1555010${i}` }))).map(
      (kind) => {
        assert.equal(kind?.isGroup, true);
        return keyOfKind(kind);
      },
    );
    assert.equal(new Set(keys).size, 5);
  });

  it('do not exist for a call that the configuration would have refused', () => {
    assert.equal(kindOf(site, configuration([]), call()), undefined);
  });

  it('know the credentials of a trunk that asks for them', () => {
    assert.deepEqual(kindOf(site, configuration([trunk(WITH_PASSWORD)]), call())?.auth, { sent: true, username: 'u' });
  });

  it('come from the SBCs that the trunk admits, or else from entries of its list', () => {
    const sourcesOf = (allowed_addresses: readonly string[], sbcAddresses: readonly string[]) =>
      kindOf({ ...site, sbcAddresses }, configuration([trunk({ allowed_addresses })]), call())?.sources;
    assert.deepEqual(sourcesOf([SBC], [SBC, '198.51.100.9']), [SBC]);
    assert.deepEqual(sourcesOf([], [SBC, '198.51.100.9']), [SBC, '198.51.100.9']);
    assert.deepEqual(sourcesOf(['198.51.100.0/24', '[2001:db8::1]'], [SBC]), ['198.51.100.0', '2001:db8::1']);
    const many = Array.from({ length: 21 }, (_, i) => `198.51.100.${i}`);
    assert.equal(sourcesOf(many, [])?.length, 20);
  });

  it('are of SIP URIs, and know no credentials where the trunk asks for none', () => {
    const open = configuration([trunk({ auth_username: 'u' })]);
    assert.equal(kindOf(site, open, call({ to: CALLED })), undefined);
    assert.equal(kindOf(site, open, call())?.auth, undefined);
    assert.equal(kindOf(site, configuration([trunk({ auth_password: 'p' })]), call())?.auth, undefined);
  });

  it('have a caller only if one is known, who is then like any other', () => {
    const unknown = kindOf(site, listing, call({ from: undefined }));
    assert.deepEqual([unknown && 'caller' in unknown, unknown?.isGroup], [false, true]);
    const uri = kindOf(site, listing, call({ from: `sip:${OTHER}@carrier.example` }));
    assert.equal(uri?.caller, OTHER);
    assert.ok(unknown && uri);
    assert.notEqual(keyOfKind(unknown), keyOfKind(uri));
    assert.notEqual(keyOfKind(uri), keyOfKind({ ...uri, caller: CALLER }));
  });

  it('past all trunks count under none', () => {
    const wild = configuration([], [rule({ trunk_ids: [] })]);
    const [one] = forecastsOf(atOnce(hitsInSteps(site, configuration([], []), [counted(kindOf(site, wild, call()))])));
    assert.equal(one?.trunk, 'none');
  });

  it('are told by fault, the fault with most calls first', () => {
    const before = configuration([trunk({ numbers: [CALLED, OTHER] })]);
    const after = configuration([trunk({ allowed_numbers: ['+15550177'] })]);
    const kinds = [
      counted(kindOf(site, before, call()), 2),
      counted(kindOf(site, before, call({ to: `sip:${OTHER}@lab.sip.livekit.cloud` })), 5),
    ];
    const faults = forecastsOf(atOnce(hitsInSteps(site, after, kinds)));
    assert.deepEqual(
      faults.map(({ callsPerDay }) => callsPerDay),
      [5, 2],
    );
  });

  it('are one fault where cause and trunk are the same, those with most calls first', () => {
    const before = configuration([trunk({ numbers: [CALLED, OTHER] })]);
    const kinds = [
      counted(kindOf(site, before, call()), 2),
      counted(kindOf(site, before, call({ to: `sip:${OTHER}@lab.sip.livekit.cloud` })), 5),
    ];
    const [first, ...more] = forecastsOf(
      atOnce(hitsInSteps(site, configuration([trunk({ numbers: ['+15550188'] })]), kinds)),
    );
    assert.equal(more.length, 0);
    assert.deepEqual([first?.trunk, first?.hits.length, first?.callsPerDay], ['ST_1', 2, 7]);
    assert.match(first?.hits[0].counted.kind.to ?? '', /15550142/);
  });
});

describe('holes that a change opens', () => {
  const closed = { ...WITH_PASSWORD, allowed_addresses: [SBC], allowed_numbers: [CALLER] };
  const opened = (before: Snapshot, after: Snapshot) => atOnce(openedHoles(before, after)).map(({ id }) => id);
  const rows: readonly (readonly [what: string, before: Snapshot, after: Snapshot, ids: readonly string[]])[] = [
    ['nothing', configuration([trunk(closed)]), configuration([trunk(closed)]), []],
    [
      'a password removed',
      configuration([trunk(closed)]),
      configuration([trunk({ ...closed, auth_password: '' })]),
      ['no_password ST_1'],
    ],
    [
      'the last address removed',
      configuration([trunk(closed)]),
      configuration([trunk({ ...closed, allowed_addresses: [] })]),
      ['every_address ST_1'],
    ],
    ['both: open to all', configuration([trunk(closed)]), configuration([trunk()]), ['open ST_1']],
    [
      'the last caller removed',
      configuration([trunk(closed)]),
      configuration([trunk({ ...closed, allowed_numbers: [] })]),
      ['every_caller ST_1'],
    ],
    [
      'the last number removed',
      configuration([trunk(closed)]),
      configuration([trunk({ ...closed, numbers: [] })]),
      ['every_number ST_1'],
    ],
    ['an open trunk added', configuration([]), configuration([trunk()]), ['open ST_1']],
    [
      'a trunk without password, for one address, added',
      configuration([]),
      configuration([trunk({ allowed_addresses: [SBC] })]),
      [],
    ],
    ['a wildcard rule added', configuration([], []), configuration([], [rule({ trunk_ids: [] })]), ['wildcard SDR_1']],
    ['a rule bound to a trunk added', configuration([], []), configuration([], [rule({ trunk_ids: ['ST_1'] })]), []],
    [
      'a rule unbound',
      configuration([], [rule({ trunk_ids: ['ST_1'] })]),
      configuration([], [rule({ trunk_ids: [] })]),
      ['wildcard SDR_1'],
    ],
    [
      'an open trunk that was open before, renamed',
      configuration([trunk()]),
      configuration([trunk({ name: 'other' })]),
      [],
    ],
    ['the hole closed', configuration([trunk()]), configuration([trunk(closed)]), []],
  ];
  for (const [what, before, after, ids] of rows) it(what, () => assert.deepEqual(opened(before, after), ids));

  it('are looked for in short steps, and still open until the hole is closed', () => {
    const many = (count: number) =>
      configuration(
        Array.from({ length: count }, (_, i) => trunk({ sip_trunk_id: `ST_${i}` })),
        Array.from({ length: count }, (_, i) => rule({ sip_dispatch_rule_id: `SDR_${i}` })),
      );
    const stepsOf = (count: number) => [...openedHoles(configuration([], []), many(count))].length;
    assert.deepEqual([stepsOf(249), stepsOf(250), stepsOf(499), stepsOf(500)], [0, 1, 1, 2]);
    const hole = { id: 'wildcard SDR_1', of: 'SDR_1' };
    assert.equal(isStillOpen(hole, configuration([], [rule({ trunk_ids: [] })])), true);
    assert.equal(isStillOpen(hole, configuration([], [rule()])), false);
    assert.equal(isStillOpen({ id: 'open ST_1', of: 'ST_1' }, configuration([trunk()])), true);
    assert.equal(isStillOpen({ id: 'open ST_1', of: 'ST_1' }, configuration([])), false);
  });
});
