import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { PATIENCE_MS } from '../../machineSpeed.ts';
import type { Attack } from '../attack.ts';
import type { Target } from '../attackedService.ts';

const STATUS = '{"call_sid":"a","call_status":"trying"}';
const head = (lines: string, path = '/jambonz/call-status', method = 'POST') =>
  `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${lines}\r\n`;
const SMUGGLED = `GET /api/v1/setup HTTP/1.1\r\nHost: localhost\r\n\r\n`;

/**
 * Bytes that two readers of HTTP may understand differently, or that none should. Each is refused, or its connection is
 * closed, and nothing behind it is answered.
 */
const REFUSED: Readonly<Record<string, string | Buffer>> = {
  'a length and chunks': `${head('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n')}0\r\n\r\n${SMUGGLED}`,
  'chunks and a length': `${head('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n')}0\r\n\r\n${SMUGGLED}`,
  'two lengths': `${head(`Content-Length: ${STATUS.length}\r\nContent-Length: 0\r\n`)}${STATUS}${SMUGGLED}`,
  'a list of lengths': `${head('Content-Length: 0, 5\r\n')}${SMUGGLED}`,
  'a length below zero': `${head('Content-Length: -1\r\n')}${SMUGGLED}`,
  'a length with a plus': `${head('Content-Length: +5\r\n')}12345${SMUGGLED}`,
  'a length in hexadecimal': `${head('Content-Length: 0x5\r\n')}12345${SMUGGLED}`,
  'a length of 25 digits': `${head('Content-Length: 9999999999999999999999999\r\n')}${SMUGGLED}`,
  'a chunk of no size': `${head('Transfer-Encoding: chunked\r\n')}\r\n${SMUGGLED}`,
  'a chunk of a size that is none': `${head('Transfer-Encoding: chunked\r\n')}zz\r\n${SMUGGLED}`,
  'a chunk below zero': `${head('Transfer-Encoding: chunked\r\n')}-1\r\n${SMUGGLED}`,
  'a chunk of 17 digits': `${head('Transfer-Encoding: chunked\r\n')}fffffffffffffffff\r\n${SMUGGLED}`,
  'a chunk longer than it says': `${head('Transfer-Encoding: chunked\r\n')}2\r\nabcdef\r\n0\r\n\r\n${SMUGGLED}`,
  'a chunk with an extension of 64 KB': `${head('Transfer-Encoding: chunked\r\n')}1;${'x'.repeat(65_536)}\r\na\r\n0\r\n\r\n`,
  'chunks within chunks': `${head('Transfer-Encoding: chunked, chunked\r\n')}0\r\n\r\n${SMUGGLED}`,
  'an encoding that is almost chunked': `${head('Transfer-Encoding: xchunked\r\n')}0\r\n\r\n${SMUGGLED}`,
  'an encoding with a tab': `${head('Transfer-Encoding:\x0bchunked\r\n')}0\r\n\r\n${SMUGGLED}`,
  'chunked, then identity': `${head('Transfer-Encoding: chunked, identity\r\n')}0\r\n\r\n${SMUGGLED}`,
  'a folded header': `${head('X-A: b\r\n c\r\nContent-Length: 0\r\n').replace(' c', '\x01c')}${SMUGGLED}`,
  'a space before the colon': `${head('Content-Length : 0\r\n')}${SMUGGLED}`,
  'a NUL in a header': `${head('X-A: a\0b\r\nContent-Length: 0\r\n')}${SMUGGLED}`,
  'a line break in a header': `${head('X-A: a\rb\r\nContent-Length: 0\r\n')}${SMUGGLED}`,
  'a header without a name': `${head(': a\r\nContent-Length: 0\r\n')}${SMUGGLED}`,
  'no Host': `GET /api/v1/setup HTTP/1.1\r\n\r\n${SMUGGLED}`,
  'two Hosts': `GET /api/v1/setup HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n`,
  'an empty Host': `GET /api/v1/setup HTTP/1.1\r\nHost: \r\n\r\n`,
  'a path with a space': `GET /api/v1 /setup HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  'a path with a NUL': `GET /api/v1/setup\0 HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  'no path': `GET HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  'a path of 20 KB': `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  'a query of 20 KB': `GET /api/v1/calls?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  'a header of 20 KB': head(`X-A: ${'x'.repeat(20_000)}\r\n`, '/api/v1/setup', 'GET'),
  'a header of 20 KB in its name': head(`${'x'.repeat(20_000)}: a\r\n`, '/api/v1/setup', 'GET'),
  '3,000 headers': head('X-A: 1\r\n'.repeat(3_000), '/api/v1/setup', 'GET'),
  'a cookie of 20 KB': head(`Cookie: ${'a=b; '.repeat(4_000)}\r\n`, '/api/v1/setup', 'GET'),
  'an unknown method': `STEAL /api/v1/setup HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  'a method of 10 KB': `${'X'.repeat(10_000)} / HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  CONNECT: `CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  'HTTP/0.9': 'GET /api/v1/setup\r\n\r\n',
  'HTTP/9.9': `GET /api/v1/setup HTTP/9.9\r\nHost: localhost\r\n\r\n`,
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a TLS handshake': Buffer.from('16030100c8010000c40303'.padEnd(400, '0'), 'hex'),
  'an SSH banner': 'SSH-2.0-OpenSSH_9.9\r\n',
  'a SIP request': 'OPTIONS sip:sipwhy SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n\r\n',
  '64 KB of zeros': Buffer.alloc(65_536),
  'a WebSocket of version 1': head(
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 1\r\nSec-WebSocket-Protocol: ws.jambonz.org\r\n',
    '/jambonz/ws',
    'GET',
  ),
  'a WebSocket without a key': head(
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ws.jambonz.org\r\n',
    '/jambonz/ws',
    'GET',
  ),
};

