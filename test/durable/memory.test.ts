import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { LiveKitEvent } from '../../src/core/call/livekitEvent.ts';
import { ROOM_KEPT_MS, Rooms } from '../../src/core/correlate/rooms.ts';
import { CallCache } from '../../src/engine/callCache.ts';
import { Unmatched } from '../../src/engine/unmatched.ts';
import { Store } from '../../src/store/store.ts';
import { virtualEngine } from '../app/replicas/virtualReplica.ts';
import { FITTING } from '../core/scenario.ts';
import { failed, joined, status, T0 } from '../store/storedEvents.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
function heapMegabytes(): number {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}

const ringing = (call: string, at: number, more: object = {}) =>
  status(call, at, { callStatus: 'ringing', sipStatus: 180, sipReason: 'Ringing', ...more });

function participant(i: number, at: number): LiveKitEvent {
  const { event } = joined(`RM_${i % 60_000}`, `sip-${i}`, at);
  assert.ok(event.kind === 'livekit');
  return { ...event, job: { id: `AJ_${i}`, agentName: 'a', status: undefined, error: undefined } };
}

describe('a flood of calls that never end', () => {
  it('of 200,000 takes no more memory than those that are kept in memory', () => {
    const cache = new CallCache(5_000);
    const before = heapMegabytes();
    for (let i = 0; i < 200_000; i += 1) {
      const { event } = ringing(`${i}`, i / 10, { to: `sip:+1555${i}@lab.sip.livekit.cloud` });
      assert.ok(event.kind !== 'livekit');
      cache.touch([{ callId: `a${i}`, arrivals: 1, events: [event], isNew: true, isReconsidered: false }]);
      assert.ok(cache.size <= 5_000);
    }
    const grown = heapMegabytes() - before;
    assert.equal(cache.size, 5_000);
    // As many as are kept by default take four times that.
    assert.ok(grown < 25, `${grown.toFixed(1)} MB`);
  });

  it('of LiveKit’s rooms, participants and jobs is bounded too', () => {
    const rooms = new Rooms();
    const before = heapMegabytes();
    for (let i = 0; i < 200_000; i += 1) {
      rooms.add(participant(i, i / 100));
      if (i % 1_000 === 0) rooms.evictQuiet(T0 + i / 100);
    }
    rooms.evictQuiet(T0 + 2_000);
    const grown = heapMegabytes() - before;
    assert.ok(rooms.size <= 20_000, `${rooms.size} rooms`);
    assert.ok(grown < 200, `${grown.toFixed(1)} MB`);
  });

  it('of participants that no call is found for is counted up to 20,000', async () => {
    const store = await Store.open(':memory:');
    let count = 0;
    const unmatched = new Unmatched(store, () => {
      count += 1;
    });
    for (let i = 0; i < 20_001; i += 1) unmatched.note(participant(i, 0));
    await unmatched.countOverdue(T0 + ROOM_KEPT_MS - 1);
    assert.equal(count, 0);
    await unmatched.countOverdue(T0 + ROOM_KEPT_MS);
    assert.equal(count, 20_000);
    await unmatched.countOverdue(T0 + 2 * ROOM_KEPT_MS);
    assert.equal(count, 20_000);
    unmatched.note(participant(0, ROOM_KEPT_MS));
    await unmatched.countOverdue(T0 + 2 * ROOM_KEPT_MS);
    assert.equal(count, 20_001);
    await store.close();
  });
});

describe('calls that were evicted from memory before their end', () => {
  it('get their verdict all the same, when it is due or with their next webhook, and are counted once', async () => {
    const store = await Store.open(':memory:');
    const engine = virtualEngine(store, FITTING, 20);
    const CALLS = 300;
    for (let i = 0; i < CALLS; i += 1) await engine.take(ringing(`${i}`, i));
    // Every tenth one ends as it should, long after it was evicted.
    for (let i = 0; i < CALLS; i += 10) await engine.take(failed(`${i}`, 2_000 + i));
    for (let now = T0; now < T0 + 600_000; now += 1_000) await engine.settle(now);
    const { counted } = engine;
    assert.equal(counted.length, CALLS);
    assert.equal(new Set(counted.map(({ callSid }) => callSid)).size, CALLS);
    for (let i = 0; i < CALLS; i += 10) {
      const attempt = counted.find(({ callSid }) => callSid === `b${i}`);
      assert.equal(attempt?.record.response?.status, 503);
    }
    assert.equal(await store.due.count(), 0);
    await store.close();
  });

  it('get it from the next start too', async () => {
    const store = await Store.open(':memory:');
    const before = virtualEngine(store, FITTING, 20);
    for (let i = 0; i < 100; i += 1) await before.take(ringing(`${i}`, i));
    const { counted, settle } = virtualEngine(store, FITTING, 20);
    for (let now = T0; now < T0 + 600_000; now += 1_000) await settle(now);
    assert.equal(new Set(counted.map(({ callSid }) => callSid)).size, 100);
    assert.equal(counted.length, 100);
    await store.close();
  });
});
