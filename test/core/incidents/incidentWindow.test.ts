import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bucketsSince, windowJson } from '../../../src/core/incidents/incidentWindow.ts';

const at = (time: string) => Date.parse(`2026-11-23T${time}Z`);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('the window of an incident', () => {
  it('says which share of the attempts its failed calls are', () => {
    const range = { since: at('06:00:00'), until: at('07:00:00') };
    assert.deepEqual(windowJson(range, [0, 1, 2], 12), {
      since: '2026-11-23T06:00:00.000Z',
      until: '2026-11-23T07:00:00.000Z',
      failed: 3,
      share: 0.25,
      sparkline: [0, 1, 2],
    });
    assert.equal(windowJson(range, [0], 0).share, 0);
    // A call may be stored between the two counts.
    assert.equal(windowJson(range, [3], 2).share, 1);
  });
});

describe('the series of an incident', () => {
  for (const [what, first, now, seconds, parts] of [
    ['one call now', at('06:00:30'), at('06:00:30'), 60, 1],
    ['the minute before', at('05:59:59.999'), at('06:00:00'), 60, 2],
    ['120 minutes', at('06:00:00'), at('07:59:59'), 60, 120],
    ['120 minutes and a moment', at('06:00:00'), at('08:00:00'), 300, 25],
    ['a day', at('06:00:00'), at('06:00:00') + DAY - 1, 900, 96],
    ['five days', at('00:00:00'), at('00:00:00') + 5 * DAY - 1, 3_600, 120],
    ['twenty days', at('00:00:00'), at('00:00:00') + 20 * DAY - 1, 14_400, 120],
    ['120 days', at('00:00:00'), at('00:00:00') + 120 * DAY - 1, 86_400, 120],
    ['a first call in the future', at('06:00:00'), at('05:00:00'), 60, 1],
  ] as const) {
    it(`has ${parts} buckets of ${seconds} s for ${what}`, () => {
      const buckets = bucketsSince(first, now);
      assert.deepEqual([buckets.stepMs, buckets.parts], [seconds * 1000, parts]);
      assert.ok(buckets.range.since <= first && first < buckets.range.since + buckets.stepMs);
      assert.equal(buckets.range.until - buckets.range.since, parts * buckets.stepMs);
      assert.ok(now < buckets.range.until);
    });
  }

  it('has at most 120 buckets for ten years', () => {
    const { parts, range } = bucketsSince(at('06:00:00') - 3_650 * DAY, at('06:00:00'));
    assert.ok(parts <= 120 && parts > 60, `${parts}`);
    assert.ok(at('06:00:00') < range.until);
  });
});
