import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Counts, NO_NEIGHBOURS, neighbourEvidence } from '../../../src/core/diagnose/facts/neighbours.ts';
import {
  type JudgedAttempt,
  RecentAttempts,
  type SeenAttempt,
} from '../../../src/core/diagnose/facts/recentAttempts.ts';

const T = 1_795_387_200_000;
const FAILED: SeenAttempt = {
  host: 'lab.sip.livekit.cloud',
  trunks: ['ST_1'],
  result: 'failed',
  status: 503,
  reason: 'Try again later',
  rangOnce: false,
  mayConflict: false,
};
const CONNECTED: SeenAttempt = { host: FAILED.host, trunks: ['ST_1'], result: 'connected', rangOnce: false };

function judged(id: string, at: number, seen: Partial<SeenAttempt> = {}, judgedAt = at + 1_000): JudgedAttempt {
  return { callId: `call-${id}`, id, at: T + at, judgedAt: T + judgedAt, seen: { ...FAILED, ...seen } };
}

function counts(numbers: Partial<Counts>): Counts {
  return { connected: 0, letIn: 0, failedAlike: 0, endedOtherwise: 0, ...numbers };
}

/** What a failure at time 0 is told where another attempt was noted before it. */
function told(other: JudgedAttempt, failure: Partial<SeenAttempt> = {}) {
  const recent = new RecentAttempts();
  recent.note(other);
  return recent.note(judged('asked', 0, failure));
}

describe('how another attempt counts for a failed one', () => {
  for (const [what, other, wanted] of [
    ['it began 60 s before', judged('x', -60_000), { failedAlike: 1 }],
    ['it began more than 60 s before', judged('x', -60_001), {}],
    ['it began 60 s after', judged('x', 60_000), { failedAlike: 1 }],
    ['it began more than 60 s after', judged('x', 60_001), {}],
    ['it was to another host', judged('x', 0, { host: 'other.sip.livekit.cloud' }), {}],
    ['it connected', judged('x', 0, CONNECTED), { connected: 1 }],
    ['it was let in', judged('x', 0, { ...CONNECTED, result: 'let_in' }), { letIn: 1 }],
    ['its status was another', judged('x', 0, { status: 500 }), { endedOtherwise: 1 }],
    ['its phrase was another', judged('x', 0, { reason: 'Service Unavailable' }), { endedOtherwise: 1 }],
  ] as const) {
    it(what, () => assert.deepEqual(told(other).sameTrunk, counts(wanted)));
  }

  it('its phrase is unknown: it failed the same way', () => {
    const { reason: _, ...phraseless } = FAILED;
    const recent = new RecentAttempts();
    recent.note({ ...judged('x', 0), seen: phraseless });
    assert.deepEqual(recent.note(judged('asked', 0)).sameTrunk, counts({ failedAlike: 1 }));
    assert.deepEqual(recent.note({ ...judged('asked', 0), seen: phraseless }).sameTrunk, counts({ failedAlike: 1 }));
  });

  it('neither had a status: alike where both rang once, or neither', () => {
    const { status: _, reason: __, ...silent } = FAILED;
    for (const [rangOnce, wanted] of [
      [true, { endedOtherwise: 1 }],
      [false, { failedAlike: 1 }],
    ] as const) {
      const recent = new RecentAttempts();
      recent.note({ ...judged('x', 0), seen: { ...silent, rangOnce } });
      assert.deepEqual(recent.note({ ...judged('asked', 0), seen: silent }).sameTrunk, counts(wanted));
    }
  });

  it('on another trunk, or on an unknown trunk', () => {
    const other = told(judged('x', 0, { trunks: ['ST_2'] }));
    assert.deepEqual([other.sameTrunk, other.otherTrunks], [counts({}), counts({ failedAlike: 1 })]);
    const shared = told(judged('x', 0, { trunks: ['ST_2', 'ST_1'] }));
    assert.deepEqual(shared.sameTrunk, counts({ failedAlike: 1 }));
    const { trunks: _, ...unplaced } = FAILED;
    const recent = new RecentAttempts();
    recent.note({ ...judged('x', 0), seen: unplaced });
    assert.deepEqual(recent.note(judged('asked', 0)).unplaced, counts({ failedAlike: 1 }));
    assert.deepEqual(recent.note({ ...judged('asked', 0), seen: unplaced }).unplaced, counts({ failedAlike: 1 }));
  });

  it('not at all if it is the attempt itself, or of the same call', () => {
    const recent = new RecentAttempts();
    recent.note(judged('asked', 0));
    recent.note({ ...judged('redialled', 0), callId: 'call-asked' });
    assert.deepEqual(recent.note(judged('asked', 0)).sameTrunk, counts({}));
  });

  it('not at all if the first did not fail', () => {
    const recent = new RecentAttempts();
    recent.note(judged('x', 0));
    assert.deepEqual(recent.note(judged('asked', 0, CONNECTED)).sameTrunk, counts({}));
  });

  it('covers the 500 latest attempts', () => {
    const recent = new RecentAttempts();
    for (let i = 0; i < 499; i += 1) recent.note(judged(`${i}`, 0, CONNECTED));
    assert.equal(recent.note(judged('asked', 0)).sameTrunk.connected, 499);
    recent.note(judged('one more', 0, { ...CONNECTED, result: 'let_in' }));
    assert.deepEqual(recent.note(judged('asked', 0)).sameTrunk, counts({ connected: 498, letIn: 1 }));
  });
});

