import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { callIdOf } from '../../src/core/call/callEvent.ts';
import { LiveKitSide } from '../../src/core/correlate/liveKitSide.ts';
import { OpenCall } from '../../src/core/correlate/openCall.ts';
import { AttemptDiagnoser } from '../../src/core/diagnose/diagnoseAttempt.ts';
import { siteFrom } from '../../src/core/diagnose/facts/site.ts';
import { type ClaimedCall, Pipeline } from '../../src/pipeline.ts';
import { failed, status, T0 } from '../store/storedEvents.ts';

const LATER = T0 + 3_600_000;
const NEVER = new AbortController().signal;
const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [] });

function claimed(webhook: ReturnType<typeof failed>, more: readonly ReturnType<typeof failed>[] = []): ClaimedCall {
  const events = [webhook, ...more].flatMap(({ event }) => (event.kind === 'livekit' ? [] : [event]));
  const callId = events[0] ? callIdOf(events[0]) : '';
  return {
    due: { callId, arrivals: 1, isJudged: false },
    call: new OpenCall(callId, events),
    liveKit: new LiveKitSide(),
  };
}

/** A pipeline whose diagnoses take a while each, with its stages in memory. */
function costly(costMs: number, due: ClaimedCall[], onDiagnosis = () => {}) {
  /** `turns`: how many turns another task had had at each diagnosis. */
  const seen = { claims: [] as number[], saved: [] as string[][], givenBack: [] as string[], turns: [] as number[] };
  let turns = 0;
  const diagnoser = new AttemptDiagnoser(SITE, {
    at() {
      seen.turns.push(turns);
      onDiagnosis();
      for (const until = performance.now() + costMs; performance.now() < until; );
      return undefined;
    },
    changesUpTo: () => [],
  });
  const pipeline = new Pipeline({
    feed: async () => true,
    async catchUp() {},
    async closeSettled() {},
    async claim(_now, limit) {
      seen.claims.push(limit);
      return due.splice(0, limit);
    },
    diagnoser,
    async save(judged) {
      seen.saved.push(judged.map(({ call }) => call.callId));
      return { firsts: [], ends: [], incidents: [], transitions: [] };
    },
    async giveBack(calls) {
      seen.givenBack.push(...calls.map(({ call }) => call.id));
    },
    findSaved: async () => [],
    async reconsiderAffected() {},
    count() {},
    countEnd() {},
    saved() {},
    failed: assert.ifError,
  });
  /** Runs it beside another task. */
  const run = async (signal = NEVER) => {
    let isRunning = true;
    const other = (async () => {
      for (; isRunning; turns += 1) await setImmediate();
    })();
    const isMoreDue = await pipeline.run(() => LATER, signal);
    isRunning = false;
    await other;
    return isMoreDue;
  };
  return { seen, run };
}

describe('a turn of the engine', () => {
  it('ends by time, and saves what it judged', async () => {
    const { seen, run } = costly(
      30,
      Array.from({ length: 6 }, (_, i) => claimed(failed(`${i}`, 0))),
    );
    assert.equal(await run(), false);
    assert.deepEqual(seen.saved, [['a0'], ['a1'], ['a2'], ['a3'], ['a4'], ['a5']]);
    assert.equal(new Set(seen.turns).size, 6);
  });

  it('leaves other work its turn between the attempts of one call', async () => {
    const legs = Array.from({ length: 6 }, (_, i) => failed('1', i, { callSid: `b${i}` }));
    const { seen, run } = costly(30, [claimed(failed('1', 0), legs)]);
    await run();
    assert.deepEqual(seen.saved, [['a1']]);
    assert.equal(new Set(seen.turns).size, 6);
  });

  it('judges many cheap calls together', async () => {
    const { seen, run } = costly(
      0,
      Array.from({ length: 150 }, (_, i) => claimed(status(`${i}`, 0))),
    );
    await run();
    assert.deepEqual(seen.claims, [8, 16, 32, 64, 100, 100]);
    assert.ok(seen.saved.length <= 20, `${seen.saved.length} turns`);
  });

  it('claims fewer calls where they cost much, so that no claim expires', async () => {
    const { seen, run } = costly(
      100,
      Array.from({ length: 12 }, (_, i) => claimed(failed(`${i}`, 0))),
    );
    await run();
    assert.equal(seen.claims[0], 8);
    assert.ok((seen.claims[1] ?? 0) <= 5, `${seen.claims}`);
  });

  it('is the last one after a second of them, and says that more are due', async () => {
    const { run, seen } = costly(
      200,
      Array.from({ length: 30 }, (_, i) => claimed(failed(`${i}`, 0))),
    );
    assert.equal(await run(), true);
    assert.ok(seen.saved.length < 15, `${seen.saved.length} turns`);
  });

  it('is the last one where the service stops, and the calls that are left are given back', async () => {
    const stop = new AbortController();
    const { seen, run } = costly(
      30,
      Array.from({ length: 5 }, (_, i) => claimed(failed(`${i}`, 0))),
      () => stop.abort(),
    );
    assert.equal(await run(stop.signal), true);
    assert.deepEqual(seen.saved, [['a0']]);
    assert.deepEqual(seen.givenBack, ['a1', 'a2', 'a3', 'a4']);
  });
});
