import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { CallEvent } from '../../src/call/event.ts';
import { SqliteStore } from '../../src/journal/sqlite.ts';
import type { NewEvent, StoredAttempt } from '../../src/journal/store.ts';
import { Pipeline } from '../../src/pipeline.ts';
import { SingleServer } from '../../src/service/singleServer.ts';
import { siteFrom } from '../../src/settings/siteSettings.ts';
import { readSnapshot } from '../../src/trunks/readSnapshot.ts';
import { FITTING } from '../core/scenario.ts';
import { joined, status, T0 } from '../journal/events.ts';

const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [] });

function pipelineOf(callsAtHand: number): Pipeline {
  const reading = readSnapshot(FITTING);
  assert.ok(reading.ok);
  const configuration = { snapshot: reading.snapshot, ageSeconds: 0, isStale: false };
  return new Pipeline(SITE, () => configuration, undefined, undefined, callsAtHand);
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
function heapMegabytes(): number {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}

const ringing = (call: string, at: number, more: object = {}) =>
  status(call, at, { callStatus: 'ringing', sipStatus: 180, sipReason: 'Ringing', ...more });

describe('a flood of calls that never end', () => {
  it('of 200,000 takes no more memory than those that are kept at hand', () => {
    const pipeline = pipelineOf(5_000);
    const before = heapMegabytes();
    for (let i = 0; i < 200_000; i += 1) {
      // The cast: a status is a call's event.
      pipeline.accept(ringing(`${i}`, i / 10, { to: `sip:+1555${i}@lab.sip.livekit.cloud` }).event as CallEvent);
      assert.ok(pipeline.openCalls <= 5_000);
    }
    const grown = heapMegabytes() - before;
    assert.equal(pipeline.openCalls, 5_000);
    assert.ok(pipeline.takeHasParked());
    // As many at hand as by default take ten times that.
    assert.ok(grown < 25, `${grown.toFixed(1)} MB`);
  });

  it('of LiveKit’s rooms, participants and jobs is bounded too', () => {
    const pipeline = pipelineOf(10);
    const before = heapMegabytes();
    for (let i = 0; i < 200_000; i += 1) {
      const { event } = joined(`RM_${i % 60_000}`, `sip-${i}`, i / 100);
      assert.ok(event.kind === 'livekit');
      pipeline.acceptLiveKit({ ...event, job: { id: `AJ_${i}`, agentName: 'a', status: undefined, error: undefined } });
      if (i % 1_000 === 0) pipeline.settle(T0 + i / 100);
    }
    pipeline.settle(T0 + 2_000);
    pipeline.liveKit.takeResults();
    const grown = heapMegabytes() - before;
    assert.ok(pipeline.liveKit.rooms <= 20_000, `${pipeline.liveKit.rooms} rooms`);
    assert.ok(grown < 200, `${grown.toFixed(1)} MB`);
  });
});

describe('calls that were let go of before their end', () => {
  it('get their verdict all the same, when it is due or with their next webhook, and are counted once', async () => {
    const store = await SqliteStore.open(':memory:');
    const counted: StoredAttempt[] = [];
    const flow = new SingleServer(store, pipelineOf(20), {
      onEvent() {},
      onFirst: (attempt) => counted.push(attempt),
      onSaved() {},
      onParticipant() {},
      onCallError: (error) => assert.fail(String(error)),
    });
    const take = async (event: NewEvent) => assert.equal(await flow.take(event), 'accepted');
    const CALLS = 300;
    for (let i = 0; i < CALLS; i += 1) await take(ringing(`${i}`, i));
    assert.equal(flow.openCalls, 20);

    // Every tenth one ends as it should, long after it was let go of.
    const refused = { callStatus: 'failed', sipStatus: 503, sipReason: 'Try again later' } as const;
    for (let i = 0; i < CALLS; i += 10) await take(status(`${i}`, 2_000 + i, refused));
    for (let now = T0; now < T0 + 600_000; now += 1_000) {
      await flow.settle(now);
      assert.ok(flow.openCalls <= 20);
    }
    assert.equal(counted.length, CALLS);
    assert.equal(new Set(counted.map(({ callSid }) => callSid)).size, CALLS);
    for (let i = 0; i < CALLS; i += 10) {
      const attempt = counted.find(({ callSid }) => callSid === `b${i}`);
      assert.equal(attempt?.record.response?.status, 503);
    }
    assert.deepEqual(await store.unfinishedCalls('', 10), []);
    await store.close();
  });

  it('are not all taken up at once by the next start', async () => {
    const store = await SqliteStore.open(':memory:');
    for (let i = 0; i < 100; i += 1) await store.append(ringing(`${i}`, i));
    const counted: string[] = [];
    const flow = new SingleServer(store, pipelineOf(20), {
      onEvent() {},
      onFirst: ({ callSid }) => counted.push(callSid),
      onSaved() {},
      onParticipant() {},
      onCallError: (error) => assert.fail(String(error)),
    });
    await flow.resume(T0 + 1_000);
    assert.ok(flow.openCalls <= 20);
    for (let now = T0; now < T0 + 600_000; now += 1_000) await flow.settle(now);
    assert.equal(new Set(counted).size, 100);
    assert.equal(counted.length, 100);
    await store.close();
  });
});
