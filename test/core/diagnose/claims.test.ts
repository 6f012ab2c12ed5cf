import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configurationFault, responseEvidence } from '../../../src/core/diagnose/claims.ts';
import { AttemptDiagnoser } from '../../../src/core/diagnose/diagnoseAttempt.ts';
import type { Ending, Progress } from '../../../src/core/diagnose/facts/ending.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import { EPOCH_MS } from '../running.ts';
import { FITTING, SBC, type Setting, TWO_TRUNKS, webhooksOf } from '../scenario.ts';
import { BARRED } from '../settling.ts';
import { attemptOf } from './attemptOf.ts';

const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [SBC] });

describe('how long a response took', () => {
  const ending: Ending = { kind: 'response', status: 503, reason: 'Try again later', isStale: false };
  const progress = (elapsedMs: number | undefined, precise: boolean): Progress => ({
    ringings: 0,
    ringingsReported: true,
    ringSeconds: undefined,
    elapsedMs,
    precise,
    endReported: true,
  });
  for (const [elapsedMs, precise, shown] of [
    [230, true, '230 ms'],
    [9_999, true, '9999 ms'],
    [10_000, true, '10.0 s'],
    [32_040, true, '32.0 s'],
    [1_499, false, 'about 1 s'],
    [1_500, false, 'about 2 s'],
    [undefined, true, undefined],
  ] as const) {
    it(`is shown as ${shown}`, () => {
      const [, time] = responseEvidence(ending, progress(elapsedMs, precise));
      assert.equal(time?.value, shown);
    });
  }
});

describe('a fault of the configuration', () => {
  for (const [stage, checkedBefore, confidence] of [
    [undefined, 'auth', undefined],
    ['admitted', 'auth', undefined],
    ['admitted', 'admitted', undefined],
    ['auth', 'auth', undefined],
    ['auth', 'admitted', 'likely'],
    ['refused', 'auth', 'certain'],
    ['unknown', 'auth', 'likely'],
  ] as const) {
    it(`that LiveKit checks before ${checkedBefore} is ${confidence ?? 'excluded'} if its responses show: ${stage}`, () => {
      const claim = configurationFault(stage, [], [], checkedBefore);
      assert.equal(claim?.confidence, confidence);
      if (claim) assert.deepEqual([claim.standing, claim.basis], ['blocking', 'configured']);
    });
  }
});

describe('an attempt', () => {
  function known(livekit: Setting['livekit']) {
    const reading = readSnapshot(livekit);
    assert.ok(reading.ok);
    return { snapshot: reading.snapshot, ageSeconds: 0, isStale: false };
  }
  const attempt = attemptOf(webhooksOf({ ringing: [90], dialGaveUpAt: 20_000 }));
  const NOW = EPOCH_MS + 60_000;

  it('is certain of the nearest configuration’s fault, and only likely of an inferred one’s', () => {
    const diagnosed = (near: Setting['livekit'], other: Setting['livekit']) => {
      const configuration = { ...known(near), other: known(other) };
      const diagnoser = new AttemptDiagnoser(SITE, { at: () => configuration, changesUpTo: () => [] });
      const { cause, confidence } = diagnoser.diagnose('A', attempt, NOW, undefined).diagnosis;
      return [cause, confidence];
    };
    assert.deepEqual(diagnosed(BARRED, FITTING), ['caller_not_allowed', 'certain']);
    assert.deepEqual(diagnosed(FITTING, BARRED), ['caller_not_allowed', 'likely']);
  });

  it('that was judged elsewhere supports an outage for those judged here', () => {
    const diagnoser = new AttemptDiagnoser(SITE, { at: () => known(TWO_TRUNKS), changesUpTo: () => [] });
    const clashed = attemptOf(webhooksOf({ response: [503, 'Try again later', 230] }));
    assert.equal(diagnoser.diagnose('A', clashed, NOW, undefined).diagnosis.cause, 'trunk_conflict');
    const seen = {
      host: 'lab.sip.livekit.cloud',
      trunks: ['ST_9'],
      result: 'failed' as const,
      status: 503,
      reason: 'Try again later',
      rangOnce: false,
      mayConflict: false,
    };
    assert.deepEqual(diagnoser.takeAffected(), new Set());
    diagnoser.catchUp([{ callId: 'other', id: 'other', at: EPOCH_MS + 5_000, judgedAt: NOW, seen }]);
    assert.deepEqual(diagnoser.takeAffected(), new Set(['A']));
    assert.equal(diagnoser.diagnose('A', clashed, NOW, undefined).diagnosis.cause, 'livekit_unavailable');
  });
});
