import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Attempt } from '../../../src/core/call/call.ts';
import { type AgentCall, AgentCalls, agentCallOf } from '../../../src/core/diagnose/facts/agentCalls.ts';
import type { CallEnd } from '../../../src/core/diagnose/facts/callEnd.ts';
import type { Admitted, LiveKitReport } from '../../../src/core/diagnose/facts/liveKitReport.ts';
import { EPOCH_MS } from '../running.ts';
import { BEGIN_MS, webhooksOf } from '../scenario.ts';
import { ADMITTED } from './admittedReport.ts';
import { attemptOf } from './attemptOf.ts';

describe('a call whose caller hung up within seconds on an agent that could speak', () => {
  const ANSWERED_AT = EPOCH_MS + BEGIN_MS + 200;
  const ATTEMPT = attemptOf(webhooksOf({ ringing: [90], answeredAt: 200, callerHungUpAt: 5_200 }));
  const END: CallEnd = { by: 'caller', seconds: 5, precise: true, leftBefore: false, callerStayed: false };
  const audible = (audio: number | undefined, more: Partial<Admitted> = {}): LiveKitReport => ({
    ...ADMITTED,
    rule: 'SDR_1',
    leftBecause: 'CLIENT_INITIATED',
    seconds: { participant: 0.1, agent: 0.1, audio },
    ...more,
  });
  const of = (end: Partial<CallEnd> = {}, livekit = audible(0.1), attempt: Attempt = ATTEMPT) =>
    agentCallOf(attempt, { end: { ...END, ...end }, livekit });

  it('has its rule, the time of its answer and the seconds after it', () =>
    assert.deepEqual(of(), { rule: 'SDR_1', answeredAt: ANSWERED_AT, hungUpAfter: 5 }));

  for (const [what, call, hungUpAfter] of [
    ['after 2 s', of({ seconds: 2 }), 2],
    ['not sooner: it did not wait for a word', of({ seconds: 1.99 }), undefined],
    ['after almost 10 s', of({ seconds: 9.99 }), 9.99],
    ['not after 10 s', of({ seconds: 10 }), undefined],
    ['not if LiveKit’s side ended it', of({ by: 'far_end' }), undefined],
    ['not if Jambonz or the application ended it', of({ by: 'jambonz' }), undefined],
    ['not if nobody knows who ended it', of({ by: 'unknown' }), undefined],
    ['not if its length is known to the second only', of({ precise: false }), undefined],
    ['not if its agent had left', of({ aloneSeconds: 1 }), undefined],
    ['with audio a second after the answer', of({}, audible(1.2)), 5],
    ['not with audio later than that', of({}, audible(1.201)), undefined],
    ['not without audio', of({}, audible(undefined)), undefined],
    ['not without LiveKit’s reason', of({}, audible(0.1, { leftBecause: undefined })), undefined],
    ['not if the room was deleted', of({}, audible(0.1, { leftBecause: 'ROOM_DELETED' })), undefined],
    ['not if LiveKit lost it', of({}, audible(0.1, { leftBecause: 'CONNECTION_TIMEOUT' })), undefined],
    ['not if somebody else was there, who may have spoken', of({}, audible(0.1, { hasOthers: true })), undefined],
  ] as const) {
    it(what, () => assert.deepEqual([call?.rule, call?.hungUpAfter], ['SDR_1', hungUpAfter]));
  }

  it('goes on until its end is settled', () =>
    assert.deepEqual(agentCallOf(ATTEMPT, { end: undefined, livekit: audible(0.1) }), {
      rule: 'SDR_1',
      answeredAt: ANSWERED_AT,
    }));

  it('keeps no rule longer than a key', () =>
    assert.ok((of({}, audible(0.1, { rule: 'x'.repeat(9_000) }))?.rule.length ?? 0) < 600));

  for (const [what, call] of [
    ['whose rule LiveKit does not name', of({}, audible(0.1, { rule: undefined }))],
    ['of which no webhook of LiveKit’s came', of({}, { kind: 'not_admitted' })],
    ['that was not answered', of({}, audible(0.1), attemptOf(webhooksOf({ ringing: [90], callerHungUpAt: 5_000 })))],
  ] as const) {
    it(`is none of a call ${what}`, () => assert.equal(call, undefined));
  }
});

const MINUTE = 60_000;
const T = 1_795_387_200_000;

/** The calls of one rule, one a minute by default: whether each caller hung up within seconds. */
class Calls {
  readonly all = new AgentCalls();
  #count = 0;
  at = T;

