import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, it } from 'node:test';
import type { SentEvent } from '../../src/http/api/eventRoute.ts';
import { EventStreams } from '../../src/http/api/streams.ts';
import { PATIENCE_MS } from '../machineSpeed.ts';

/** More than the buffers of two sockets take. */
const MISSED = Array.from({ length: 20 }, (_, i): SentEvent => {
  return { id: `${i}`, event: 'call', data: { reason: 'x'.repeat(1024 * 1024) } };
});
const live = new Set<(event: SentEvent) => void>();
const source = {
  isCursor: () => true,
  eventsAfter: async () => ({ events: MISSED, cursor: '20', hasMore: false }),
  listen(listener: (event: SentEvent) => void) {
    live.add(listener);
    return () => live.delete(listener);
  },
};
const streams = new EventStreams(300);
const server = createServer((request, response) => {
  void streams.add(response, source, request.url === '/missed' ? '0' : undefined);
});
before(() => once(server.listen(0, '127.0.0.1'), 'listening'));
after(() => {
  server.closeAllConnections();
  server.close();
});

/** A client that has sent its request and reads nothing yet. */
async function client(path: string) {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  await once(socket, 'connect');
  const [[, response]] = await Promise.all([
    once(server, 'request'),
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`),
  ]);
  return { socket, response };
}

it('a listener that does not read what it missed is dropped, and others are told', async () => {
  const other = await client('/');
  const deaf = await client('/missed');
  await once(deaf.response, 'close', { signal: AbortSignal.timeout(PATIENCE_MS) });
  assert.equal(live.size, 1);
  for (const tell of live) tell({ id: '21', event: 'call', data: { call_sid: 'after' } });
  let heard = '';
  for await (const chunk of other.socket) {
    heard += chunk;
    if (heard.includes('"call_sid":"after"')) break;
  }
  assert.match(heard, /id: 21\n/);
  deaf.socket.destroy();
});

it('a listener that reads what it missed is not dropped', async () => {
  const { socket } = await client('/missed');
  let bytes = 0;
  for await (const chunk of socket) {
    bytes += chunk.length;
    if (bytes > 20 * 1024 * 1024) break;
  }
  assert.ok(bytes > 20 * 1024 * 1024);
});
