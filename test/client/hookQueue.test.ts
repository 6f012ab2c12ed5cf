import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { HookQueue, type Lost, type Queued, type Sent } from '../../src/client/hookQueue.ts';

const DELIVERED: Sent = { result: 'delivered' };
const FAILED: Sent = { result: 'failed', detail: 'no answer' };
const REJECTED: Sent = { result: 'rejected', detail: 'sipwhy answered 400' };

/** A queue in virtual time, that sends by `answer` to a try with its number, from 0. */
function queueWith(answer: (body: string, tries: number) => Sent) {
  const seen: { sent: string[]; pauses: number[]; lost: Lost[]; now: number } = {
    sent: [],
    pauses: [],
    lost: [],
    now: 0,
  };
  const queue = new HookQueue({
    send: async ({ body }) => {
      seen.sent.push(body);
      return answer(body, seen.sent.length - 1);
    },
    onLost: (lost) => seen.lost.push(lost),
    now: () => seen.now,
    pause: async (milliseconds) => {
      seen.pauses.push(milliseconds);
      seen.now += milliseconds;
      await setImmediate();
    },
  });
  const idle = async () => {
    while (queue.size > 0) await setImmediate();
  };
  return { queue, seen, idle };
}
const status = (body: string, at = 0): Queued => ({ hook: 'call-status', body, headers: {}, at });

describe('the queue', () => {
  it('sends one after the other, in their order', async () => {
    const { queue, seen, idle } = queueWith(() => DELIVERED);
    for (const body of ['a', 'b', 'c']) queue.add(status(body));
    assert.deepEqual(seen.sent, ['a']);
    await idle();
    queue.add(status('d'));
    await idle();
    assert.deepEqual(seen.sent, ['a', 'b', 'c', 'd']);
    assert.equal(queue.delivered, 4);
    assert.deepEqual(seen.lost, []);
  });

  it('tries the first one again, with longer and longer pauses', async () => {
    const { queue, seen, idle } = queueWith((_, tries) => (tries < 7 ? FAILED : DELIVERED));
    queue.add(status('a'));
    queue.add(status('b'));
    await idle();
    assert.deepEqual(seen.sent, ['a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'b']);
    assert.deepEqual(seen.pauses, [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
    assert.deepEqual(seen.lost, []);
  });

  it('gives up after a minute, and not before', async () => {
    const { queue, seen } = queueWith(() => FAILED);
    queue.add(status('old', -59_999));
    await setImmediate();
    assert.deepEqual(seen.lost, []);
    assert.equal(queue.size, 1);
    const late = queueWith((body) => (body === 'old' ? FAILED : DELIVERED));
    late.queue.add(status('old', -60_000));
    late.queue.add(status('as old', -60_000));
    late.queue.add(status('newer', -59_999));
    await late.idle();
    const expired = { hook: 'call-status', reason: 'expired', detail: 'no answer' };
    assert.deepEqual(late.seen.lost, [expired, expired]);
    assert.deepEqual(late.seen.sent, ['old', 'newer']);
  });

  it('goes on after one that sipwhy refuses', async () => {
    const { queue, seen, idle } = queueWith((body) => (body === 'a' ? REJECTED : DELIVERED));
    queue.add({ ...status('a'), hook: 'dial-action' });
    queue.add(status('b'));
    await idle();
    assert.deepEqual(seen.lost, [{ hook: 'dial-action', reason: 'rejected', detail: 'sipwhy answered 400' }]);
    assert.deepEqual(seen.pauses, []);
    assert.equal(queue.delivered, 1);
  });

  it('holds 1,000 webhooks', () => {
    const { queue, seen } = queueWith(() => DELIVERED);
    for (let i = 0; i < 1_000; i++) queue.add(status('a'));
    assert.deepEqual(seen.lost, []);
    queue.add(status('a'));
    const detail = '1000 webhooks wait, because sipwhy doesn’t answer or is slow';
    assert.deepEqual(seen.lost, [{ hook: 'call-status', reason: 'queue_full', detail }]);
    assert.equal(queue.size, 1_000);
  });

  it('holds 8 Mi characters, and has room again for what was sent', async () => {
    const { queue, seen, idle } = queueWith(() => DELIVERED);
    const half = 'x'.repeat(4 * 1024 * 1024);
    queue.add(status(half));
    queue.add(status(half));
    assert.equal(seen.lost.length, 0);
    queue.add(status('a'));
    assert.deepEqual(
      seen.lost.map(({ reason }) => reason),
      ['queue_full'],
    );
    await idle();
    queue.add(status(half));
    await idle();
    assert.equal(queue.delivered, 3);
  });

  it('sends what waits before it closes, and takes nothing more', async () => {
    const { queue, seen } = queueWith(() => DELIVERED);
    queue.add(status('a'));
    queue.add(status('b'));
    await queue.close(1_000);
    assert.equal(queue.delivered, 2);
    queue.add(status('c'));
    assert.deepEqual(seen.lost, [{ hook: 'call-status', reason: 'closed', detail: 'the forwarder is closed' }]);
  });

  it('closes in time, and says what is lost', async () => {
    const { queue, seen } = queueWith(() => FAILED);
    queue.add(status('a'));
    queue.add(status('b'));
    await queue.close(1_000);
    const closed = { hook: 'call-status', reason: 'closed', detail: 'the forwarder was closed before sipwhy took it' };
    assert.deepEqual(seen.lost, [closed, closed]);
    assert.equal(queue.size, 0);
  });
});
