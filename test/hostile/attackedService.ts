import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Process, startReady } from '../durable/serviceProcess.ts';
import { HealthProber } from './healthProber.ts';
import { TURNS_TOLD } from './turnClock.ts';

const TURN_CLOCK = new URL('./turnClock.ts', import.meta.url).href;

interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A service under attack: a process of its own, with its store in a file. */
export interface Target extends Process {
  readonly port: number;
  /** Holds its store and its journal. */
  readonly directory: string;
  readonly prober: HealthProber;
  /** Sends one request with exactly these headers. Rejects where the connection breaks. */
  send(path: string, sent?: Sent): Promise<Reply>;
  /** Posts JSON. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  /** Sends bytes as they are, and resolves to all that came back until the peer closed, at most `withinMs`. */
  sendBytes(bytes: string | Buffer, withinMs?: number): Promise<string>;
}

/** Starts a service in a directory and resolves once it is ready. */
export async function startTarget(directory: string, env: Readonly<Record<string, string>> = {}): Promise<Target> {
  const started = await startReady({
    DATABASE_URL: join(directory, 'sipwhy.db'),
    ...env,
    NODE_OPTIONS: `--import=${TURN_CLOCK} ${env.NODE_OPTIONS ?? ''}`,
    [TURNS_TOLD]: '1',
  });
  const port = Number(new URL(started.url).port);
  const send = (path: string, { method = 'GET', headers = {}, body }: Sent = {}) =>
    new Promise<Reply>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part) => parts.push(part));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(parts).toString(),
          }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const prober = new HealthProber(port, started.child);
  // Its start takes long turns.
  await prober.take();
  return {
    ...started,
    port,
    directory,
    prober,
    send,
    post: (path, body, headers = {}) =>
      send(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    sendBytes: (bytes, withinMs = 1500) => bytesBack(port, bytes, withinMs),
  };
}

function bytesBack(port: number, bytes: string | Buffer, withinMs: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let back = '';
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(back);
    };
    const timer = setTimeout(end, withinMs);
    socket.on('data', (data) => {
      back += data.toString('latin1');
    });
    socket.on('error', end);
    socket.on('close', end);
  });
}
