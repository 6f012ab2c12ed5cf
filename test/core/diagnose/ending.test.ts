import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { farEndCallId } from '../../../src/core/call/call.ts';
import { callerExperienceOf } from '../../../src/core/diagnose/callerExperience.ts';
import { endingOf, progressOf } from '../../../src/core/diagnose/facts/ending.ts';
import { EPOCH_MS } from '../running.ts';
import { A_LEG_ANSWERED, aLeg, bLeg, dialHook, webhooksOf } from '../scenario.ts';
import { attemptOf } from './attemptOf.ts';

describe('a dial without an answer was ended by', () => {
  const rang = [...A_LEG_ANSWERED, bLeg(100, 180, 'Ringing', 'ringing'), dialHook(20_000, 180, 'no-answer')];
  for (const [hungUpAt, by, endedBy] of [
    [19_999, 'caller', 'caller'],
    [21_500, 'caller', 'caller'],
    [21_501, 'caller', 'dial'],
    [19_999, 'jambonz', 'dial'],
    [19_999, undefined, 'caller'],
    [20_000, undefined, 'dial'],
  ] as const) {
    it(`the ${endedBy} where ${by ?? 'nobody in particular'} hung up ${hungUpAt - 20_000} ms after the dial hook`, () => {
      const hungUp = aLeg(hungUpAt, 200, 'OK', 'completed', { call_termination_by: by });
      assert.deepEqual(endingOf(attemptOf([...rang, hungUp])), { kind: 'unanswered', endedBy });
    });
  }
});

describe('a leg of a dial that another leg answered', () => {
  it('was ended by that, whoever hung up', () => {
    const hungUp = aLeg(60_000, 200, 'OK', 'completed', { call_termination_by: 'caller' });
    const attempt = attemptOf([...A_LEG_ANSWERED, bLeg(100, 180, 'Ringing', 'ringing'), hungUp]);
    const answered = { at: EPOCH_MS + 5_000, receivedAt: EPOCH_MS + 5_000, precise: true };
    const ending = endingOf({ ...attempt, lostToSibling: answered });
    assert.deepEqual(ending, { kind: 'unanswered', endedBy: 'other_leg' });
  });
});

describe('a call that dialled nobody was ended by', () => {
  for (const [by, endedBy] of [
    ['caller', 'caller'],
    ['jambonz', 'dial'],
    [undefined, 'unknown'],
  ] as const) {
    it(`the ${endedBy} if its last webhook names ${by ?? 'nobody'}`, () => {
      const hungUp = aLeg(900, 487, 'Request Terminated', 'no-answer', { call_termination_by: by });
      const ending = endingOf(attemptOf([aLeg(0, 100, 'Trying', 'trying'), hungUp]));
      assert.deepEqual(ending, { kind: 'unanswered', endedBy });
    });
  }
});

describe('the Call-ID that the far end of a leg sees', () => {
  for (const [what, ofLeg, ofHook, callId] of [
    ['is the leg’s', { sbc_callid: 'leg@192.0.2.10' }, { dial_sbc_callid: 'hook@192.0.2.10' }, 'leg@192.0.2.10'],
    ['is the dial hook’s if only that has it', {}, { dial_sbc_callid: 'hook@192.0.2.10' }, 'hook@192.0.2.10'],
    ['is unknown if neither has it', {}, {}, undefined],
  ] as const) {
    it(what, () => {
      const leg = bLeg(100, 180, 'Ringing', 'ringing', ofLeg);
      assert.equal(farEndCallId(attemptOf([...A_LEG_ANSWERED, leg, dialHook(900, 486, 'busy', ofHook)])), callId);
    });
  }
});

describe('a leg with two final responses', () => {
  for (const [first, second, status] of [
    [900, 901, 486],
    [900, 900, 486],
    [901, 900, 503],
  ] as const) {
    it(`ended with the earlier one, or with that which was reported first: at ${first} and ${second} ms`, () => {
      const busy = bLeg(first, 486, 'Busy Here', 'busy');
      const failed = bLeg(second, 503, 'Try again later', 'failed');
      const ending = endingOf(attemptOf([...A_LEG_ANSWERED, bLeg(100, 100, 'Trying', 'trying'), busy, failed]));
      assert.equal(ending.kind === 'response' && ending.status, status);
    });
  }
});

describe('what the caller had while it was dialled', () => {
  for (const [answeredAt, kind] of [
    [18_499, 'silence_or_ring_back'],
    [18_500, 'waiting'],
    [20_000, 'waiting'],
  ] as const) {
    it(`is ${kind} where the caller’s leg was answered ${20_000 - answeredAt} ms before the dialled one`, () => {
      const attempt = attemptOf([
        aLeg(0, 100, 'Trying', 'trying'),
        bLeg(100, 100, 'Trying', 'trying'),
        aLeg(answeredAt, 200, 'OK', 'in-progress'),
        bLeg(20_000, 200, 'OK', 'in-progress'),
      ]);
      assert.equal(callerExperienceOf(attempt).kind, kind);
    });
  }
});

