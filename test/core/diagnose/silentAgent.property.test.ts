import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ExampleCall, ExampleSeries } from '../../../src/core/diagnose/causeExample.ts';
import { type AgentCall, AgentCalls } from '../../../src/core/diagnose/facts/agentCalls.ts';
import { webhooksOfExample } from '../examples.ts';
import { A_LEG, B_LEG, explain, FITTING, type Webhook } from '../scenario.ts';

// Of a single call nobody can tell whether its agent spoke. So nothing is said of calls amid others whose callers stay, and
// never anything of a call that did not end by its caller’s hanging up within seconds.

const ROOM = { agentJoined: -400, agentPublished: -300, callerJoined: 120 };

/** Callers usually stay, and then most of them hang up: only the call in question decides. */
const OUTAGE: readonly ExampleSeries[] = [
  { calls: 26, from: -3_000_000, every: 60_000, callerHungUpAt: 45_200 },
  { calls: 15, from: -1_200_000, every: 60_000, callerHungUpAt: 4_200 },
];

function verdictOf(webhooks: readonly Webhook[]) {
  const legs = explain(webhooks, { livekit: FITTING });
  const own = legs.find(({ call_sid }) => call_sid === B_LEG || call_sid === A_LEG);
  return { outcome: own?.outcome, cause: own?.cause ?? null, confidence: own?.confidence ?? null };
}

const isOwn = ({ at_ms }: Webhook) => at_ms > -1_000;

/** The verdicts on a call during an outage: with all webhooks, and with each of its own lost in turn. */
function verdictsOn(call: ExampleCall) {
  const webhooks = webhooksOfExample({ earlier: OUTAGE, call });
  const whole = verdictOf(webhooks);
  const lost = webhooks.flatMap((webhook, i) => (isOwn(webhook) ? [verdictOf(webhooks.toSpliced(i, 1))] : []));
  return { whole, lost };
}

describe('while most callers hang up on an agent', () => {
  for (const [what, call] of [
    [
      'whose caller stayed for 11 s',
      { callerHungUpAt: 11_200, room: { ...ROOM, callerLeft: 11_220, agentLeft: 12_000 } },
    ],
    ['whose caller hung up at once', { callerHungUpAt: 1_200, room: { ...ROOM, callerLeft: 1_220, agentLeft: 2_000 } }],
    ['whose room was deleted', { farEndHungUpAt: 5_200, room: { ...ROOM, roomDeleted: 5_180 } }],
    [
      'that LiveKit ended, as after a transfer',
      { farEndHungUpAt: 5_200, room: { ...ROOM, callerLeft: 5_220, agentLeft: 6_000 } },
    ],
    [
      'that LiveKit lost',
      { callerHungUpAt: 5_200, room: { ...ROOM, callerLost: ['CONNECTION_TIMEOUT', 4_000], agentLeft: 6_000 } },
    ],
    ['of which LiveKit tells nothing', { callerHungUpAt: 5_200 }],
    [
      'whose agent published audio only after the answer',
      { callerHungUpAt: 8_200, room: { ...ROOM, agentPublished: 4_000, callerLeft: 8_220, agentLeft: 9_000 } },
    ],
  ] as const satisfies readonly (readonly [string, ExampleCall])[]) {
    it(`a call ${what} is none of theirs, whichever of its webhooks is lost`, () => {
      const { whole, lost } = verdictsOn({ ringing: [90], answeredAt: 200, ...call });
      assert.ok(lost.length > 5);
      for (const verdict of [whole, ...lost]) assert.notEqual(verdict.cause, 'agent_never_spoke');
    });
  }

  it('a call whose caller hung up is at most likely one of theirs, whichever of its webhooks is lost', () => {
    const room = { ...ROOM, callerLeft: 5_220, agentLeft: 6_000 };
    const { whole, lost } = verdictsOn({ ringing: [90], answeredAt: 200, callerHungUpAt: 5_200, room });
    assert.deepEqual(whole, { outcome: 'dropped', cause: 'agent_never_spoke', confidence: 'likely' });
    const others = lost.filter(({ cause }) => cause !== 'agent_never_spoke');
    assert.ok(others.length >= 2, 'without the answer or the audio nothing is said');
    for (const { outcome, cause, confidence } of lost) {
      const isTold = cause === 'agent_never_spoke';
      assert.deepEqual([outcome, confidence], isTold ? ['dropped', 'likely'] : ['connected', null]);
    }
  });
});

describe('any mix of calls', () => {
  const seconds = fc.double({ min: 2, max: 9.99, noNaN: true });
  const gap = fc.integer({ min: 0, max: 600_000 });
  /** Of three calls in a row at most one is hung up, so of eight at most four, and of twenty at most eight. */
  const three = fc
    .tuple(fc.integer({ min: 0, max: 3 }), seconds, fc.tuple(gap, gap, gap))
    .map(([which, after, gaps]) => gaps.map((ms, i) => ({ ms, hungUpAfter: i === which ? after : undefined })));

  it('of which less than most are hung up is never told that most are', () => {
    fc.assert(
      fc.property(fc.array(three, { minLength: 3, maxLength: 60 }), (groups) => {
        const calls = new AgentCalls();
        let answeredAt = 0;
        for (const [i, { ms, hungUpAfter }] of groups.flat().entries()) {
          answeredAt += ms;
          const answered: AgentCall = { rule: 'SDR_1', answeredAt };
          const ended = hungUpAfter === undefined ? answered : { ...answered, hungUpAfter };
          assert.equal(calls.note({ id: `${i}`, judgedAt: answeredAt, call: answered }), undefined);
          assert.equal(calls.note({ id: `${i}`, judgedAt: answeredAt + 10_000, call: ended }), undefined);
        }
      }),
    );
  });

  it('is told the same in whatever order the ends of earlier calls come', () => {
    const one = fc.record({ ms: gap, hungUpAfter: fc.option(seconds, { nil: undefined }), place: fc.nat() });
    fc.assert(
      fc.property(fc.array(one, { minLength: 8, maxLength: 60 }), (given) => {
        let answeredAt = 0;
        const all = given.map(({ ms, hungUpAfter, place }, i) => {
          answeredAt += ms + 1;
          const call: AgentCall = { rule: 'SDR_1', answeredAt, ...(hungUpAfter !== undefined && { hungUpAfter }) };
          return { id: `${i}`, judgedAt: answeredAt, call, place };
        });
        const last = { id: 'last', judgedAt: answeredAt + 1, call: { rule: 'SDR_1', answeredAt, hungUpAfter: 5 } };
        const [inOrder, shuffled] = [new AgentCalls(), new AgentCalls()];
        inOrder.catchUp(all);
        shuffled.catchUp(all.toSorted((a, b) => a.place - b.place));
        assert.deepEqual(shuffled.note(last), inOrder.note(last));
      }),
    );
  });
});
