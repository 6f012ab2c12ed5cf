import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_WAITS } from '../../../src/core/call/waits.ts';
import type { AttemptRecord } from '../../../src/core/diagnose/record.ts';
import { metricsAlone, scraped } from './metricsAlone.ts';

const END = { by: 'caller', precise: true, leftBefore: false, callerStayed: false } as const;
const NO_CAUSE = { callSid: 'b', cause: undefined, party: undefined, trunk: 'ST_1' };
const ALONE = { ...NO_CAUSE, cause: 'agent_left_caller', party: 'agent' } as const;

async function series(name: string, count: (calls: ReturnType<typeof metricsAlone>['calls']) => void) {
  const metrics = metricsAlone();
  count(metrics.calls);
  const text = await scraped(metrics);
  return text.split('\n').filter((line) => line.startsWith(name) && !line.endsWith(' 0'));
}

describe('the metrics of ends', () => {
  it('begin with every cause at zero, for each trunk', async () => {
    const metrics = metricsAlone();
    metrics.calls.trunks(['ST_1']);
    const text = await scraped(metrics);
    for (const trunk of ['none', 'unknown', 'ST_1']) {
      for (const labels of [
        'cause="none",party="none"',
        'cause="agent_left_caller",party="agent"',
        'cause="agent_not_joined",party="agent"',
        'cause="call_limit_reached",party="nobody"',
        'cause="livekit_lost_call",party="livekit"',
        'cause="media_timeout",party="media"',
        'cause="transfer_failed",party="jambonz"',
        'cause="transfer_failed",party="carrier"',
        'cause="transfer_failed",party="nobody"',
        'cause="transfer_failed",party="unknown"',
      ]) {
        assert.ok(text.includes(`sipwhy_call_ends_total{${labels},trunk="${trunk}"} 0`), `${labels} ${trunk}`);
      }
      assert.ok(text.includes(`sipwhy_short_calls_total{trunk="${trunk}"} 0`), trunk);
    }
    assert.ok(!text.includes('sipwhy_call_ends_total{cause="auth_missing"'));
    assert.ok(!text.includes('outcome="dropped"'));
  });

  it('count a normal end without a cause, and any other with its cause', async () => {
    const counted = await series('sipwhy_call_ends_total', (calls) => {
      calls.ended({ ...NO_CAUSE, end: { ...END, seconds: 60 } }, 1);
      calls.ended({ ...ALONE, end: { ...END, seconds: 60 } }, 1);
      calls.ended({ ...ALONE, end: END }, 1);
    });
    assert.deepEqual(counted, [
      'sipwhy_call_ends_total{cause="none",party="none",trunk="ST_1"} 1',
      'sipwhy_call_ends_total{cause="agent_left_caller",party="agent",trunk="ST_1"} 2',
    ]);
  });

  for (const [seconds, count] of [
    [9.99, ['sipwhy_short_calls_total{trunk="ST_1"} 1']],
    [10, []],
    [undefined, []],
  ] as const) {
    it(`count a call of ${seconds ?? 'unknown'} s as ${count.length > 0 ? '' : 'not '}short`, async () => {
      const end = seconds === undefined ? END : { ...END, seconds };
      assert.deepEqual(
        await series('sipwhy_short_calls_total', (calls) => calls.ended({ ...NO_CAUSE, end }, 1)),
        count,
      );
    });
  }

  it('observe how long calls last, if that is known', async () => {
    const counted = await series('sipwhy_call_duration_seconds_', (calls) => {
      calls.ended({ ...NO_CAUSE, end: { ...END, seconds: 30 } }, 1);
      calls.ended({ ...NO_CAUSE, end: END }, 1);
    });
    assert.ok(counted.includes('sipwhy_call_duration_seconds_bucket{le="30.5"} 1'));
    assert.ok(!counted.some((line) => line.includes('le="29.5"')));
    assert.ok(counted.includes('sipwhy_call_duration_seconds_sum 30'));
    assert.ok(counted.includes('sipwhy_call_duration_seconds_count 1'));
  });

  it('count an attempt as connected, even if it was dropped before its first verdict', async () => {
    const attempt: Pick<AttemptRecord, 'outcome' | 'response' | 'ruleErrors'> = {
      outcome: 'dropped',
      response: undefined,
      ruleErrors: [],
    };
    const delays = { setup: 2, postDial: 0.1, verdict: 1, waits: NO_WAITS };
    const counted = await series('sipwhy_call_', (calls) => calls.attempt({ ...ALONE, ...attempt }, delays, 1));
    assert.ok(counted.includes('sipwhy_call_attempts_total{trunk="ST_1",outcome="connected"} 1'));
    assert.ok(counted.includes('sipwhy_call_setup_seconds_count 1'));
    assert.ok(!counted.some((line) => line.startsWith('sipwhy_call_failures_total')));
  });

  it('lead to the call that a cause ended last', () => {
    const { calls } = metricsAlone();
    calls.ended({ ...ALONE, end: END }, 17);
    calls.ended({ ...NO_CAUSE, end: END }, 18);
    assert.deepEqual(
      [...calls.exemplars],
      [
        [
          'sipwhy_call_ends_total{cause="agent_left_caller",party="agent",trunk="ST_1"}',
          { callSid: 'b', atSeconds: 17 },
        ],
      ],
    );
  });
});