describe('a leg without an answer', () => {
  const second = (at: number, ...rest: [number, string, string]) => bLeg(at, ...rest, { call_sid: 'second-leg' });
  for (const [secondAt, endedAt, isLost] of [
    [5_100, 12_000, true],
    [5_101, 12_000, false],
    [5_100, 10_000, true],
    [5_100, 9_999, false],
  ] as const) {
    it(`that began at 100 ms and ended at ${endedAt} ms is ${isLost ? '' : 'not '}lost to one of ${secondAt} ms that was answered at 10 s`, () => {
      const attempt = attemptOf([
        ...A_LEG_ANSWERED,
        bLeg(100, 100, 'Trying', 'trying'),
        second(secondAt, 100, 'Trying', 'trying'),
        second(10_000, 200, 'OK', 'in-progress'),
        bLeg(endedAt, 487, 'Request Terminated', 'no-answer'),
      ]);
      assert.equal(attempt.lostToSibling !== undefined, isLost);
    });
  }
});

describe('a leg that ended without a SIP status', () => {
  const ended = (call_status: string) =>
    endingOf(
      attemptOf([...A_LEG_ANSWERED, bLeg(900, 0, '', call_status, { sip_status: undefined, sip_reason: undefined })]),
    );

  it('was busy: 486', () => {
    assert.deepEqual(ended('busy'), { kind: 'response', status: 486, reason: undefined, isStale: false });
  });
  it('had no answer: 487, which isn’t a response of the far end', () => {
    assert.deepEqual(ended('no-answer'), { kind: 'unanswered', endedBy: 'unknown' });
  });
  it('failed: no response is known', () => assert.equal(ended('failed').kind, 'unanswered'));
});

describe('a final response', () => {
  for (const [status, phrase, kind] of [
    [300, 'Multiple Choices', 'response'],
    [486, 'Busy Here', 'response'],
    [487, 'Request Terminated', 'unanswered'],
    [488, 'Not Acceptable Here', 'response'],
  ] as const) {
    it(`${status}: ${kind}`, () => {
      assert.equal(endingOf(attemptOf(webhooksOf({ response: [status, phrase, 900] }))).kind, kind);
    });
  }
});

describe('ringing that only the dial hook reports', () => {
  for (const [status, ringings] of [
    [179, 0],
    [180, 1],
    [183, 1],
    [189, 1],
    [190, 0],
  ] as const) {
    it(`${status}: ${ringings === 1 ? 'it rang' : 'nothing rang'}`, () => {
      const attempt = attemptOf([
        ...A_LEG_ANSWERED,
        bLeg(160, 100, 'Trying', 'trying'),
        dialHook(9_160, status, 'failed'),
      ]);
      const progress = progressOf(attempt, EPOCH_MS + 60_000);
      assert.equal(progress.ringings, ringings);
      assert.equal(progress.ringingsReported, ringings === 0);
      assert.equal(progress.ringSeconds, ringings === 0 ? undefined : 9);
      assert.equal(progress.elapsedMs, 9_000);
    });
  }
});

describe('what was seen of a leg', () => {
  const rang = (...more: Parameters<typeof attemptOf>[0]) =>
    attemptOf([bLeg(100, 100, 'Trying', 'trying'), bLeg(600, 180, 'Ringing', 'ringing'), ...more]);
  const SETTLED = EPOCH_MS + 10_100;

  it('lasts until it settled if no webhook reports its end', () => {
    assert.deepEqual(progressOf(rang(), SETTLED), {
      ringings: 1,
      ringingsReported: true,
      ringSeconds: 9.5,
      quietSeconds: 9.5,
      elapsedMs: 10_000,
      precise: false,
      endReported: false,
    });
  });

  it('is quiet from its last ringing on', () => {
    const progress = progressOf(rang(bLeg(1_600, 180, 'Ringing', 'ringing')), SETTLED);
    assert.deepEqual([progress.ringSeconds, progress.quietSeconds], [9.5, 8.5]);
  });

  it('lasts until its end if one does', () => {
    const progress = progressOf(rang(bLeg(5_100, 503, 'Service Unavailable', 'failed')), SETTLED);
    assert.deepEqual([progress.ringSeconds, progress.elapsedMs, progress.endReported], [4.5, 5_000, true]);
    assert.equal(progress.precise, true);
  });

  it('began at an unknown time if only its end is reported, or if that came first', () => {
    const ended = (...webhooks: Parameters<typeof attemptOf>[0]) => progressOf(attemptOf(webhooks), SETTLED).elapsedMs;
    const final = bLeg(600, 503, 'Service Unavailable', 'failed');
    assert.equal(ended(final), undefined);
    assert.equal(ended(final, bLeg(700, 180, 'Ringing', 'ringing')), undefined);
    assert.equal(ended(bLeg(600, 100, 'Trying', 'trying'), final), 0);
    assert.equal(ended(bLeg(500, 100, 'Trying', 'trying'), final), 100);
    assert.equal(ended(...A_LEG_ANSWERED, dialHook(600, 503, 'failed')), undefined);
  });

  it('rang unseen if the dial hook has a SIP Call-ID of it, which an 18x brings', () => {
    const trying = bLeg(100, 100, 'Trying', 'trying');
    const refused = bLeg(600, 486, 'Busy Here', 'busy');
    const ringings = (more: object, status = 486) => {
      const { ringings, ringingsReported } = progressOf(
        attemptOf([trying, refused, dialHook(610, status, 'failed', more)]),
        SETTLED,
      );
      return [ringings, ringingsReported];
    };
    assert.deepEqual(ringings({ dial_sbc_callid: 'b-leg' }), [1, false]);
    assert.deepEqual(ringings({}), [0, true]);
    for (const [status, wanted] of [
      [179, 0],
      [180, 1],
      [189, 1],
      [190, 0],
    ] as const) {
      assert.equal(ringings({}, status)[0], wanted, `a dial hook with ${status}`);
    }
  });
});
