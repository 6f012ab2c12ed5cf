import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the fake answers. */
export interface LiveKitConfiguration {
  inbound_trunks: object[];
  dispatch_rules: object[];
  /** `down` answers 503, `slow` never answers. */
  state: 'up' | 'down' | 'slow';
  /** Most items of one answer where the request asks for a page; all in one answer where it is undefined. */
  pageSize?: number;
}

/** A stand-in for LiveKit's SIP API: Twirp JSON, answered from recorded configuration, with its passwords in clear. */
export async function startLiveKitApi(configuration: LiveKitConfiguration) {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push(request.url ?? '');
    if (configuration.state === 'slow') return;
    if (configuration.state === 'down') {
      response.writeHead(503, { 'content-type': 'application/json' }).end('{"code":"unavailable","msg":"down"}');
      return;
    }
    const isTrunks = request.url?.endsWith('/livekit.SIP/ListSIPInboundTrunk');
    const key = isTrunks ? 'sip_trunk_id' : 'sip_dispatch_rule_id';
    const all = isTrunks ? configuration.inbound_trunks : configuration.dispatch_rules;
    const sorted = all.toSorted((a, b) => (String(Reflect.get(a, key)) < String(Reflect.get(b, key)) ? -1 : 1));
    const { page } = JSON.parse(body || '{}') as { page?: { afterId?: string } };
    const { pageSize } = configuration;
    const items =
      pageSize === undefined
        ? sorted
        : sorted.filter((item) => String(Reflect.get(item, key)) > (page?.afterId ?? '')).slice(0, pageSize);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The cast is what listening on a port makes it.
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    requests,
    /** Cuts every connection, those that wait for an answer too. */
    drop: () => server.closeAllConnections(),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
