import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answer, parseQuestion } from '../../../src/core/trunks/match/answer.ts';
import { recordedLines } from '../recordedCases.ts';

interface Vector {
  readonly kind: 'normalize' | 'trunk' | 'dispatch';
  readonly want: string | Record<string, unknown>;
  readonly want_conflicts?: readonly unknown[];
  readonly want_conflict_error?: boolean;
}

// The cast is the recording's documented form.
const VECTORS = recordedLines('livekit-match.jsonl.gz') as Vector[];
const COUNTS = { normalize: 1_500, trunk: 1_500, dispatch: 1_500 };

/** LiveKit's answer in the form of ours. */
function wanted({ kind, want, want_conflicts = [] }: Vector): Record<string, unknown> {
  if (typeof want === 'string') return { result: want };
  if (kind === 'trunk') return { ...want, conflicts: want_conflicts };
  // Who the caller is in the room does not matter to whether the call gets there.
  const { participant_identity: _, ...rest } = want;
  return rest;
}

describe('LiveKit’s own matching', () => {
  for (const [kind, count] of Object.entries(COUNTS)) {
    test(`all ${count} ${kind} questions are answered as LiveKit’s package answers them`, () => {
      const vectors = VECTORS.filter((vector) => vector.kind === kind);
      assert.equal(vectors.length, count);
      for (const vector of vectors) {
        const { want, want_conflicts, want_conflict_error, ...question } = vector;
        assert.deepEqual(answer(parseQuestion(question)), wanted(vector), JSON.stringify(vector));
      }
    });
  }

  test('a set of trunks has a conflict exactly where LiveKit’s check refuses it', () => {
    for (const { want, want_conflicts, want_conflict_error, ...question } of VECTORS) {
      if (question.kind !== 'trunk') continue;
      const { conflicts } = answer(parseQuestion(question));
      assert.equal(Array.isArray(conflicts) && conflicts.length > 0, want_conflict_error, JSON.stringify(question));
    }
  });

  test('the vectors hold every kind of answer', () => {
    const results = VECTORS.map(({ want }) =>
      typeof want === 'string' ? 'text' : (want.error ?? want.match_type ?? want.result),
    );
    assert.deepEqual(
      new Set(results),
      new Set([
        'text',
        'empty',
        'none',
        'default',
        'specific',
        'multiple_specific_trunks',
        'multiple_default_trunks',
        'ACCEPT',
        'REQUEST_PIN',
        'no_rule',
        'conflict',
      ]),
    );
  });

  test('a question of an unknown kind is refused', () => {
    assert.throws(() => parseQuestion({ kind: 'trunks', call: {}, trunks: [] }));
  });
});
