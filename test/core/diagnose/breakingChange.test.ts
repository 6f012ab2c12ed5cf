import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeBefore, nameChange } from '../../../src/core/diagnose/breakingChange.ts';
import type { CauseId } from '../../../src/core/diagnose/causes.ts';
import type { SeenChange } from '../../../src/core/trunks/difference.ts';
import { judge } from '../../../src/core/trunks/judge/judge.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import { CALLED, CALLER, EMPTY, FITTING, rule, SBC, type Setting, trunk } from '../scenario.ts';
import { difference } from '../trunks/differenceOf.ts';

type LiveKit = NonNullable<Setting['livekit']>;

const T = 1_795_387_200_000;
const ADMITTED = { verdictBefore: 'admitted', wasBetter: true };

function snapshotOf(livekit: LiveKit) {
  const reading = readSnapshot(livekit);
  assert.ok(reading.ok);
  return reading.snapshot;
}

function seen(livekitBefore: LiveKit, livekitAfter: LiveKit, more: Partial<SeenChange> = {}): SeenChange {
  const [before, after] = [snapshotOf(livekitBefore), snapshotOf(livekitAfter)];
  return { since: T, at: T + 1_000, before, after, changes: difference(before, after), ...more };
}

/** The change that a call's causes rest on, by the configuration after the latest of these changes. */
function found(blocking: readonly CauseId[], changes: readonly SeenChange[], sources: readonly string[] = [SBC]) {
  const [latest = assert.fail()] = changes;
  const call = { called: CALLED, caller: CALLER, sources, declaredAuth: undefined, strictAddresses: false };
  return changeBefore(blocking, judge(latest.after, call), changes);
}

const withTrunks = (...trunks: readonly object[]): LiveKit => ({ inbound_trunks: trunks, dispatch_rules: [rule()] });
const withRules = (...rules: readonly object[]): LiveKit => ({ inbound_trunks: [trunk()], dispatch_rules: rules });
const barred = (allowed: string, more: object = {}) => trunk({ allowed_numbers: [allowed], ...more });
const BARRED = withTrunks(barred('+15550142'));
const other = (fields: object) => trunk({ sip_trunk_id: 'ST_2', name: 'second', ...fields });
const WILDCARD = rule({ sip_dispatch_rule_id: 'SDR_2', trunk_ids: [] });