  /** Notes a call from its answer to its end, and returns what its end is told. */
  call(how: 'hung up' | 'stayed' | 'still talks', { rule = 'SDR_1', every = MINUTE, after = 5 } = {}) {
    this.#count += 1;
    this.at += every;
    const id = `call-${this.#count}`;
    const call: AgentCall = { rule, answeredAt: this.at };
    const judgedAt = this.at + 300;
    assert.equal(this.all.note({ id, judgedAt, call }), undefined);
    if (how === 'still talks') return undefined;
    const ended = how === 'hung up' ? { ...call, hungUpAfter: after } : call;
    return this.all.note({ id, judgedAt: judgedAt + 60_000, call: ended });
  }

  many(count: number, how: 'hung up' | 'stayed' | 'still talks', more: { rule?: string; every?: number } = {}): void {
    for (let i = 0; i < count; i += 1) this.call(how, more);
  }
}

/** What the last of some hang-ups is told after calls that stayed. */
function told(stayed: number, hungUp: number) {
  const calls = new Calls();
  calls.many(stayed, 'stayed');
  calls.many(hungUp - 1, 'hung up');
  return calls.call('hung up');
}

describe('most callers hang up', () => {
  it('if 14 of the latest 20 do', () =>
    assert.deepEqual(told(30, 14), { hungUp: 14, calls: 20, usual: { hungUp: 0, calls: 24 } }));
  it('not if 13 of them do', () => assert.equal(told(30, 13), undefined));
  it('if eight calls are known', () => assert.deepEqual(told(0, 8), { hungUp: 8, calls: 8 }));
  it('not if only seven are known', () => assert.equal(told(0, 7), undefined));
  it('if six of eight do, and not if six of nine do', () => {
    assert.deepEqual(told(2, 6), { hungUp: 6, calls: 8 });
    assert.equal(told(3, 6), undefined);
  });

  it('within an hour, the limit included', () => {
    for (const [more, wanted] of [
      [0, { hungUp: 8, calls: 8 }],
      [1, undefined],
    ] as const) {
      const calls = new Calls();
      calls.many(7, 'hung up');
      assert.deepEqual(calls.call('hung up', { every: 54 * MINUTE + more }), wanted, `an hour and ${more} ms`);
    }
  });

  it('is told to a caller who hung up, and to nobody else', () => {
    const calls = new Calls();
    calls.many(20, 'hung up');
    assert.equal(calls.call('stayed'), undefined);
    assert.ok(calls.call('hung up'));
  });

  it('is each rule’s own', () => {
    const calls = new Calls();
    calls.many(20, 'hung up', { rule: 'SDR_2' });
    calls.many(6, 'hung up');
    assert.equal(calls.call('hung up'), undefined);
    assert.ok(calls.call('hung up', { rule: 'SDR_2' }));
  });

  it('not while as many callers still talk', () => {
    const calls = new Calls();
    calls.many(4, 'still talks');
    calls.many(8, 'hung up');
    assert.equal(calls.call('hung up'), undefined, '9 of 13');
    assert.deepEqual(calls.call('hung up'), { hungUp: 10, calls: 14 });
  });

  it('also if they called within one second', () => {
    const calls = new Calls();
    calls.many(7, 'hung up', { every: 100 });
    assert.deepEqual(calls.call('hung up', { every: 100 }), { hungUp: 8, calls: 8 });
  });

  it('also where calls come so fast that the latest still go on', () => {
    const fast = { every: 100 };
    const calls = new Calls();
    calls.many(20, 'hung up', fast);
    // 5 s after the answer, a call is told of those that were answered 5 s before it or earlier.
    calls.many(49, 'still talks', fast);
    assert.deepEqual(calls.call('hung up', fast), { hungUp: 20, calls: 20 });
    calls.many(40, 'still talks', fast);
    assert.equal(calls.call('hung up', fast), undefined);
  });

  it('never if calls after it hung up', () => {
    const calls = new Calls();
    const first: AgentCall = { rule: 'SDR_1', answeredAt: T, hungUpAfter: 5 };
    calls.many(20, 'hung up');
    assert.equal(calls.all.note({ id: 'first', judgedAt: T + 9 * MINUTE, call: first }), undefined);
  });
});

