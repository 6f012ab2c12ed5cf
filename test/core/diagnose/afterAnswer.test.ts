import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parseCase, type RecordedCase, replay } from '../../../src/core/replay/replay.ts';

interface Expected {
  readonly outcome: string;
  readonly cause: string | null;
  readonly party: string | null;
}

const FILE = new URL('../../recorded/livekit-after-answer.jsonl', import.meta.url);
const CASES = readFileSync(FILE, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => {
    // The casts: the recording's documented form.
    const json = JSON.parse(line) as { id: string; expected: Expected };
    return { id: json.id.replace('after answer: ', ''), expected: json.expected, call: parseCase(json) };
  });

const isLiveKits = ({ path }: RecordedCase['webhooks'][number]) => path.includes('/livekit/');

function verdictOf(call: RecordedCase) {
  const { calls, refused } = replay(call);
  assert.deepEqual([calls.length, refused], [1, []]);
  const [got] = calls;
  assert.ok(got && !got.rule_errors);
  return got;
}

/** A transfer that failed is told to the agent only: without its report, no webhook shows it. */
const isTold = ({ cause }: Expected) => cause !== 'transfer_failed';
const unreported = (call: RecordedCase): RecordedCase => ({ ...call, api: undefined });
const right = ({ outcome, cause, party }: Expected, got: Expected) =>
  got.outcome === outcome && got.cause === cause && got.party === party;

describe('the recorded calls that ended after their answer', () => {
  test('are twelve', () => assert.equal(CASES.length, 12));

  for (const { id, expected, call } of CASES) {
    test(`${id}: outcome, cause and owner`, () => {
      const { outcome, cause, party, confidence } = verdictOf(call);
      assert.deepEqual({ outcome, cause, party }, expected);
      if (!isTold(expected)) assert.equal(confidence, 'certain');
    });
  }

  test('three failed transfers, which connected without a cause if the agent does not report them', () => {
    const transfers = CASES.filter(({ expected }) => !isTold(expected));
    assert.equal(transfers.length, 3);
    for (const { call } of transfers) {
      const { outcome, cause, party } = verdictOf(unreported(call));
      assert.deepEqual([outcome, cause, party], ['connected', null, null]);
      const withReport = { ...call, webhooks: call.webhooks.filter((webhook) => !isLiveKits(webhook)) };
      assert.equal(verdictOf(withReport).cause, 'transfer_failed', 'also without LiveKit’s webhooks');
    }
  });

  // By hand: what Jambonz's webhooks alone can show.
  const ALONE: Readonly<Record<string, readonly [outcome: string, cause: string | null, by: string]>> = {
    'caller hangs up': ['connected', null, 'caller'],
    'agent leaves': ['connected', null, 'caller'],
    'agent killed': ['connected', null, 'caller'],
    'room deleted': ['connected', null, 'far_end'],
    'caller removed by the API': ['connected', null, 'far_end'],
    'longest call duration reached': ['connected', 'call_limit_reached', 'far_end'],
    'caller never sends audio': ['dropped', 'media_timeout', 'far_end'],
    'caller stops sending audio': ['connected', null, 'far_end'],
    'transfer accepted': ['connected', null, 'far_end'],
    'transfer refused 603': ['connected', null, 'caller'],
    'transfer not supported 501': ['connected', null, 'caller'],
    'transfer target busy': ['connected', null, 'caller'],
  };
  for (const { id, call } of CASES) {
    test(`${id}, by Jambonz’s webhooks alone`, () => {
      const webhooks = call.webhooks.filter((webhook) => !isLiveKits(webhook));
      const got = verdictOf(unreported({ ...call, webhooks }));
      assert.deepEqual([got.outcome, got.cause, got.end?.by], ALONE[id]);
      if (got.cause === null) assert.ok(got.unknowns.length > 0, 'says what is unknown');
      assert.notEqual(got.confidence, 'certain');
    });
  }

  test('who ended them, after how long', () => {
    const ends = CASES.map(({ id, call }) => {
      const { end } = verdictOf(call);
      return [id, end?.by, end?.after_seconds?.toFixed(1), end?.alone_seconds?.toFixed(0)];
    });
    assert.deepEqual(ends, [
      ['caller hangs up', 'caller', '3.0', undefined],
      ['agent leaves', 'caller', '48.1', '41'],
      ['agent killed', 'caller', '49.1', '24'],
      ['room deleted', 'far_end', '3.1', undefined],
      ['caller removed by the API', 'far_end', '3.0', undefined],
      ['longest call duration reached', 'far_end', '6.0', undefined],
      ['caller never sends audio', 'far_end', '30.0', undefined],
      ['caller stops sending audio', 'far_end', '20.0', undefined],
      ['transfer accepted', 'far_end', '4.4', undefined],
      ['transfer refused 603', 'caller', '11.1', undefined],
      ['transfer not supported 501', 'caller', '11.1', undefined],
      ['transfer target busy', 'caller', '11.4', undefined],
    ]);
  });

  test('a lost webhook makes no wrong verdict certain, and no call that connected a failure', () => {
    for (const { id, expected, call } of CASES) {
      for (const lost of call.webhooks.keys()) {
        const got = verdictOf({ ...call, webhooks: call.webhooks.toSpliced(lost, 1) });
        const what = `${id} without ${call.webhooks[lost]?.body?.slice(0, 60)}`;
        if (!right(expected, got)) assert.notEqual(got.confidence, 'certain', what);
        if (expected.outcome === 'connected') assert.equal(got.outcome, 'connected', what);
      }
    }
  });

  test('the order of the webhooks of one second does not matter', () => {
    for (const { id, expected, call } of CASES) {
      const webhooks = call.webhooks.map((webhook, i) => ({ ...webhook, at_ms: webhook.at_ms + (i % 2 ? 0 : 200) }));
      const got = verdictOf({ ...call, webhooks });
      assert.ok(got.confidence !== 'certain' || right(expected, got), id);
    }
  });
});