const refused = Object.entries(REFUSED).map(
  ([name, bytes]): Attack => ({
    what: `bytes: ${name}`,
    async run(ground) {
      const back = await (await ground.service()).sendBytes(bytes, 400);
      const answers = back.match(/HTTP\/1\.1 (\d{3})/g) ?? [];
      assert.ok(answers.length <= 1, back);
      assert.doesNotMatch(back, /HTTP\/1\.1 [23]|api_token_set|jambonz_webhook_seen/, back);
      assert.doesNotMatch(back, /HTTP\/1\.1 5/, back);
    },
  }),
);

/**
 * Peers that are slow or silent, and within how many milliseconds the service is rid of them: after 10 s for a head and
 * 20 s for all, up to 2 s later, and some more on a busy machine.
 */
const SLOW: Readonly<Record<string, readonly [withinMs: number, bytes: string, more?: string]>> = {
  'says nothing': [20_000, ''],
  'sends half a head': [20_000, 'POST /jambonz/call-status HTTP/1.1\r\nHost: localhost\r\n'],
  'sends a head letter by letter': [20_000, 'POST /jambonz/call-status HTTP/1.1\r\nHost: localhost\r\nX-A: ', 'x'],
  'sends half a body': [40_000, `${head('Content-Length: 100\r\n')}{`],
  'sends a body letter by letter': [40_000, head('Content-Length: 200000\r\n'), ' '],
  'sends chunks letter by letter': [40_000, head('Transfer-Encoding: chunked\r\n'), '1\r\nx\r\n'],
  'sends half a handshake': [20_000, 'GET /jambonz/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n', ' '],
};

/** All of them at once, so that the area waits only once. */
let slowPeers: Promise<Map<string, Promise<number>>> | undefined;

async function startSlowPeers(service: Target): Promise<Map<string, Promise<number>>> {
  return new Map(
    Object.entries(SLOW).map(([name, [, bytes, more]]) => [name, timeUntilClosed(service.port, bytes, more)]),
  );
}

function timeUntilClosed(port: number, bytes: string, more?: string): Promise<number> {
  return new Promise((resolve) => {
    const began = performance.now();
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const writing = setInterval(() => more !== undefined && socket.write(more), 500);
    const giveUp = setTimeout(() => socket.destroy(), 60_000);
    socket.on('error', () => {});
    socket.resume();
    socket.on('close', () => {
      clearInterval(writing);
      clearTimeout(giveUp);
      resolve(performance.now() - began);
    });
  });
}

const slow = Object.entries(SLOW).map(
  ([name, [withinMs]]): Attack => ({
    what: `a peer ${name}`,
    async run(ground) {
      slowPeers ??= startSlowPeers(await ground.service());
      const closedAfterMs = (await (await slowPeers).get(name)) ?? 0;
      assert.ok(closedAfterMs < withinMs, `closed after ${closedAfterMs} ms`);
    },
  }),
);

const json = (body: string) => `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
/** Requests that are sent in one packet, and with what they are answered: those beyond a limit with 429. */
const IN_ONE_PACKET: Readonly<Record<string, readonly [count: number, request: string, statuses: readonly number[]]>> =
  {
    '500 statuses': [500, `${head(json(STATUS))}${STATUS}`, [204]],
    '1,800 requests for nothing': [1_800, head('', '/x', 'GET'), [404]],
    '1,300 lists of calls': [1_300, head('', '/api/v1/calls', 'GET'), [200, 429, 503]],
    '1,800 pages': [1_800, head('', '/', 'GET'), [200, 429, 503]],
    '500 checks': [500, `${head(json('{"to":"1"}'), '/api/v1/check')}{"to":"1"}`, [200, 429, 503]],
    '150 scrapes': [150, head('', '/metrics', 'GET'), [200, 429]],
  };

const inOnePacket = Object.entries(IN_ONE_PACKET).map(
  ([what, [count, request, statuses]]): Attack => ({
    what: `${what} in one packet`,
    async run(ground) {
      const service = await ground.service();
      const last = request.replace('Host: localhost', 'Host: localhost\r\nConnection: close');
      const back = await service.sendBytes(`${request.repeat(count - 1)}${last}`, PATIENCE_MS);
      const answered = Array.from(back.matchAll(/HTTP\/1\.1 (\d+) /g), ([, status]) => Number(status));
      assert.equal(answered.length, count);
      assert.ok(
        answered.every((status) => statuses.includes(status)),
        `${[...new Set(answered)]}`,
      );
    },
  }),
);

const brokenOff: readonly Attack[] = [
  {
    what: '300 connections that break off in the middle of a body',
    async run(ground) {
      const service = await ground.service();
      const half = `${head('Content-Length: 1000\r\n')}{"call_sid":`;
      const broken = Array.from({ length: 300 }, () => service.sendBytes(half, 50));
      assert.deepEqual([...new Set(await Promise.all(broken))], ['']);
    },
  },
];

export const rawRequests: readonly Attack[] = [...slow, ...refused, ...inOnePacket, ...brokenOff];
