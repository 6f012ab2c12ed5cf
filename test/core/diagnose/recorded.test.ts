import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { replay } from '../../../src/core/replay/replay.ts';
import { isRightHeadline, isRightSet, recordedCases } from '../recordedCases.ts';

// Floors: what is reached. A change may not fall below, and nothing here may ask for less.
const CASES = 210;
const RIGHT_HEADLINES = 210;
const RIGHT_SETS = 210;

const HOLE = 'wildcard_rule_admits_unmatched_calls';

describe('the recorded calls', () => {
  const replayed = recordedCases().map((recorded) => ({ ...recorded, replayed: replay(recorded.call) }));
  const results = replayed.flatMap(({ expected, id, call, replayed: { calls } }) =>
    calls.map((got) => ({ id, call, expected, got })),
  );

  test('every webhook is read, and every call comes to one attempt', () => {
    assert.equal(replayed.length, CASES);
    assert.deepEqual(
      replayed.filter(({ replayed: { refused } }) => refused.length > 0),
      [],
    );
    assert.deepEqual(
      replayed.filter(({ replayed: { calls } }) => calls.length !== 1),
      [],
    );
  });

  test('the attempt is the dialled leg', () => {
    for (const { call, got, id } of results) {
      const bodies = call.webhooks.map(({ body = '' }) => JSON.parse(body));
      const dialled = bodies.filter(({ direction }) => direction === 'outbound').map(({ call_sid }) => call_sid);
      assert.deepEqual(new Set(dialled), new Set([got.call_sid]), id);
    }
  });

  test('the headline is right', () => {
    const wrong = results.filter(({ expected, got }) => !isRightHeadline(expected, got.cause));
    assert.ok(
      results.length - wrong.length >= RIGHT_HEADLINES,
      wrong.map(({ id, got }) => `${id}: ${got.cause}`).join(),
    );
  });

  test('the whole set of blocking causes is right', () => {
    const wrong = results.filter(({ expected, got }) => !isRightSet(expected, got.blocking));
    assert.ok(results.length - wrong.length >= RIGHT_SETS, wrong.map(({ id, got }) => `${id}: ${got.blocking}`).join());
  });

  test('no wrong set is certain', () => {
    const wrong = results.filter(({ expected, got }) => !isRightSet(expected, got.blocking));
    assert.deepEqual(
      wrong.filter(({ got }) => got.confidence === 'certain'),
      [],
    );
  });

  test('a called number that is on no trunk is certain even where nobody knows which trunk was meant', () => {
    const open = results.filter(({ expected }) => expected.also.length > 0);
    assert.equal(open.length, 7);
    for (const { got, id } of open) assert.equal(got.cause, 'called_number_not_on_trunk', id);
  });

  test('what comes next is among the latent causes', () => {
    for (const { expected, got, id } of results) {
      for (const cause of expected.latent)
        assert.ok(
          got.latent.some((latent) => latent === cause),
          `${id}: ${cause}`,
        );
    }
  });

  test('the wildcard rule is found exactly where it admitted a call past its trunk', () => {
    for (const { expected, got, id } of results) {
      assert.deepEqual(got.findings, expected.admitted_without_trunk ? [HOLE] : [], id);
    }
    assert.equal(results.filter(({ got }) => got.findings.length > 0).length, 14);
  });

  test('every failure has evidence and, but for nobody’s faults, a fix', () => {
    for (const { got, id } of results) {
      for (const cause of got.blocking) {
        assert.ok(
          got.evidence.some((evidence) => evidence.cause === cause),
          `${id}: evidence of ${cause}`,
        );
        assert.ok(
          got.fixes.some((fix) => fix.cause === cause),
          `${id}: fix of ${cause}`,
        );
      }
    }
  });

  test('no password of a trunk is in any explanation', () => {
    for (const { call, got, id } of results) {
      const trunks: unknown = call.livekit?.inbound_trunks;
      // The cast is the recording's documented form.
      for (const { auth_password } of trunks as { auth_password: string }[]) {
        if (auth_password !== '') assert.ok(!JSON.stringify(got).includes(auth_password), id);
      }
    }
  });

  test('without LiveKit’s configuration nothing that rests on it is certain', () => {
    for (const { call, expected, id } of results) {
      const [got] = replay({ ...call, livekit: null }).calls;
      if (got?.confidence === 'certain') assert.deepEqual(got.blocking, expected.blocking, id);
      assert.ok(
        got?.unknowns.some((unknown) => unknown.includes('LIVEKIT_URL')),
        id,
      );
    }
  });
});
