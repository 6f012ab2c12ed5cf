import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import type { Target } from './attackedService.ts';

/** Connects as Jambonz does. */
export async function connected(target: Target, options: ClientOptions = {}): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${target.port}/jambonz/ws`, 'ws.jambonz.org', options);
  await once(socket, 'open');
  // A socket that the service closes on purpose may also break.
  socket.on('error', () => {});
  return socket;
}

/** The status with which a handshake is answered; 101 if it succeeds. */
export function handshake(target: Target, path: string, options: ClientOptions = {}, protocol = 'ws.jambonz.org') {
  return new Promise<number>((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${target.port}${path}`, protocol, options);
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', reject);
  });
}

/** Resolves to the code with which the service closes the socket. */
export async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = await once(socket, 'close');
  return code as number;
}

/** How often the service counted a frame that is not a status as this. */
export function counted(target: Target, result: string, event = 'other'): Promise<number> {
  return target.sample(`sipwhy_webhooks_total{source="jambonz",event="${event}",result="${result}"}`);
}
