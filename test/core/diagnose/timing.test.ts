import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Progress } from '../../../src/core/diagnose/facts/ending.ts';
import { isLate, mayConflict } from '../../../src/core/diagnose/facts/liveKitResponses.ts';
import { namesUnknownNumber, siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { isAfterSilence, isAtOnce, rangOut } from '../../../src/core/diagnose/facts/timing.ts';
import { judge } from '../../../src/core/trunks/judge/judge.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import { eventOf } from '../running.ts';
import { aLeg, bLeg, CALLED, CALLER, rule, SBC, trunk } from '../scenario.ts';

const PROGRESS: Progress = {
  ringings: 0,
  ringingsReported: true,
  ringSeconds: undefined,
  quietSeconds: undefined,
  elapsedMs: 100,
  precise: true,
  endReported: true,
};

describe('a response that came at once', () => {
  for (const [what, progress, wanted] of [
    ['after 100 ms', {}, true],
    ['after 101 ms', { elapsedMs: 101 }, false],
    ['after an unknown time', { elapsedMs: undefined }, false],
    ['at a time known only to the second', { precise: false }, false],
    ['after ringing', { ringings: 1 }, false],
  ] as const) {
    it(`${what}: ${wanted}`, () => assert.equal(isAtOnce({ ...PROGRESS, ...progress }), wanted));
  }
});

describe('a response after the silence of another address', () => {
  for (const [what, progress, wanted] of [
    ['after 30 s', { elapsedMs: 30_000 }, true],
    ['sooner', { elapsedMs: 29_999 }, false],
    ['after an unknown time', { elapsedMs: undefined }, false],
    ['after ringing', { elapsedMs: 30_000, ringings: 1 }, false],
  ] as const) {
    it(`${what}: ${wanted}`, () => assert.equal(isAfterSilence({ ...PROGRESS, ...progress }), wanted));
  }
});

describe('an answer later than a conflict takes', () => {
  for (const [elapsedMs, wanted] of [
    [1_999, false],
    [2_000, true],
    [undefined, false],
  ] as const) {
    it(`after ${elapsedMs} ms: ${wanted}`, () => assert.equal(isLate({ ...PROGRESS, elapsedMs }), wanted));
  }
});

/** LiveKit's matching of a call to these trunks; from nowhere that is known where an allow-list decides. */
function matchOf(trunks: readonly object[], sources: readonly string[] = [SBC]) {
  const reading = readSnapshot({
    inbound_trunks: trunks.map((fields, i) => trunk({ sip_trunk_id: `ST_${i}`, ...fields })),
    dispatch_rules: [rule({ trunk_ids: [] })],
  });
  assert.ok(reading.ok);
  return judge(reading.snapshot, {
    called: CALLED,
    caller: CALLER,
    sources,
    declaredAuth: undefined,
    strictAddresses: false,
  });
}

describe('a call that rang for the trunk’s ringing_timeout', () => {
  const rang = (ringSeconds: number | undefined) => ({ ...PROGRESS, ringings: 1, ringSeconds });
  const matched = matchOf([{ ringing_timeout: '30s' }]);
  for (const [seconds, wanted] of [
    [27.9, false],
    [28, true],
    [32, true],
    [32.1, false],
    [undefined, false],
  ] as const) {
    it(`of 30 s, for ${seconds} s: ${wanted}`, () =>
      assert.equal(rangOut(matched, rang(seconds))?.seconds, wanted ? 30 : undefined));
  }

  for (const [what, match, seconds, wanted] of [
    ['a trunk that sets none, for 30 s', matchOf([{}]), 30, undefined],
    ['a trunk that sets none, for 178 s', matchOf([{}]), 178, 180],
    ['a trunk that sets none, for 182.1 s', matchOf([{}]), 182.1, undefined],
    ['an unknown configuration, for 30 s', undefined, 30, undefined],
    ['an unknown configuration, for 180 s', undefined, 180, 180],
    ['a trunk of 30 s, for 180 s', matched, 180, undefined],
  ] as const) {
    it(`${what}: ${wanted}`, () => assert.equal(rangOut(match, rang(seconds))?.seconds, wanted));
  }

  const unknown = { allowed_addresses: [SBC] };
  for (const [what, trunks, wanted] of [
    ['every trunk that may match counts', [{ ...unknown, ringing_timeout: '30s' }, unknown], true],
    ['a trunk without the number doesn’t count', [unknown, { numbers: ['+15550142'], ringing_timeout: '30s' }], false],
    [
      'no trunk counts that bars the caller',
      [unknown, { allowed_numbers: ['+15550142'], ringing_timeout: '30s' }],
      false,
    ],
  ] as const) {
    it(`from an unknown address: ${what}`, () => {
      const match = matchOf(trunks, []);
      assert.equal(match.choice.kind, 'unknown');
      assert.equal(rangOut(match, rang(30))?.seconds, wanted ? 30 : undefined);
    });
  }

  it('no trunk counts if none or two match', () => {
    assert.equal(rangOut(matchOf([{ allowed_numbers: ['+15550142'], ringing_timeout: '30s' }]), rang(30)), undefined);
    assert.equal(rangOut(matchOf([{ ringing_timeout: '30s' }, { ringing_timeout: '30s' }]), rang(30)), undefined);
  });
});

describe('a conflict', () => {
  it('is not expected if the configuration is unknown', () => assert.equal(mayConflict(undefined), false));
});

describe('a webhook of a leg to LiveKit whose called number no trunk accepts', () => {
  const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [SBC] });
  const reading = readSnapshot({ inbound_trunks: [trunk()], dispatch_rules: [] });
  assert.ok(reading.ok);
  const { snapshot } = reading;
  const MISSED = { to: 'sip:+15550142@lab.sip.livekit.cloud' };
  for (const [what, webhook, wanted] of [
    ['the first of such a leg', bLeg(0, 100, 'Trying', 'trying', MISSED), true],
    ['a number that a trunk has', bLeg(0, 100, 'Trying', 'trying'), false],
    ['a later one', bLeg(0, 180, 'Ringing', 'ringing', MISSED), false],
    ['an inbound leg', aLeg(0, 100, 'Trying', 'trying', MISSED), false],
    ['a leg for nobody', bLeg(0, 100, 'Trying', 'trying', { to: undefined }), false],
    ['a telephone number', bLeg(0, 100, 'Trying', 'trying', { to: '+15550142' }), false],
    ['another host', bLeg(0, 100, 'Trying', 'trying', { to: 'sip:+15550142@carrier.example.com' }), false],
  ] as const) {
    it(`${what}: ${wanted}`, () => assert.equal(namesUnknownNumber(SITE, eventOf(webhook), snapshot), wanted));
  }
});
