import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newRoom, type Participant } from '../../../src/core/call/room.ts';
import type { Join } from '../../../src/core/correlate/join.ts';
import { endSettlesAt } from '../../../src/core/correlate/settle.ts';
import { attemptOf } from '../diagnose/attemptOf.ts';
import { EPOCH_MS, Running } from '../running.ts';
import { A_LEG_ANSWERED, aLeg, B_LEG, bLeg, dialHook, type Webhook, webhooksOf } from '../scenario.ts';

const NONE: Join = { kind: 'none' };
const ANSWERED = [...A_LEG_ANSWERED, bLeg(160, 100, 'Trying', 'trying'), bLeg(1_000, 200, 'OK', 'in-progress')];
const ENDED = bLeg(9_000, 200, 'OK', 'completed');
const OVER = aLeg(9_005, 200, 'OK', 'completed', { call_termination_by: 'caller' });
const HOOK = dialHook(9_010, 200, 'completed', { call_status: 'completed' });

function joined(leftAt: number | undefined): Join {
  const at = (ms: number) => ({ at: EPOCH_MS + ms, receivedAt: EPOCH_MS + ms, precise: true });
  const participant: Participant = {
    key: 'PA_sip',
    identity: undefined,
    kind: 'SIP',
    sip: undefined,
    firstReported: at(280),
    joined: at(280),
    left: leftAt === undefined ? undefined : at(leftAt),
    moved: undefined,
    aborted: undefined,
    disconnectReason: undefined,
    wasPublisher: undefined,
    firstAudio: undefined,
  };
  return { kind: 'joined', by: 'call_id', sip: { room: newRoom('RM_1'), participant } };
}

/** The caller was moved at 5 s, came back with another sid, and left then, or is still there. */
function moved(leftAt: number | undefined): Join {
  const before = joined(undefined);
  const back = joined(leftAt);
  assert.ok(before.kind === 'joined' && back.kind === 'joined');
  const at = { at: EPOCH_MS + 5_000, receivedAt: EPOCH_MS + 5_000, precise: true };
  const first = { ...before.sip.participant, identity: 'sip_1', moved: at };
  const second = { ...back.sip.participant, key: 'PA_back', identity: 'sip_1', firstReported: at };
  for (const participant of [first, second]) before.sip.room.participants.set(participant.key, participant);
  return { ...before, sip: { ...before.sip, participant: first } };
}

function settles(webhooks: readonly Webhook[], join = NONE): number | undefined {
  const at = endSettlesAt(attemptOf(webhooks), join);
  return at === undefined ? undefined : at - EPOCH_MS;
}

describe('the end of an answered attempt settles', () => {
  const rows: readonly [string, readonly Webhook[], Join, number | undefined][] = [
    ['250 ms after both legs ended', [ENDED, OVER, HOOK], NONE, 9_260],
    ['250 ms after LiveKit reported it too', [ENDED, OVER, HOOK], joined(9_300), 9_550],
    [
      '5 s after the leg’s end without that of the caller’s leg',
      [ENDED, dialHook(9_010, 200, 'completed')],
      NONE,
      14_010,
    ],
    ['5 s after the caller’s leg’s end without that of the leg', [OVER], NONE, 14_005],
    ['5 s after the dial hook', [HOOK], NONE, 14_010],
    ['250 ms after the dial hook that reports the end of the caller’s leg too', [ENDED, HOOK], NONE, 9_260],
    ['5 s after the caller left LiveKit, without Jambonz’s webhooks', [], joined(9_300), 14_300],
    ['25 s after the end if LiveKit has not reported it', [ENDED, OVER, HOOK], joined(undefined), 34_010],
    ['never while a caller whom LiveKit moved is back in the room', [], moved(undefined), undefined],
    ['5 s after a caller whom LiveKit moved left it', [], moved(9_300), 14_300],
    ['never while no webhook reports it', [], NONE, undefined],
    ['never while the caller is in the room', [], joined(undefined), undefined],
  ];
  for (const [when, webhooks, join, at] of rows) {
    it(when, () => assert.equal(settles([...ANSWERED, ...webhooks], join), at));
  }
  it('never if nobody answered', () => {
    assert.equal(settles(webhooksOf({ response: [486, 'Busy Here', 900] })), undefined);
  });
});

describe('an answered attempt is judged', () => {
  const judgedAt = (webhooks: readonly Webhook[]) => {
    const running = new Running();
    running.deliver(webhooks);
    running.settleAll();
    return running.verdicts.filter(({ callSid }) => callSid === B_LEG).map(({ at, record: { end } }) => [at, end?.by]);
  };
  it('at its answer, and once more at its end', () => {
    const webhooks = webhooksOf({ ringing: [90], answeredAt: 200, callerHungUpAt: 60_000 });
    assert.deepEqual(judgedAt(webhooks), [
      [610, undefined],
      [60_420, 'caller'],
    ]);
  });
});
