import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CallEnd, callEndOf, withoutAgentSeconds } from '../../../src/core/diagnose/facts/callEnd.ts';
import type { LiveKitReport } from '../../../src/core/diagnose/facts/liveKitReport.ts';
import { hasReached } from '../../../src/core/diagnose/facts/timing.ts';
import { EPOCH_MS } from '../running.ts';
import { A_LEG, A_LEG_ANSWERED, aLeg, bLeg, dialHook, restLeg, type Webhook } from '../scenario.ts';
import { ADMITTED } from './admittedReport.ts';
import { attemptOf } from './attemptOf.ts';

const NOTHING: LiveKitReport = { kind: 'unreported' };
const at = (ms: number) => ({ at: EPOCH_MS + ms, receivedAt: EPOCH_MS + ms, precise: true });

const ANSWERED = [...A_LEG_ANSWERED, bLeg(160, 100, 'Trying', 'trying'), bLeg(1_000, 200, 'OK', 'in-progress')];
const ended = (ms: number, more: object = {}) => bLeg(ms, 200, 'OK', 'completed', more);
const over = (ms: number, by?: string) =>
  aLeg(ms, 200, 'OK', 'completed', by === undefined ? {} : { call_termination_by: by });
const hook = (ms: number, callStatus: string) => dialHook(ms, 200, 'completed', { call_status: callStatus });

const endOf = (webhooks: readonly Webhook[], report: LiveKitReport = NOTHING) => callEndOf(attemptOf(webhooks), report);

describe('who ended an answered call', () => {
  const rows: readonly [string, readonly Webhook[], string | undefined, CallEnd['by']][] = [
    ['the caller', [ended(9_000), over(9_005, 'caller'), hook(9_010, 'completed')], undefined, 'caller'],
    ['the caller, without the dial hook', [ended(9_000), over(9_005, 'caller')], undefined, 'caller'],
    ['the caller within 1.5 s of the leg’s end', [ended(9_000), over(10_500, 'caller')], undefined, 'caller'],
    ['the far end, more than 1.5 s before the caller', [ended(9_000), over(10_501, 'caller')], undefined, 'far_end'],
    [
      'the caller, although the agent then deleted the room',
      [ended(9_000), over(9_005, 'caller'), hook(9_010, 'completed')],
      'ROOM_DELETED',
      'caller',
    ],
    ['the far end: LiveKit deleted the room', [ended(9_000), over(9_005, 'caller')], 'ROOM_DELETED', 'far_end'],
    ['the far end: LiveKit removed the caller', [ended(9_000)], 'PARTICIPANT_REMOVED', 'far_end'],
    ['the far end: the caller was still there', [ended(9_000), hook(9_010, 'in-progress')], undefined, 'far_end'],
    [
      'the far end, also if the caller hung up next',
      [ended(9_000), hook(9_010, 'in-progress'), over(9_300, 'caller')],
      undefined,
      'far_end',
    ],
    ['the far end 100 ms before the caller’s leg', [ended(9_000), over(9_100, 'jambonz')], undefined, 'far_end'],
    ['nobody knows, if both legs ended at once', [ended(9_000), over(9_099, 'jambonz')], undefined, 'unknown'],
    ['Jambonz', [ended(9_000), over(9_005, 'jambonz'), hook(9_010, 'completed')], undefined, 'jambonz'],
    ['nobody knows, without the caller’s leg', [ended(9_000)], 'CLIENT_INITIATED', 'unknown'],
    ['nobody knows what another word means', [ended(9_000), over(9_005, 'carrier')], undefined, 'unknown'],
    ['nobody knows, without a word', [ended(9_000), over(9_005), hook(9_010, 'completed')], undefined, 'unknown'],
  ];
  for (const [who, webhooks, leftBecause, by] of rows) {
    it(`is ${who}`, () => {
      const report = leftBecause === undefined ? NOTHING : { ...ADMITTED, leftBecause };
      assert.equal(endOf([...ANSWERED, ...webhooks], report)?.by, by);
    });
  }
  for (const [who, by] of [
    ['caller', 'caller'],
    ['jambonz', 'jambonz'],
  ] as const) {
    it(`is told by the caller’s own leg: ${who}`, () => {
      assert.equal(endOf([...A_LEG_ANSWERED, over(9_000, who)])?.by, by);
    });
  }
  it('is unknown for a leg that Jambonz placed itself, unless LiveKit says it', () => {
    const own = { call_sid: A_LEG };
    const rest = [
      restLeg(0, 100, 'Trying', 'trying', own),
      restLeg(1_000, 200, 'OK', 'in-progress', own),
      restLeg(9_000, 200, 'OK', 'completed', { ...own, call_termination_by: 'caller' }),
    ];
    const attempt = attemptOf(rest);
    assert.equal(callEndOf(attempt, NOTHING)?.by, 'unknown');
    assert.equal(callEndOf(attempt, { ...ADMITTED, leftBecause: 'ROOM_DELETED' })?.by, 'far_end');
  });
});

