import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { Join } from '../../../src/core/correlate/join.ts';
import { LiveKitSide } from '../../../src/core/correlate/liveKitSide.ts';
import { OpenCall } from '../../../src/core/correlate/openCall.ts';
import { joined } from '../../store/storedEvents.ts';
import { EPOCH_MS, eventOf } from '../running.ts';
import { A_LEG, aLeg, bLeg } from '../scenario.ts';
import { HOOK, REFUSED, TRYING } from '../settling.ts';

const NONE = (): Join => ({ kind: 'none' });
const SECOND = 'c5bd6b0c-7f4a-4c0e-9d3e-000000000003';
const [TRYING_2, REFUSED_2] = [
  bLeg(170, 100, 'Trying', 'trying', { call_sid: SECOND }),
  bLeg(2_000, 503, 'Service Unavailable', 'failed', { call_sid: SECOND }),
];

/** A participant of a room, as the far end of an attempt. */
function joinIn(room: string): () => Join {
  const liveKit = new LiveKitSide();
  const { event } = joined(room, 'sip-1', 0);
  assert.ok(event.kind === 'livekit');
  liveKit.add(event);
  const call = new OpenCall(A_LEG, [eventOf(bLeg(0, 180, 'Ringing', 'ringing', { sbc_callid: 'sip-1' }))]);
  liveKit.setLegs(call.id, call.attempts);
  const join = call.attempts.map(liveKit.joinsOf(call.id))[0];
  assert.ok(join?.kind === 'joined');
  return () => join;
}

describe('a call that is open', () => {
  let call: OpenCall;
  const due = (at: number, joinOf = NONE) => call.takeDue(EPOCH_MS + at, joinOf).map(({ id }) => id);
  const add = (...webhooks: readonly Parameters<typeof eventOf>[0][]) => {
    for (const webhook of webhooks) call.add(eventOf(webhook));
  };
  const nextAt = () => call.nextAt(NONE) - EPOCH_MS;
  const isOver = (at: number) => call.isOver(EPOCH_MS + at, NONE);

  beforeEach(() => {
    call = new OpenCall(
      A_LEG,
      [TRYING, REFUSED].map((webhook) => eventOf(webhook)),
    );
  });

  it('has an attempt due once it is over, and once', () => {
    assert.equal(nextAt(), 5_390);
    assert.deepEqual(due(5_389), []);
    assert.deepEqual(due(5_390), [A_LEG]);
    assert.deepEqual(due(9_000), []);
  });

  it('has it due again where more is known of it, and not where a webhook changes nothing of it', () => {
    assert.deepEqual(due(5_390), [A_LEG]);
    add(aLeg(9_000, 180, 'Ringing', 'ringing'));
    assert.deepEqual(due(9_001), [A_LEG], 'its A leg is heard of, and rang');
    add(aLeg(9_500, 180, 'Ringing', 'ringing'));
    assert.deepEqual(due(20_000), []);
    add(HOOK);
    assert.deepEqual(due(20_000), [A_LEG]);
  });

  it('has all of them due again where others have it reconsidered', () => {
    add(TRYING_2, REFUSED_2);
    assert.deepEqual(due(60_000), [A_LEG, SECOND]);
    call.reconsider();
    assert.deepEqual(due(60_000), [A_LEG, SECOND]);
    assert.deepEqual(due(60_000), []);
  });

  it('has an attempt due again where its participant is found, or is another, and not where it is gone', () => {
    const [one, other] = [joinIn('RM_1'), joinIn('RM_2')];
    assert.deepEqual(due(9_000), [A_LEG]);
    assert.deepEqual(due(9_000, one), [A_LEG]);
    assert.deepEqual(due(9_000, one), []);
    assert.deepEqual(due(9_000, NONE), []);
    assert.deepEqual(due(9_000, one), []);
    assert.deepEqual(due(9_000, other), [A_LEG]);
  });

  it('is to be looked at when the first of its attempts is over that has no verdict', () => {
    add(TRYING_2, REFUSED_2);
    assert.equal(nextAt(), 5_390);
    assert.deepEqual(due(5_390), [A_LEG]);
    assert.equal(nextAt(), 7_000);
    assert.deepEqual(due(7_000), [SECOND]);
    assert.equal(nextAt(), 62_000);
  });

  it('is over 60 s after its last webhook, once all attempts have a verdict', () => {
    assert.equal(isOver(3_600_000), false);
    due(5_390);
    assert.equal(nextAt(), 60_390);
    assert.equal(isOver(60_389), false);
    assert.equal(isOver(60_390), true);
    add(HOOK);
    assert.equal(isOver(60_400), false, 'the hook has it judged again');
    due(60_400);
    assert.deepEqual([isOver(60_399), isOver(60_400)], [false, true]);
  });

  it('is not over while one of its attempts has no verdict', () => {
    add(TRYING_2, REFUSED_2);
    due(5_390);
    assert.equal(isOver(3_600_000), false);
    due(7_000);
    assert.equal(isOver(3_600_000), true);
  });

  it('counts from the latest webhook, whatever came after it in the log', () => {
    add(aLeg(30_000, 200, 'OK', 'completed'), HOOK);
    assert.equal(call.lastReceivedAt, EPOCH_MS + 30_000);
    due(60_000);
    assert.deepEqual([isOver(89_999), isOver(90_000)], [false, true]);
  });

  it('knows of which attempts a verdict was given: only those that are kept', () => {
    due(5_390);
    assert.equal(call.hasVerdict(A_LEG), false);
    call.addVerdicts([A_LEG]);
    assert.deepEqual([call.hasVerdict(A_LEG), call.hasVerdict(SECOND)], [true, false]);
    call.reconsider();
    assert.equal(call.hasVerdict(A_LEG), true);
  });

  for (const { what, isCurrent, ids } of [
    { what: 'has nothing due where its verdicts are of all that is known', isCurrent: true, ids: [] },
    { what: 'has a verdict given again that is of less', isCurrent: false, ids: [A_LEG] },
  ]) {
    it(`that is loaded ${what}`, () => {
      call.restoreVerdicts({ judged: [A_LEG] }, isCurrent, NONE);
      assert.equal(call.hasVerdict(A_LEG), true);
      assert.deepEqual(due(9_000), ids);
    });
  }

  it('that is loaded has due what has no verdict yet, and what is heard of later', () => {
    add(TRYING_2, REFUSED_2);
    call.restoreVerdicts({ judged: [A_LEG] }, true, NONE);
    assert.deepEqual(due(9_000), [SECOND]);
    add(bLeg(600, 500, 'Server Internal Error', 'failed'));
    assert.deepEqual(due(9_000), [A_LEG]);
  });
});

