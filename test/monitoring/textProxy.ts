import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Passes scrapes on and asks for Prometheus' text format: this Prometheus would always ask for OpenMetrics. */
export async function startTextProxy(target: string) {
  const server = createServer(async (request, response) => {
    const answer = await fetch(target + request.url, { headers: { accept: 'text/plain;version=0.0.4' } });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(await answer.text());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // The cast is Node's own: a server on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
