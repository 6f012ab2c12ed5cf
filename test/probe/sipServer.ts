import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { LoggerFactory } from 'sip.js/lib/core/log/logger-factory.js';
import { IncomingRequestMessage } from 'sip.js/lib/core/messages/incoming-request-message.js';
import { constructOutgoingResponse } from 'sip.js/lib/core/messages/outgoing-response.js';
import { Parser } from 'sip.js/lib/core/messages/parser.js';
import type { KeyAndCertificate } from './certificates.ts';

/** What a server sends back for a request, message by message. */
export type Behaviour = (request: IncomingRequestMessage) => readonly string[];

export const healthy: Behaviour = (request) => [answer(request, 200)];
export const silent: Behaviour = () => [];

export interface SipServer {
  readonly port: number;
  /** Requests that came, in their order. */
  readonly requests: readonly IncomingRequestMessage[];
  close(): Promise<void>;
}

export function answer(request: IncomingRequestMessage, statusCode: number, reasonPhrase?: string): string {
  const options = { statusCode, userAgent: 'test', ...(reasonPhrase !== undefined && { reasonPhrase }) };
  return constructOutgoingResponse(request, options).message;
}

const logging = new LoggerFactory();
logging.builtinEnabled = false;

function parse(text: string): IncomingRequestMessage {
  const message = Parser.parseMessage(text, logging.getLogger('test'));
  if (!(message instanceof IncomingRequestMessage)) throw new Error(`not a SIP request: ${text}`);
  return message;
}

/** A SIP server on loopback, over UDP. */
export function startUdp(behaviour: Behaviour): Promise<SipServer> {
  const socket = createSocket('udp4');
  const requests: IncomingRequestMessage[] = [];
  socket.on('message', (datagram, from) => {
    const request = parse(datagram.toString());
    requests.push(request);
    for (const message of behaviour(request)) socket.send(message, from.port, from.address);
  });
  return new Promise((resolve) => {
    socket.bind(0, '127.0.0.1', () => {
      const close = () => new Promise<void>((closed) => socket.close(() => closed()));
      resolve({ port: socket.address().port, requests, close });
    });
  });
}

/** A SIP server on loopback, over TCP, or over TLS where it is given a certificate. */
export function startStream(behaviour: Behaviour, tls?: KeyAndCertificate): Promise<SipServer> {
  const requests: IncomingRequestMessage[] = [];
  const onConnection = (socket: Socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const text = bytes.toString();
      // A TLS handshake, or what else is no SIP, is met with silence.
      if (!text.startsWith('OPTIONS')) return;
      const request = parse(text);
      requests.push(request);
      for (const message of behaviour(request)) socket.write(message, 'latin1');
    });
  };
  return listen(tls ? createTlsServer(tls, onConnection) : createServer(onConnection), requests);
}

/** A server on loopback that does with each TCP connection what it is told. */
export function startTcp(onConnection: (socket: Socket) => void): Promise<SipServer> {
  return listen(createServer(onConnection), []);
}

function listen(server: Server, requests: readonly IncomingRequestMessage[]): Promise<SipServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  // A client that breaks the handshake off is the point of some tests.
  server.on('tlsClientError', () => {});
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      // The cast is what listening on a port makes it.
      const { port } = server.address() as AddressInfo;
      const close = () => {
        for (const socket of sockets) socket.destroy();
        return new Promise<void>((closed) => server.close(() => closed()));
      };
      resolve({ port, requests, close });
    });
  });
}

/** A port on loopback at which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await startTcp(() => {});
  await server.close();
  return server.port;
}