describe('a call that was answered', () => {
  const ANSWERED = [bLeg(160, 100, 'Trying', 'trying'), bLeg(1_000, 200, 'OK', 'in-progress')];
  const ENDED = [bLeg(9_000, 200, 'OK', 'completed'), aLeg(9_005, 200, 'OK', 'completed')];
  const opened = (...webhooks: readonly Parameters<typeof eventOf>[0][]) =>
    new OpenCall(
      A_LEG,
      webhooks.map((webhook) => eventOf(webhook)),
    );
  const due = (call: OpenCall, at: number) => call.takeDue(EPOCH_MS + at, NONE).length;
  const ends = (call: OpenCall) => [call.hasEnded(A_LEG), call.endsFirst(A_LEG)];

  it('has its end judged once it has settled, the first time and again', () => {
    const call = opened(...ANSWERED);
    assert.equal(due(call, 1_250), 1);
    assert.deepEqual(ends(call), [false, false]);
    for (const webhook of ENDED) call.add(eventOf(webhook));
    assert.equal(call.isSettled(NONE), false);
    assert.equal(call.nextAt(NONE), EPOCH_MS + 9_255);
    assert.equal(due(call, 9_254), 0);
    assert.equal(due(call, 9_255), 1);
    assert.deepEqual(ends(call), [true, true]);
    assert.equal(call.isSettled(NONE), true);
    call.reconsider();
    assert.equal(due(call, 9_256), 1);
    assert.deepEqual(ends(call), [true, false]);
  });

  it('that is loaded has no end judged for the first time that was judged before', () => {
    const call = opened(...ANSWERED, ...ENDED);
    call.restoreVerdicts({ judged: [A_LEG], ended: [A_LEG] }, true, NONE);
    assert.equal(due(call, 20_000), 0);
    call.reconsider();
    assert.equal(due(call, 20_000), 1);
    assert.deepEqual(ends(call), [true, false]);
  });

  it('that is loaded has its end judged if it has only a verdict on its answer', () => {
    const call = opened(...ANSWERED, ...ENDED);
    call.restoreVerdicts({ judged: [A_LEG] }, true, NONE);
    assert.equal(due(call, 20_000), 1);
    assert.deepEqual(ends(call), [true, true]);
  });
});