describe('what is usual', () => {
  it('is known from twenty calls before the latest on', () => {
    assert.deepEqual(told(25, 14)?.usual, undefined);
    assert.deepEqual(told(26, 14)?.usual, { hungUp: 0, calls: 20 });
  });

  it('is at most a third of what most callers do', () => {
    for (const [stayed, wanted] of [
      [23, { hungUp: 14, calls: 20, usual: { hungUp: 7, calls: 30 } }],
      [22, undefined],
    ] as const) {
      const calls = new Calls();
      calls.many(7, 'hung up');
      calls.many(stayed + 6, 'stayed');
      calls.many(13, 'hung up');
      assert.deepEqual(calls.call('hung up'), wanted, `${stayed} of the calls before stayed`);
    }
  });

  it('is to hang up where callers never stay', () => {
    const calls = new Calls();
    calls.many(39, 'hung up');
    assert.equal(calls.call('hung up'), undefined);
  });

  it('stays what it was during an outage, however long', () => {
    const calls = new Calls();
    calls.many(26, 'stayed');
    calls.many(1_000, 'hung up');
    assert.deepEqual(calls.call('hung up')?.usual, { hungUp: 0, calls: 26 });
    calls.many(30, 'stayed');
    calls.many(13, 'hung up');
    assert.deepEqual(calls.call('hung up')?.usual, { hungUp: 0, calls: 50 });
  });

  it('comes from the latest 500 calls', () => {
    const calls = new Calls();
    calls.many(501, 'stayed');
    calls.many(13, 'hung up');
    assert.deepEqual(calls.call('hung up')?.usual, { hungUp: 0, calls: 480 });
  });

  it('is known of the 200 rules with the latest calls', () => {
    for (const [others, wanted] of [
      [199, { hungUp: 0, calls: 20 }],
      [200, undefined],
    ] as const) {
      const calls = new Calls();
      calls.many(26, 'stayed');
      for (let i = 0; i < others; i += 1) calls.call('stayed', { rule: `SDR_other_${i}`, every: 1 });
      calls.many(13, 'hung up');
      assert.deepEqual(calls.call('hung up')?.usual, wanted, `${others} others`);
    }
  });
});

describe('a call that is judged again', () => {
  it('is told the same, whatever came after it', () => {
    const calls = new Calls();
    calls.many(26, 'stayed');
    calls.many(13, 'hung up');
    const call: AgentCall = { rule: 'SDR_1', answeredAt: calls.at + MINUTE, hungUpAfter: 5 };
    const again = () => calls.all.note({ id: 'again', judgedAt: calls.at + 2 * MINUTE, call });
    const first = again();
    assert.deepEqual(first?.usual, { hungUp: 0, calls: 20 });
    calls.at += MINUTE;
    calls.many(20, 'stayed');
    assert.deepEqual(again(), first);
  });
});

describe('calls that were judged elsewhere', () => {
  const elsewhere = (hungUp: number, more: Partial<AgentCall> = {}) =>
    Array.from({ length: hungUp }, (_, i) => ({
      id: `elsewhere-${i}`,
      judgedAt: T + i * MINUTE,
      call: { rule: 'SDR_1', answeredAt: T + i * MINUTE, hungUpAfter: 5, ...more },
    }));
  const own = { id: 'own', judgedAt: T + 40 * MINUTE, call: elsewhere(1)[0]?.call as AgentCall };
  const note = (calls: AgentCalls, at: number) =>
    calls.note({ ...own, call: { ...own.call, answeredAt: T + at * MINUTE } });

  it('count like its own', () => {
    const calls = new AgentCalls();
    calls.catchUp(elsewhere(7));
    assert.deepEqual(note(calls, 8), { hungUp: 8, calls: 8 });
  });

  it('are not usual if they were told that most callers hang up', () => {
    const calls = new AgentCalls();
    calls.catchUp(elsewhere(60, { isUnusual: true }));
    assert.deepEqual(note(calls, 61), { hungUp: 20, calls: 20 });
  });

  it('replace an older verdict, and no newer one', () => {
    const calls = new AgentCalls();
    calls.catchUp(elsewhere(7));
    const stayed = elsewhere(7).map(({ id, judgedAt, call: { hungUpAfter: _, ...call } }) => ({ id, judgedAt, call }));
    calls.catchUp(stayed.map((one) => ({ ...one, judgedAt: one.judgedAt - 1 })));
    assert.ok(note(calls, 8));
    calls.catchUp(stayed.map((one) => ({ ...one, judgedAt: one.judgedAt + 1 })));
    assert.equal(note(calls, 8), undefined);
  });
});
