import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { A_LEG, B_LEG, webhooksOf } from '../core/scenario.ts';
import { PATIENCE_MS } from '../machineSpeed.ts';
import { apiOf, served } from './served.ts';

type Api = Awaited<ReturnType<typeof served>>;

const call = (name: string, reason = 'DNS Error') =>
  webhooksOf({ response: [503, reason, 20] }).map((sent) => ({
    ...sent,
    body: (sent.body ?? '').replaceAll(A_LEG, `${name}-a`).replaceAll(B_LEG, `${name}-b`),
  }));

/** Many calls that all settle in the same turn. */
async function flood({ service }: Api, calls: number, reason: string): Promise<void> {
  const began = service.clock.now;
  for (let i = 0; i < calls; i += 1) {
    for (const { path, body, at_ms } of call(`many${i}`, reason)) {
      service.clock.now = began + at_ms;
      await service.app.http.inject({ method: 'POST', url: path, payload: body });
    }
  }
  service.clock.now = began + 30_000;
  await service.app.settle();
}

/** A listener over a real socket. */
async function listen(origin: string, headers: Record<string, string> = {}, query = '') {
  const stop = new AbortController();
  const response = await fetch(`${origin}/api/v1/events${query}`, { headers, signal: stop.signal });
  let text = '';
  const ended = (async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
  })().catch(() => {});
  const events = () =>
    text
      .split('\n\n')
      // What comes after the last empty line is not whole yet.
      .slice(0, -1)
      .map((block) =>
        Object.fromEntries(
          block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        ),
      )
      .filter(({ data }) => data !== undefined)
      .map(({ id, event, data }) => ({ id, event, data: JSON.parse(data ?? '') }));
  return {
    response,
    ended,
    events,
    /** Waits until something was heard. */
    async until(isComplete: (received: ReturnType<typeof events>) => boolean) {
      for (const deadline = Date.now() + PATIENCE_MS; !isComplete(events()); await setTimeout(50)) {
        assert.ok(Date.now() < deadline, `heard only ${text}`);
      }
      return events();
    },
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}
const has = (callSid: string) => (received: { event?: string | undefined; data: { call_sid?: string } }[]) =>
  received.some(({ event, data }) => event === 'call' && data.call_sid === callSid);

describe('the feed of events', () => {
  let api: Api;
  let origin: string;
  before(async () => {
    api = await served();
    origin = await apiOf(api).listen({ port: 0, host: '127.0.0.1' });
  });
  after(() => api.close());

  it('tells of an attempt and of its incident as they come, and of each once', async () => {
    const listener = await listen(origin);
    assert.match(String(listener.response.headers.get('content-type')), /^text\/event-stream/);
    assert.equal(listener.response.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(listener.response.headers.get('cache-control'), 'no-store');
    await api.make(call('one'));
    const received = await listener.until(
      (events) => has('one-b')(events) && events.some(({ event }) => event === 'incident'),
    );
    const delivered = received.find(({ event }) => event === 'call');
    const [listed] = (await api.json('/calls')).calls;
    assert.deepEqual(delivered?.data, listed);
    assert.equal(received.find(({ event }) => event === 'incident')?.data.cause, 'dns_failure');
    // The store is read again and again over the same seconds.
    await setTimeout(2_500);
    assert.equal(listener.events().filter(({ data }) => data.call_sid === 'one-b').length, 1);
    await listener.stop();
  });

  it('goes on from the last event that was heard', async () => {
    const first = await listen(origin);
    await api.make(call('two'));
    const received = await first.until(has('two-b'));
    const last = received.find(({ data }) => data.call_sid === 'two-b')?.id ?? '';
    await first.stop();
    await api.service.pass(60_000);
    await api.make(call('three'));
    await api.make(call('four'));
    const again = await listen(origin, { 'last-event-id': last });
    await again.until((events) => has('three-b')(events) && has('four-b')(events));
    assert.ok(!has('one-b')(again.events()));
    await api.make(call('five'));
    await again.until(has('five-b'));
    await again.stop();
  });

  it('can be polled, and says nothing twice once it has settled', async () => {
    const { cursor } = await api.json('/events?poll=1');
    await api.make(call('six'));
    const polled = await api.json(`/events?poll=1&cursor=${cursor}`);
    assert.ok(has('six-b')(polled.events));
    assert.ok(!has('five-b')(polled.events));
    await api.service.pass(10_000);
    const later = await api.json(`/events?poll=1&cursor=${polled.cursor}`);
    const last = await api.json(`/events?poll=1&cursor=${later.cursor}`);
    assert.deepEqual(last.events, []);
    assert.equal((await api.get('/events?poll=1&cursor=nonsense')).statusCode, 400);
    assert.equal((await api.get('/events?cursor=nonsense')).statusCode, 400);
  });

  it('goes through many events of one moment page by page', async () => {
    const cursor = String(api.service.clock.now);
    await flood(api, 600, 'DNS Error');
    const sids = new Set<string>();
    for (let at = cursor, polls = 0; polls < 10; polls += 1) {
      const { events, cursor: next } = await api.json(`/events?poll=1&cursor=${encodeURIComponent(at)}`);
      for (const { event, data } of events) if (event === 'call') sids.add(data.call_sid);
      at = next;
    }
    assert.equal(sids.size, 600);
    const listener = await listen(origin, {}, `?cursor=${cursor}`);
    await listener.until((events) => new Set(events.flatMap(({ data }) => data.call_sid ?? [])).size === 600);
    await listener.stop();
  });

  it('takes a bounded number of listeners', async () => {
    const listeners = await Promise.all(Array.from({ length: 100 }, () => listen(origin)));
    const refused = await fetch(`${origin}/api/v1/events`);
    assert.equal(refused.status, 503);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    assert.match(await refused.text(), /too_many_listeners/);
    await Promise.all(listeners.map(({ stop }) => stop()));
    for (const deadline = Date.now() + PATIENCE_MS; ; await setTimeout(50)) {
      const again = await listen(origin);
      await again.stop();
      if (again.response.status === 200) break;
      assert.ok(Date.now() < deadline);
    }
  });

  it('ends when the service stops', async () => {
    const other = await served();
    const listener = await listen(await apiOf(other).listen({ port: 0, host: '127.0.0.1' }));
    await other.close();
    await listener.ended;
  });
});
