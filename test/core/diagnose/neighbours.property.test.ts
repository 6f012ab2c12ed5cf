import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AGAIN, CONNECTS, ELSEWHERE, made, OTHERS, run, SAME, shown } from './neighbouringCalls.ts';

describe('neighbours', () => {
  test('are remembered up to a limit, and have no call judged again without end', () => {
    const dials = [AGAIN, ELSEWHERE, CONNECTS];
    const calls = Array.from({ length: 700 }, (_, i) => made(`c${i}`, i / 20, dials[i % 3] ?? AGAIN));
    const running = run(calls);
    const last = shown(running, 'c699', OTHERS);
    const counted = [...(last ?? '').matchAll(/(\d+) (connected|failed the same way|let in)/g)].map(([, n]) =>
      Number(n),
    );
    const same = [...(shown(running, 'c699', SAME) ?? '').matchAll(/(\d+) (connected|failed the same way)/g)];
    const total = [...counted, ...same.map(([, n]) => Number(n))].reduce((sum, n) => sum + n, 0);
    assert.equal(total, 499);
    const looks = Map.groupBy(running.verdicts, ({ callSid }) => callSid);
    assert.equal(looks.size, calls.length);
    for (const verdicts of looks.values()) assert.ok(verdicts.length <= 6);
  });
});
