import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { gzipSync } from 'node:zlib';

export interface Asked {
  readonly path: string;
  /** The request line and the headers. */
  readonly head: string;
  readonly body: string;
}

export type Answer = (socket: Socket, asked: Asked) => void;

/** A peer that answers requests with any bytes. It does not keep the process alive. */
export interface HostileServer {
  readonly port: number;
  readonly asked: readonly Asked[];
  /** How many bytes it has sent. */
  sentBytes(): number;
  /** Closes its connections. */
  drop(): void;
}

export async function startHostileServer(answer: Answer, tls?: TlsOptions): Promise<HostileServer> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  let closedBytes = 0;
  const onSocket = (socket: Socket) => {
    socket.unref();
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      closedBytes += socket.bytesWritten;
      sockets.delete(socket);
    });
    let received = '';
    socket.on('data', (part) => {
      received += part.toString('latin1');
      const end = received.indexOf('\r\n\r\n');
      const length = Number(/^content-length: (\d+)/im.exec(received)?.[1] ?? 0);
      if (end < 0 || received.length < end + 4 + length) return;
      const [, path = ''] = received.split(' ', 2);
      const one = { path, head: received.slice(0, end), body: received.slice(end + 4, end + 4 + length) };
      received = received.slice(end + 4 + length);
      asked.push(one);
      answer(socket, one);
    });
  };
  const server: Server = tls ? createTlsServer(tls, onSocket) : createServer(onSocket);
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    asked,
    sentBytes: () => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, closedBytes),
    drop() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

const CHUNK = Buffer.alloc(65_536, 'a');

/** Writes until the peer closes the connection. */
function forever(socket: Socket, bytes: string | Buffer): void {
  const more = () => {
    while (!socket.destroyed) if (!socket.write(bytes)) return void socket.once('drain', () => setImmediate(more));
  };
  more();
}

function every(ms: number, socket: Socket, bytes: string): void {
  const timer = setInterval(() => socket.write(bytes), ms).unref();
  socket.on('close', () => clearInterval(timer));
}

/** Answers with this status, these headers, and a body in JSON. */
export function reply(
  body: string | Buffer,
  status = '200 OK',
  headers = 'content-type: application/json\r\n',
): Answer {
  return (socket) => {
    socket.write(`HTTP/1.1 ${status}\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n`);
    socket.write(body);
  };
}

/** Redirects to a URL in all the ways there are. */
export function redirect(status: number, to: string): Answer {
  return reply('', `${status} Elsewhere`, `location: ${to}\r\n`);
}

const JSON_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

/** Answers that no honest peer gives. Each would hold or fill a client that does not bound it. */
export const HOSTILE_ANSWERS: Readonly<Record<string, Answer>> = {
  'a body without end': (socket) => {
    socket.write(`${JSON_HEAD}\r\n`);
    forever(socket, CHUNK);
  },
  'chunks without end': (socket) => {
    socket.write(`${JSON_HEAD}transfer-encoding: chunked\r\n\r\n`);
    forever(socket, Buffer.concat([Buffer.from('10000\r\n'), CHUNK, Buffer.from('\r\n')]));
  },
  'headers without end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    forever(socket, `x-more: ${'a'.repeat(1000)}\r\n`);
  },
  'one header of 10 MB': (socket) => socket.write(`HTTP/1.1 200 OK\r\nx-large: ${'a'.repeat(10_000_000)}\r\n\r\n`),
  'early hints without end': (socket) => forever(socket, 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'),
  'a body that drips': (socket) => {
    socket.write(`${JSON_HEAD}\r\n`);
    every(50, socket, ' ');
  },
  'headers that drip': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
    every(50, socket, 'a');
  },
  'no answer': () => {},
  'a reset': (socket) => socket.resetAndDestroy(),
  'a body cut short': (socket) => socket.end(`${JSON_HEAD}content-length: 100\r\n\r\n[`),
  'another protocol': (socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'),
  'a switch of protocols': (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
  'two lengths': (socket) => socket.write(`${JSON_HEAD}content-length: 2\r\ncontent-length: 5\r\n\r\n[]`),
  'a web page': reply('<!doctype html><title>Welcome</title>', '200 OK', 'content-type: text/html\r\n'),
  'brackets 200,000 deep': reply('['.repeat(200_000) + ']'.repeat(200_000)),
  'a number': reply('5'),
  'status 500': reply('{"msg":"out of order"}', '500 Internal Server Error'),
};

// Made beforehand, so that it comes within every time limit.
const BOMB = gzipSync(Buffer.alloc(100 * 1024 * 1024, ' '), { level: 1 });

/** 100 MB of spaces in less than 1 MB. */
export const gzipBomb: Answer = reply(BOMB, '200 OK', 'content-type: application/json\r\ncontent-encoding: gzip\r\n');