describe('the change that broke a call', () => {
  const rows: [what: string, blocking: CauseId[], change: SeenChange, texts: string[] | undefined, more?: object][] = [
    [
      'is one of the field that refuses it',
      ['caller_not_allowed'],
      seen(FITTING, BARRED),
      ['allowed_numbers of ST_1 changed from [] to [+15550142]'],
      { since: T, at: T + 1_000, cause: 'caller_not_allowed', trunk: 'ST_1', ...ADMITTED },
    ],
    ['is not one of another field', ['called_number_not_on_trunk'], seen(FITTING, BARRED), undefined],
    [
      'is not one of another trunk',
      ['caller_not_allowed'],
      seen(
        withTrunks(barred('+15550142'), other({ numbers: ['+15550199'] })),
        withTrunks(barred('+15550142'), other({ numbers: ['+15550199'], allowed_numbers: ['1'] })),
      ),
      undefined,
    ],
    [
      'is that its trunk was removed',
      ['no_trunk_configured'],
      seen(FITTING, { ...EMPTY, dispatch_rules: FITTING.dispatch_rules }),
      ['trunk ST_1 was removed'],
      { trunk: 'ST_1', ...ADMITTED },
    ],
    [
      'is that its trunk was added',
      ['caller_not_allowed'],
      seen({ ...EMPTY, dispatch_rules: [rule()] }, BARRED),
      ['trunk ST_1 was added'],
      { trunk: 'ST_1', verdictBefore: 'refused', wasBetter: false },
    ],
    [
      'is not that its trunk was added, if LiveKit admitted the call',
      ['agent_not_joined'],
      seen({ ...EMPTY, dispatch_rules: FITTING.dispatch_rules }, FITTING),
      undefined,
    ],
    [
      'is one of the numbers of its rule',
      ['dispatch_rule_number_mismatch'],
      seen(FITTING, withRules(rule({ numbers: ['+15550142'] }))),
      ['numbers of SDR_1 changed from [] to [+15550142]'],
      ADMITTED,
    ],
    [
      'is not that its rule was renamed',
      ['dispatch_rule_number_mismatch'],
      seen(withRules(rule({ numbers: ['1'] })), withRules(rule({ numbers: ['1'], name: 'desk' }))),
      undefined,
    ],
    [
      'is that its rule was removed',
      ['no_dispatch_rule'],
      seen(FITTING, withRules()),
      ['dispatch rule SDR_1 was removed'],
      ADMITTED,
    ],
    [
      'is not that a rule of another trunk was removed',
      ['no_dispatch_rule'],
      seen(withRules(rule({ trunk_ids: ['ST_9'] })), withRules()),
      undefined,
    ],
    [
      'is none of its rule where its trunk refused it',
      ['caller_not_allowed'],
      seen(BARRED, { ...BARRED, dispatch_rules: [] }),
      undefined,
    ],
    [
      'is that the wildcard rule was removed that let it past its trunk',
      ['caller_not_allowed'],
      seen({ ...BARRED, dispatch_rules: [rule(), WILDCARD] }, BARRED),
      ['dispatch rule SDR_2 was removed'],
      ADMITTED,
    ],
    ['is none if the configuration isn’t at fault', ['jambonz_capacity'], seen(FITTING, EMPTY), undefined],
    [
      'is one of the first of its causes that rests on one',
      ['called_number_not_on_trunk', 'caller_not_allowed', 'source_address_not_allowed'],
      seen(FITTING, BARRED),
      ['allowed_numbers of ST_1 changed from [] to [+15550142]'],
      { cause: 'caller_not_allowed' },
    ],
    [
      'is one of either of two trunks that conflict',
      ['trunk_conflict'],
      seen(withTrunks(trunk(), other({ numbers: ['+15550199'] })), withTrunks(trunk(), other({}))),
      ['numbers of ST_2 changed from [+15550199] to [+15550100]'],
      ADMITTED,
    ],
    [
      'is no better before where the call was refused as well',
      ['caller_not_allowed'],
      seen(withTrunks(barred('+15550141')), BARRED),
      ['allowed_numbers of ST_1 changed from [+15550141] to [+15550142]'],
      { verdictBefore: 'refused', wasBetter: false },
    ],
  ];
  for (const [what, blocking, change, texts, more = {}] of rows) {
    it(what, () => {
      const got = found(blocking, [change]);
      assert.deepEqual(got?.texts, texts);
      if (got) assert.partialDeepStrictEqual(got, more);
    });
  }

  it('may be one of a trunk that conflicts only in an unknown field', () => {
    const before = withTrunks(trunk(), other({ allowed_addresses: ['192.0.2.1'], numbers: ['+15550199'] }));
    const after = withTrunks(trunk(), other({ allowed_addresses: ['192.0.2.1'] }));
    assert.deepEqual(found(['trunk_conflict'], [seen(before, after)], [])?.texts, [
      'numbers of ST_2 changed from [+15550199] to [+15550100]',
    ]);
  });

  it('broke the call if nothing known blocked it before', () => {
    const from = (address: string, allowed: readonly string[]) =>
      withTrunks(trunk({ allowed_addresses: [address], allowed_numbers: allowed }));
    const worse = found(['caller_not_allowed'], [seen(from(SBC, []), from(SBC, ['1']))], []);
    assert.deepEqual([worse?.verdictBefore, worse?.wasBetter], ['unknown', true]);
    const same = found(['source_address_not_allowed'], [seen(from('192.0.2.1', []), from(SBC, []))], []);
    assert.deepEqual([same?.verdictBefore, same?.wasBetter], ['unknown', false]);
  });

  it('is the latest before which the call would have got further, else the latest', () => {
    const to = (allowed: string) => withTrunks(barred(allowed));
    const [first, second, third] = [
      seen(FITTING, to('1'), { at: T + 1 }),
      seen(to('1'), to('2'), { at: T + 2 }),
      seen(to('2'), to('3'), { at: T + 3 }),
    ];
    assert.equal(found(['caller_not_allowed'], [third, second, first])?.at, T + 1);
    assert.equal(found(['caller_not_allowed'], [third, second])?.at, T + 3);
    assert.equal(found(['caller_not_allowed'], [seen(to('3'), to('3')), second])?.at, T + 2);
  });

  it('lists five changes and counts the rest', () => {
    const changes = (count: number) =>
      Array.from({ length: count }, (_, i) => ({
        kind: 'trunk' as const,
        id: 'ST_1',
        change: 'changed' as const,
        field: 'allowed_numbers',
        text: `change ${i}`,
      }));
    const texts = (count: number) =>
      found(['caller_not_allowed'], [seen(FITTING, BARRED, { changes: changes(count) })])?.texts;
    const five = ['change 0', 'change 1', 'change 2', 'change 3', 'change 4'];
    assert.deepEqual(texts(5), five);
    assert.deepEqual(texts(7), [...five, '2 more changes']);
  });
});

describe('the name of a change', () => {
  const change = found(['caller_not_allowed'], [seen(FITTING, BARRED, { at: T })]) ?? assert.fail();
  for (const [startedAt, firstFailureAt, secondsBefore, firstFailureSecondsAfter] of [
    [T + 1_499, undefined, 1, undefined],
    [T + 1_500, T + 2_600, 2, 3],
    [T - 5_000, T - 1, 0, 0],
    [T + 60_000, T, 60, 0],
  ] as const) {
    it(`has a call ${startedAt - T} ms after it ${secondsBefore} s after it`, () => {
      assert.partialDeepStrictEqual(nameChange(change, startedAt, firstFailureAt), {
        cause: 'caller_not_allowed',
        secondsBefore,
        firstFailureSecondsAfter,
      });
    });
  }
});