describe('who ended a call whose legs ended 100 ms apart', () => {
  const attempt = attemptOf([...ANSWERED, ended(9_000), over(9_100, 'jambonz')]);
  const { leg, parent } = attempt;
  assert.ok(leg?.final && parent?.final);
  const late = { ...attempt, leg: { ...leg, final: { ...leg.final, precise: false } } };
  const lateParent = { ...attempt, parent: { ...parent, final: { ...parent.final, precise: false } } };
  for (const [what, one, by] of [
    ['is known if both times are exact', attempt, 'far_end'],
    ['is unknown if the leg’s is not', late, 'unknown'],
    ['is unknown if the caller’s leg’s is not', lateParent, 'unknown'],
  ] as const) {
    it(what, () => assert.equal(callEndOf(one, NOTHING)?.by, by));
  }
});

describe('how long an answered call lasted', () => {
  const lasted = (webhooks: readonly Webhook[], report: LiveKitReport = NOTHING) => {
    const end = endOf([...A_LEG_ANSWERED, bLeg(160, 100, 'Trying', 'trying'), ...webhooks], report);
    return end && [end.seconds, end.precise];
  };
  const answer = bLeg(1_000, 200, 'OK', 'in-progress');
  it('is from its answer to its end', () => assert.deepEqual(lasted([answer, ended(9_000)]), [8, true]));
  it('is known from the dial hook', () => assert.deepEqual(lasted([answer, hook(9_010, 'completed')]), [8.01, true]));
  it('is known from the dial hook better than from LiveKit', () => {
    const report = { ...ADMITTED, callerLeft: at(8_000) };
    assert.deepEqual(lasted([answer, hook(9_010, 'completed')], report), [8.01, true]);
  });
  it('is known from the caller’s leg', () => assert.deepEqual(lasted([answer, over(9_005)]), [8.005, true]));
  it('is known from LiveKit, before the caller’s leg', () => {
    assert.deepEqual(lasted([answer, over(19_000)], { ...ADMITTED, callerLeft: at(9_020) }), [8.02, true]);
  });
  it('is known from the leg’s duration', () => {
    assert.deepEqual(lasted([ended(9_000, { duration: 7 })]), [7, false]);
  });
  it('is unknown without an answer', () => assert.deepEqual(lasted([ended(9_000)]), [undefined, false]));
  it('is never negative', () => assert.deepEqual(lasted([answer, ended(900)]), [0, true]));
  it('is not known while no webhook reported an end', () => assert.equal(lasted([answer]), undefined));
});

describe('how long the caller was alone', () => {
  const alone = (goneAt: number, webhooks: readonly Webhook[] = [ended(9_000)]) =>
    endOf([...ANSWERED, ...webhooks], { ...ADMITTED, agentGone: { at: EPOCH_MS + goneAt, reason: undefined } })
      ?.aloneSeconds;
  it('is from when the agent left to the end', () => assert.equal(alone(4_000), 5));
  it('begins with the answer', () => assert.equal(alone(500), 8));
  it('is not at all if the agent left at the end', () => assert.equal(alone(9_000), undefined));
  it('is not at all if the agent left afterwards', () => assert.equal(alone(9_500), undefined));
  it('is known without the answer', () => {
    const webhooks = [bLeg(160, 100, 'Trying', 'trying'), ended(9_000)];
    const report = { ...ADMITTED, agentGone: { at: EPOCH_MS + 2_000, reason: undefined } };
    assert.equal(endOf([...A_LEG_ANSWERED, ...webhooks], report)?.aloneSeconds, 7);
  });
});

