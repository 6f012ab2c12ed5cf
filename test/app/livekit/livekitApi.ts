import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerWrite } from './livekitWrites.ts';

/** How the fake answers. */
export interface LiveKitConfiguration {
  inbound_trunks: object[];
  dispatch_rules: object[];
  /** `down` answers 503, `slow` never answers. */
  state: 'up' | 'down' | 'slow';
  /** Most items of one answer where the request asks for a page; all in one answer where it is undefined. */
  pageSize?: number;
  /** Somebody else acts after LiveKit was read so many times. */
  afterReading?: (count: number) => void;
  /** Somebody else acts after a write was received and before it is made. */
  beforeWrite?: (method: string) => void;
  /** The method that LiveKit refuses. */
  refuses?: string;
}

/**
 * A stand-in for LiveKit's SIP API: Twirp JSON, answered from recorded configuration, with its passwords in clear. It
 * makes the changes that it is asked for.
 */
export async function startLiveKitApi(configuration: LiveKitConfiguration) {
  const requests: string[] = [];
  const ended = { trunks: 0, rules: 0 };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push(request.url ?? '');
    if (configuration.state === 'slow') return;
    if (configuration.state === 'down') {
      response.writeHead(503, { 'content-type': 'application/json' }).end('{"code":"unavailable","msg":"down"}');
      return;
    }
    const method = request.url?.split('/').at(-1) ?? '';
    if (!method.startsWith('List')) {
      configuration.beforeWrite?.(method);
      if (configuration.refuses === method) {
        response
          .writeHead(429, { 'content-type': 'application/json' })
          .end('{"code":"resource_exhausted","msg":"limit"}');
        return;
      }
      const written = answerWrite(configuration, method, JSON.parse(body || '{}'));
      const { status, json } = written ?? { status: 404, json: { code: 'bad_route', msg: method } };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
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
    // A reading ends with the request for the page after the last.
    if (page?.afterId === undefined) return;
    if (isTrunks) ended.trunks += 1;
    else ended.rules += 1;
    if (ended.trunks === ended.rules) configuration.afterReading?.(ended.trunks);
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