describe('the evidence of other calls', () => {
  for (const [what, numbers, text] of [
    ['that connected', { connected: 1 }, '1 connected, 0 failed the same way'],
    [
      'that connected or were let in',
      { connected: 1, letIn: 1 },
      '1 connected, 0 failed the same way, 1 let in but not answered',
    ],
    ['that connected or failed', { connected: 1, failedAlike: 1 }, '1 connected, 1 failed the same way'],
    [
      'that connected or ended otherwise',
      { connected: 1, endedOtherwise: 1 },
      '1 connected, 0 failed the same way, 1 ended in another way',
    ],
  ] as const) {
    it(`counts those ${what}`, () => {
      assert.deepEqual(neighbourEvidence({ ...NO_NEIGHBOURS, sameTrunk: counts(numbers) }), [
        {
          name: 'other calls on the same trunk',
          value: `${text} (within 60 s before or after this call)`,
          source: 'neighbours',
        },
      ]);
    });
  }

  it('is none where there were none', () => assert.deepEqual(neighbourEvidence(NO_NEIGHBOURS), []));
});

describe('the signs of an outage', () => {
  const OTHER = { trunks: ['ST_2'] };
  const CLASHING = { mayConflict: true };
  for (const [what, failure, others, outage] of [
    ['nothing is known of other calls', {}, [], 'unknown'],
    ['a call without a conflict failed the same way on another trunk', {}, [judged('x', 5, OTHER)], 'supported'],
    ['one on another trunk, which may conflict', {}, [judged('x', 5, { ...OTHER, ...CLASHING })], 'unknown'],
    ['one on the same trunk, without a conflict', CLASHING, [judged('x', 5)], 'mixed'],
    ['one on the same trunk, where none conflicts', {}, [judged('x', 5)], 'unknown'],
    ['a call got in before only', {}, [judged('x', -5, CONNECTED)], 'unknown'],
    ['a call got in after only', {}, [judged('x', 5, CONNECTED)], 'unknown'],
    ['a call got in at the same moment', {}, [judged('x', 0, CONNECTED)], 'contradicted'],
    ['calls got in before and after', {}, [judged('x', -5, CONNECTED), judged('y', 5, CONNECTED)], 'contradicted'],
    [
      'calls got in before and after several that failed the same way',
      {},
      [judged('x', -5, CONNECTED), judged('f', 4, OTHER), judged('y', 5, CONNECTED)],
      'supported',
    ],
    [
      'a call got in with the last that failed the same way',
      {},
      [judged('f', 5, OTHER), judged('y', 5, CONNECTED)],
      'mixed',
    ],
    [
      'a call got in with the first that failed the same way',
      {},
      [judged('f', -5, OTHER), judged('y', -5, CONNECTED)],
      'mixed',
    ],
    [
      'a call got in between two on the same trunk that failed the same way',
      {},
      [judged('f', 5), judged('y', 3, CONNECTED)],
      'contradicted',
    ],
    ['an unlike failure on another trunk', {}, [judged('x', 5, { ...OTHER, status: 500 })], 'unknown'],
  ] as const) {
    it(`${what}: ${outage}`, () => {
      const recent = new RecentAttempts();
      for (const other of others) recent.note(other);
      assert.equal(recent.note(judged('asked', 0, failure)).outage, outage);
    });
  }
});