describe('whether the application went on with the caller', () => {
  const stayed = (webhooks: readonly Webhook[]) => endOf([...ANSWERED, ...webhooks])?.callerStayed;
  it('shows more than 3 s after the end', () => {
    assert.equal(stayed([ended(9_000), over(12_000)]), false);
    assert.equal(stayed([ended(9_000), over(12_001)]), true);
  });
  it('shows while the caller’s leg has not ended', () => assert.equal(stayed([ended(9_000)]), true));
  it('does not show without the end of the dialled leg', () => assert.equal(stayed([over(12_001)]), false));
});

describe('whether the caller had left the room by the end', () => {
  for (const [ms, wanted] of [
    [9_000, true],
    [9_001, false],
  ] as const) {
    it(`${ms} ms`, () => {
      const end = endOf([...ANSWERED, ended(9_000)], { ...ADMITTED, callerLeft: at(ms) });
      assert.equal(end?.leftBefore, wanted);
    });
  }
});

describe('whether a call reached a limit', () => {
  const END: CallEnd = { by: 'far_end', precise: true, leftBefore: false, callerStayed: false };
  for (const [seconds, precise, wanted] of [
    [29.5, true, true],
    [30.5, true, true],
    [29.49, true, false],
    [30.51, true, false],
    [28.5, false, true],
    [31.5, false, true],
    [28.49, false, false],
    [31.51, false, false],
  ] as const) {
    it(`${seconds} s, ${precise ? 'exactly' : 'about'}`, () => {
      assert.equal(hasReached({ ...END, seconds, precise }, 30), wanted);
    });
  }
  it('is no if its length is unknown', () => assert.equal(hasReached(END, 30), false));
});

describe('a leg that outlived LiveKit’s side', () => {
  const left = (ms: number) => ({ ...ADMITTED, leftBecause: 'ROOM_DELETED', callerLeft: at(ms) });
  const outlived = (ms: number, webhooks: readonly Webhook[] = [ended(20_000)]) =>
    endOf([...ANSWERED, ...webhooks], left(ms))?.outlivedSeconds;
  it('went on for at least 5 s', () => {
    assert.equal(outlived(15_000), 5);
    assert.equal(outlived(15_001), undefined);
  });
  it('shows in the dial hook too', () => assert.equal(outlived(5_000, [hook(20_000, 'completed')]), 15));
  it('does not show in the caller’s own leg', () => assert.equal(outlived(5_000, [over(20_000)]), undefined));
  it('does not show if its last webhook is merely late, as its duration tells', () => {
    assert.equal(outlived(5_000, [ended(20_000, { duration: 7 })]), undefined);
    assert.equal(outlived(5_000, [ended(20_000, { duration: 8 })]), 15);
  });
  it('was ended by whom Jambonz says', () => {
    const hangUp = [ended(20_000), over(20_005, 'caller')];
    assert.equal(endOf([...ANSWERED, ...hangUp], left(15_000))?.by, 'caller');
    assert.equal(endOf([...ANSWERED, ...hangUp], left(15_001))?.by, 'far_end');
  });
  it('left the caller alone, with or without the agent', () => {
    const gone = (ms: number) => ({ ...left(12_000), agentGone: { at: EPOCH_MS + ms, reason: undefined } });
    const alone = (report: LiveKitReport) => {
      const end = endOf([...ANSWERED, ended(20_000)], report);
      return end && [end.aloneSeconds, withoutAgentSeconds(end)];
    };
    assert.deepEqual(alone(left(12_000)), [8, 0]);
    assert.deepEqual(alone(gone(10_000)), [10, 2]);
    assert.deepEqual(alone(gone(13_000)), [8, 0]);
  });
  it('ended by no limit', () => {
    const END = { by: 'far_end', precise: true, leftBefore: true, callerStayed: false, seconds: 30 } as const;
    assert.equal(hasReached({ ...END, outlivedSeconds: 5 }, 30), false);
  });
});
