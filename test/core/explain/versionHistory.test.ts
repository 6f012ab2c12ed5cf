import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RecordedChange } from '../../../src/core/diagnose/record.ts';
import { changeEvidence, changeJson, changeOfIncident } from '../../../src/core/explain/changeJson.ts';
import {
  describeDifference,
  describeVersion,
  differenceText,
  historyText,
} from '../../../src/core/explain/versionHistory.ts';
import type { ConfigurationChange, KeptVersion } from '../../../src/core/trunks/difference.ts';
import { parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { difference } from '../trunks/differenceOf.ts';

const T0 = Date.UTC(2026, 10, 23, 12);
const added = (count: number): ConfigurationChange[] =>
  Array.from({ length: count }, (_, i) => ({ kind: 'trunk', id: `ST_${i}`, change: 'added', text: `ST_${i} is new` }));

function version(number: number, ids: readonly string[], changes: ConfigurationChange[]): KeptVersion {
  const snapshot = new Snapshot({ trunks: ids.map((id) => parseTrunk({ sip_trunk_id: id })), rules: [] });
  return {
    version: number,
    firstSeenAt: T0 + number * 1_000,
    lastSeenAt: T0 + number * 1_000 + 500,
    snapshot,
    changes,
  };
}

describe('the history of a configuration', () => {
  it('lists each version with its changes', () => {
    const versions = [version(2, [], added(2)), version(1, [], [])].map(describeVersion);
    assert.equal(
      historyText(versions),
      [
        'Version 2, first read 2026-11-23T12:00:02.000Z, last read 2026-11-23T12:00:02.500Z',
        '  - ST_0 is new',
        '  - ST_1 is new',
        '',
        'Version 1, first read 2026-11-23T12:00:01.000Z, last read 2026-11-23T12:00:01.500Z',
        '  (first version: nothing to compare with)',
        '',
      ].join('\n'),
    );
    assert.equal(historyText([]), 'sipwhy has not read LiveKit’s configuration yet.\n');
  });

  it('lists a hundred changes of a version and counts the rest', () => {
    const described = (count: number) => describeVersion(version(1, [], added(count)));
    assert.deepEqual([described(100).changes.length, described(100).changes_total], [100, 100]);
    assert.deepEqual([described(101).changes.length, described(101).changes_total], [100, 101]);
    assert.doesNotMatch(historyText([described(100)]), /more changes/);
    assert.match(historyText([described(101)]), /ST_99 is new\n {2}and 1 more changes\n$/);
  });

  it('gives the difference of two versions', () => {
    const [from, to] = [version(1, ['ST_x'], []), version(3, ['ST_x', 'ST_y'], [])];
    assert.equal(
      differenceText(describeDifference(from, to, difference(from.snapshot, to.snapshot))),
      'From version 1 (2026-11-23T12:00:01.000Z) to version 3 (2026-11-23T12:00:03.000Z)\n  - trunk ST_y was added\n',
    );
    assert.match(differenceText(describeDifference(from, from, [])), /\n {2}no difference\n$/);
  });

  it('lists a thousand changes between two versions and counts the rest', () => {
    const [from, to] = [version(1, [], []), version(2, [], [])];
    const described = (count: number) => describeDifference(from, to, added(count));
    assert.deepEqual([described(1_000).changes.length, described(1_000).changes_total], [1_000, 1_000]);
    assert.deepEqual([described(1_001).changes.length, described(1_001).changes_total], [1_000, 1_001]);
    assert.doesNotMatch(differenceText(described(1_000)), /more changes/);
    assert.match(differenceText(described(1_001)), /ST_999 is new\n {2}and 1 more changes\n$/);
  });
});

describe('a change before a failure', () => {
  const change = (more: Partial<RecordedChange> = {}): RecordedChange => ({
    at: T0,
    cause: 'caller_not_allowed',
    trunk: undefined,
    texts: ['a changed', 'b changed'],
    verdictBefore: 'admitted',
    wasBetter: true,
    secondsBefore: 30,
    firstFailureSecondsAfter: undefined,
    ...more,
  });
  const ADMITS = 'Under the configuration before that, LiveKit’s matching admits this call.';

  for (const [what, given, text] of [
    ['before the call', change(), `a changed; b changed, 30 s before this call. ${ADMITS}`],
    [
      'at its time',
      change({ secondsBefore: 0, wasBetter: false }),
      'a changed; b changed, at about the time of this call.',
    ],
    [
      'one second before it',
      change({ secondsBefore: 1, verdictBefore: 'unknown' }),
      'a changed; b changed, 1 s before this call. Under the configuration before that, nothing known blocks this call.',
    ],
    [
      'that this call was the first to follow',
      change({ firstFailureSecondsAfter: 30 }),
      `The first failure came 30 s after a changed; b changed. ${ADMITS}`,
    ],
    [
      'that another call followed at once',
      change({ firstFailureSecondsAfter: 0 }),
      `The first failure came at about the time that a changed; b changed; this call came 30 s after the change. ${ADMITS}`,
    ],
    [
      'that another call followed soon',
      change({ firstFailureSecondsAfter: 1 }),
      `The first failure came 1 s after a changed; b changed; this call came 30 s after the change. ${ADMITS}`,
    ],
  ] as const) {
    it(`${what} is described`, () => assert.equal(changeJson(given).text, text));
  }

  it('names its trunk and the first failure if they are known', () => {
    const { text: _, ...json } = changeJson(change({ trunk: 'ST_x', firstFailureSecondsAfter: 4 }));
    const at = '2026-11-23T12:00:00.000Z';
    const known = {
      at,
      seconds_before: 30,
      cause: 'caller_not_allowed',
      changes: ['a changed', 'b changed'],
      broke_the_call: true,
    };
    assert.deepEqual(json, { ...known, first_failure_seconds_after: 4, trunk: 'ST_x' });
    const { text: __, ...plain } = changeJson(change());
    assert.deepEqual(plain, known);
  });

  for (const [seconds, when] of [
    [0, 'at about the time that'],
    [1, '1 s after'],
    [179, '179 s after'],
    [180, '3 min after'],
    [209, '3 min after'],
    [210, '4 min after'],
  ] as const) {
    it(`of an incident, ${seconds} s after it, is described for all calls`, () => {
      const given = change({ firstFailureSecondsAfter: seconds, wasBetter: false });
      assert.equal(changeOfIncident(given).text, `Calls began to fail ${when} a changed; b changed.`);
    });
  }

  it('of an incident counts from the call if the first failure is unknown, and says that calls got further before', () => {
    assert.equal(
      changeOfIncident(change()).text,
      'Calls began to fail 30 s after a changed; b changed. Under the configuration before that, these calls would have got further.',
    );
  });

  it('is evidence for the cause that rests on it', () => {
    assert.deepEqual(changeEvidence(change()), {
      cause: 'caller_not_allowed',
      name: 'change',
      value: 'a changed; b changed, 30 s before this call',
      source: 'match',
    });
    assert.match(changeEvidence(change({ secondsBefore: 0 })).value, /, at about the time of this call$/);
    assert.match(changeEvidence(change({ secondsBefore: 1 })).value, /, 1 s before this call$/);
  });
});
