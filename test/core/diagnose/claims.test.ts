import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  configurationFault,
  refusalEvidence,
  responseEvidence,
  ringingEvidence,
  ringingTimeoutEvidence,
  saidByLiveKit,
} from '../../../src/core/diagnose/claims.ts';
import { fixesOf, weigh } from '../../../src/core/diagnose/diagnose.ts';
import { AttemptDiagnoser } from '../../../src/core/diagnose/diagnoseAttempt.ts';
import type { Ending, Progress } from '../../../src/core/diagnose/facts/ending.ts';
import { gatherFacts } from '../../../src/core/diagnose/facts/facts.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { dialFix, plainFix } from '../../../src/core/fixes/fix.ts';
import { parseTrunk, readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import { EPOCH_MS } from '../running.ts';
import { type Dial, FITTING, SBC, type Setting, TWO_TRUNKS, webhooksOf, withoutLeg } from '../scenario.ts';
import { BARRED } from '../settling.ts';
import { difference } from '../trunks/differenceOf.ts';
import { attemptOf } from './attemptOf.ts';

const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [SBC] });

describe('how long a response took', () => {
  const ending: Ending = { kind: 'response', status: 503, reason: 'Try again later', isStale: false };
  const progress = (elapsedMs: number | undefined, precise: boolean): Progress => ({
    ringings: 0,
    ringingsReported: true,
    ringSeconds: undefined,
    quietSeconds: undefined,
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

describe('the evidence of an ending', () => {
  const progress = (more: Partial<Progress> = {}): Progress => ({
    ringings: 1,
    ringingsReported: true,
    ringSeconds: undefined,
    quietSeconds: undefined,
    elapsedMs: undefined,
    precise: true,
    endReported: true,
    ...more,
  });
  const values = (ending: Ending) =>
    responseEvidence(ending, progress()).map(({ name, value, source }) => `${name}: ${value} [${source}]`);

  it('is its status and phrase, or that it has none', () => {
    const phraseless: Ending = { kind: 'response', status: 503, reason: undefined, isStale: false };
    assert.deepEqual(values({ ...phraseless, reason: 'DNS Error' }), ['final response: 503 DNS Error [jambonz]']);
    assert.deepEqual(values(phraseless), [
      'final response: 503 (no reason phrase: only the dial hook reported it) [jambonz]',
    ]);
  });

  for (const [endedBy, how] of [
    ['caller', 'the caller hung up'],
    ['other_leg', 'another leg of the dial was answered'],
    ['dial', 'the dial gave up'],
    ['dial_without_leg', 'the dial failed, and no webhook reported its leg'],
    ['unknown', 'no webhook reported the end'],
  ] as const) {
    it(`without a response is who ended it: ${endedBy}`, () => {
      assert.deepEqual(values({ kind: 'unanswered', endedBy }), [`ending: no final response; ${how} [jambonz]`]);
    });
  }

  it('is nothing for an answered call', () => assert.deepEqual(values({ kind: 'answered' }), []));

  it('counts the ringing, and how long it lasted', () => {
    const ringing = (more: Partial<Progress>) => ringingEvidence(progress(more)).map(({ value }) => value);
    assert.deepEqual(ringing({ ringings: 0 }), ['none']);
    assert.deepEqual(ringing({ ringings: 21, ringSeconds: 20 }), ['21 × 180 in 20.0 s']);
    assert.deepEqual(ringing({ ringings: 21, ringSeconds: 20, quietSeconds: 1.9 }), ['21 × 180 in 20.0 s']);
    assert.deepEqual(ringing({ ringings: 21, ringSeconds: 65, quietSeconds: 45 }), [
      '21 × 180 in 20.0 s, then none for 45.0 s',
    ]);
    assert.deepEqual(ringing({ ringSeconds: 2, quietSeconds: 2 }), ['1 × 180, then none for 2.0 s']);
    assert.deepEqual(ringing({}), ['1 × 180 in 0.0 s']);
    assert.deepEqual(ringing({ ringingsReported: false, ringSeconds: 2, quietSeconds: 2 }), [
      'at least one 180 (its webhook is missing) in 2.0 s',
    ]);
  });

  it('is the silence after one 180 if LiveKit refused the call, unless it sent a 404', () => {
    const refused = (ending: Ending, more: Partial<Progress> = {}, stage: 'refused' | 'unknown' = 'refused') =>
      refusalEvidence(stage, ending, progress(more)).map(({ value }) => value);
    const gaveUp: Ending = { kind: 'unanswered', endedBy: 'dial' };
    const response = (status: number): Ending => ({ kind: 'response', status, reason: 'No', isStale: false });
    const silence = (seconds: string) => [`one 180, then silence for ${seconds} s: LiveKit matched nothing`];
    assert.deepEqual(refused(gaveUp, { ringSeconds: 20 }), silence('20.0'));
    assert.deepEqual(refused(gaveUp), silence('0.0'));
    assert.deepEqual(refused(response(408), { ringSeconds: 32 }), silence('32.0'));
    assert.deepEqual(refused(response(404)), ['404 No']);
    assert.deepEqual(refused(gaveUp, {}, 'unknown'), ['no final response; the dial gave up']);
  });
});

describe('the ringing timeout that passed', () => {
  it('is the trunk’s, or else LiveKit’s own in minutes', () => {
    const trunk = parseTrunk({ sip_trunk_id: 'ST_1', name: 'desk' });
    const evidenceOf = (of: typeof trunk | undefined) => ringingTimeoutEvidence({ seconds: 180, trunk: of }).value;
    assert.equal(evidenceOf(trunk), '180 s, the ringing_timeout of ST_1 "desk", passed');
    assert.equal(evidenceOf(undefined), 'LiveKit’s own 3 minutes passed');
  });
});

describe('a claim of LiveKit’s own webhooks', () => {
  it('is marked as such', () => {
    assert.deepEqual(saidByLiveKit('likely', [], []), {
      standing: 'blocking',
      basis: 'observed',
      confidence: 'likely',
      evidence: [],
      fixes: [],
      saidByLiveKit: true,
    });
  });
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

describe('a rule that throws', () => {
  it('is named with its error, and the others still run', () => {
    const facts = gatherFacts(
      SITE,
      { attempt: attemptOf(webhooksOf({ response: [486, 'Busy Here', 900], to: '+15550199' })), settledAt: EPOCH_MS },
      undefined,
    );
    assert.deepEqual(weigh(facts).ruleErrors, []);
    // Few rules ask whether another leg was answered.
    const odd = Object.defineProperty({ ...facts }, 'lostToSibling', {
      get: () => {
        throw new Error('no leg');
      },
    });
    const { ruleErrors, blocking } = weigh(odd);
    assert.ok(ruleErrors.some(({ cause, message }) => cause === 'sip_timeout' && message === 'no leg'));
    assert.deepEqual(
      blocking.map(({ cause }) => cause.id),
      ['callee_busy'],
    );
  });
});

describe('the fixes of several claims', () => {
  it('have one dial verb with every change to the dial, on the first that has one', () => {
    const fixes = [plainFix('Look.'), dialFix({ user: '+1' }, 'Dial +1.'), dialFix({ username: 'anna' }, 'Send anna.')];
    const target = { kind: 'livekit', to: 'sip:2@lab.sip.livekit.cloud' };
    const claims = [
      { cause: { id: 'auth_missing' }, claim: { fixes } },
      { cause: { id: 'dns_failure' }, claim: {} },
    ];
    const made = fixesOf({ target } as never, claims as never);
    assert.deepEqual(
      made.map(({ cause, action, pastes }) => [cause, action, pastes.length]),
      [
        ['auth_missing', 'Look.', 0],
        ['auth_missing', 'Dial +1.', 1],
        ['auth_missing', 'Send anna.', 0],
      ],
    );
    const [verb] = JSON.parse(`[${made[1]?.pastes[0]?.text}]`);
    assert.deepEqual([verb.target[0].sipUri, verb.target[0].auth.username], ['sip:+1@lab.sip.livekit.cloud', 'anna']);
    const elsewhere = fixesOf({ target: { kind: 'other' } } as never, claims as never);
    assert.ok(elsewhere.every(({ pastes }) => pastes.length === 0));
  });
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
      const { cause, confidence } = diagnoser.diagnose('A', { attempt, settledAt: NOW }).diagnosis;
      return [cause, confidence];
    };
    assert.deepEqual(diagnosed(BARRED, FITTING), ['caller_not_allowed', 'certain']);
    assert.deepEqual(diagnosed(FITTING, BARRED), ['caller_not_allowed', 'likely']);
  });

  it('that only the dial hook reports is judged by the configuration of that moment', () => {
    const hooked = attemptOf(withoutLeg({ response: [407, 'Unauthorized', 230] }));
    const times: number[] = [];
    const at = (time: number) => {
      times.push(time - EPOCH_MS);
      return known(FITTING);
    };
    new AttemptDiagnoser(SITE, { at, changesUpTo: () => [] }).diagnose('A', { attempt: hooked, settledAt: NOW });
    // The INVITE at 160 ms, the response 230 ms later, the hook 10 ms later.
    assert.deepEqual(times, [400]);
  });

  it('that failed after a change names it, and when calls began to fail', () => {
    const before = known(FITTING).snapshot;
    const after = known(BARRED).snapshot;
    const at = EPOCH_MS - 1_000;
    const change = { since: at - 5_000, at, before, after, changes: difference(before, after) };
    const changed = (outcomeBefore: Dial, from = '+15550123') => {
      const diagnoser = new AttemptDiagnoser(SITE, { at: () => known(BARRED), changesUpTo: () => [change] });
      const earlier = (minutes: number, dial: Dial, id: string) => {
        const attempt = attemptOf(
          webhooksOf({ from, ...dial }).map((one) => ({ ...one, at_ms: one.at_ms - minutes * 60_000 })),
        );
        diagnoser.diagnose(id, { attempt: { ...attempt, id }, settledAt: NOW });
      };
      earlier(2, { response: [200, 'OK', 900] }, 'connected');
      earlier(1, outcomeBefore, 'between');
      return diagnoser.diagnose('A', { attempt, settledAt: NOW }).diagnosis.change;
    };
    const connected = changed({ response: [200, 'OK', 900] });
    assert.deepEqual([connected?.cause, connected?.trunk], ['caller_not_allowed', 'ST_1']);
    assert.equal(connected?.secondsBefore, 1);
    assert.equal(connected?.firstFailureSecondsAfter, 1);
    const failed = changed({ ringing: [90], dialGaveUpAt: 20_000 });
    assert.equal(failed?.firstFailureSecondsAfter, undefined);
  });

  it('that waited much longer than others of its trunk has its slow waits, and the same verdict', () => {
    const diagnoser = new AttemptDiagnoser(SITE, { at: () => known(FITTING), changesUpTo: () => [] });
    const diagnosed = (id: string, rings: number, answer: number) => {
      const dialled = attemptOf(webhooksOf({ ringing: [rings], response: [200, 'OK', answer] }));
      return diagnoser.diagnose(id, { attempt: { ...dialled, id }, settledAt: NOW }).diagnosis;
    };
    const usual = Array.from({ length: 20 }, (_, i) => diagnosed(`usual${i}`, 500, 2_000));
    assert.deepEqual(new Set(usual.map(({ slow }) => slow)), new Set([undefined]));
    const { slow, ...verdict } = diagnosed('A', 6_000, 9_000);
    assert.deepEqual(slow, {
      ringing: { seconds: 6, usualSeconds: 0.5 },
      answer: { seconds: 9, usualSeconds: 2 },
    });
    assert.deepEqual(verdict, usual[0]);
  });

  it('that was judged elsewhere supports an outage for those judged here', () => {
    const diagnoser = new AttemptDiagnoser(SITE, { at: () => known(TWO_TRUNKS), changesUpTo: () => [] });
    const clashed = attemptOf(webhooksOf({ response: [503, 'Try again later', 230] }));
    assert.equal(diagnoser.diagnose('A', { attempt: clashed, settledAt: NOW }).diagnosis.cause, 'trunk_conflict');
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
    assert.equal(diagnoser.diagnose('A', { attempt: clashed, settledAt: NOW }).diagnosis.cause, 'livekit_unavailable');
  });
});