describe('the calls to judge again after another', () => {
  const ELSEWHERE = { trunks: ['ST_2'] };

  it('are those that failed before, once', () => {
    const recent = new RecentAttempts();
    recent.note(judged('x', 0));
    assert.deepEqual(recent.takeAffected(), new Set());
    recent.note(judged('y', 5, ELSEWHERE));
    assert.deepEqual(recent.takeAffected(), new Set(['call-x']));
    assert.deepEqual(recent.takeAffected(), new Set());
  });

  it('are only those with a 503', () => {
    const recent = new RecentAttempts();
    recent.note(judged('x', 0, { status: 500, reason: 'Server Internal Error' }));
    recent.note(judged('y', 5, { ...ELSEWHERE, status: 500, reason: 'Server Internal Error' }));
    assert.deepEqual(recent.takeAffected(), new Set());
  });

  it('are those that admitted calls contradict', () => {
    const recent = new RecentAttempts();
    recent.note(judged('x', 0));
    recent.note(judged('y', 0, CONNECTED));
    assert.deepEqual(recent.takeAffected(), new Set(['call-x']));
  });

  it('are those whose outage an admitted call leaves unconfirmed', () => {
    const recent = new RecentAttempts();
    recent.note(judged('y', 5, ELSEWHERE));
    recent.note(judged('x', 0));
    recent.takeAffected();
    recent.note(judged('w', 3, CONNECTED));
    assert.deepEqual(recent.takeAffected(), new Set(['call-x', 'call-y']));
  });

  it('are found by one of several attempts that were noted together', () => {
    for (const news of [
      [judged('y', 5, ELSEWHERE), judged('z', 70_000, CONNECTED)],
      [judged('z', 70_000, CONNECTED), judged('y', 5, ELSEWHERE)],
      [judged('y', 5, ELSEWHERE), judged('z', 6, { ...ELSEWHERE, mayConflict: true })],
      [judged('y', 0, CONNECTED), judged('z', 6, { ...ELSEWHERE, mayConflict: true })],
    ]) {
      const recent = new RecentAttempts();
      recent.note(judged('x', 0));
      recent.takeAffected();
      for (const one of news) recent.note(one);
      assert.deepEqual(recent.takeAffected(), new Set(['call-x']));
    }
  });

  it('exclude one that LiveKit let in, which needs no signs, wherever it was judged', () => {
    const letIn = judged('x', 0, { result: 'let_in' });
    for (const add of [
      (recent: RecentAttempts) => recent.note(letIn),
      (recent: RecentAttempts) => recent.catchUp([letIn]),
    ]) {
      const recent = new RecentAttempts();
      add(recent);
      recent.note(judged('y', 5, ELSEWHERE));
      assert.deepEqual(recent.takeAffected(), new Set());
    }
  });

  it('exclude an attempt from elsewhere whose counts are the same', () => {
    const recent = new RecentAttempts();
    recent.note(judged('x', 0));
    recent.takeAffected();
    recent.catchUp([judged('y', 5, ELSEWHERE)]);
    assert.deepEqual(recent.takeAffected(), new Set(['call-x']));
  });
});

describe('an attempt that was judged elsewhere', () => {
  const sameTrunk = (recent: RecentAttempts) => recent.note(judged('asked', 0)).sameTrunk;

  it('is counted', () => {
    const recent = new RecentAttempts();
    recent.catchUp([judged('x', 5), judged('y', 6, CONNECTED)]);
    assert.deepEqual(sameTrunk(recent), counts({ failedAlike: 1, connected: 1 }));
  });

  it('replaces what was judged before, and nothing that was judged later or at the same time', () => {
    for (const [judgedAt, wanted] of [
      [1_999, { failedAlike: 1 }],
      [2_000, { failedAlike: 1 }],
      [2_001, { connected: 1 }],
    ] as const) {
      const recent = new RecentAttempts();
      recent.note(judged('x', 5, {}, 2_000));
      recent.catchUp([judged('x', 5, CONNECTED, judgedAt)]);
      assert.deepEqual(sameTrunk(recent), counts(wanted), `judged at ${judgedAt}`);
    }
  });

  it('is not judged again here for what was known when it was noted', () => {
    const recent = new RecentAttempts();
    recent.catchUp([judged('x', 0), judged('y', 5, { trunks: ['ST_2'] })]);
    assert.deepEqual(recent.takeAffected(), new Set());
  });
});
