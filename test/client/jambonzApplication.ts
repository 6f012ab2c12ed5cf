import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { hasEnded, until } from '../durable/serviceProcess.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The pieces of JavaScript on a page of the documentation. */
export function snippetsOf(page: string): string[] {
  const text = readFileSync(join(ROOT, 'docs/connect', page), 'utf8');
  return [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = '']) => code);
}

/** Makes a folder in which an application finds `sipwhy/client` and Jambonz's packages, as if they were installed. */
export function prepareApplication(directory: string): void {
  const installed = join(directory, 'node_modules');
  mkdirSync(join(directory, 'sipwhy'));
  mkdirSync(installed);
  const exports = { './client': './client/sipwhyClient.ts' };
  writeFileSync(join(directory, 'sipwhy/package.json'), JSON.stringify({ name: 'sipwhy', type: 'module', exports }));
  // Copied, because Node strips no types below node_modules, and follows the link.
  cpSync(join(ROOT, 'src/client'), join(directory, 'sipwhy/client'), { recursive: true });
  symlinkSync(join(directory, 'sipwhy'), join(installed, 'sipwhy'));
  symlinkSync(join(ROOT, 'node_modules/@jambonz'), join(installed, '@jambonz'));
}

/** Starts an application on a free port. */
export async function startApplication(directory: string, code: string, env: Readonly<Record<string, string>>) {
  const file = join(directory, `application-${Math.floor(performance.now())}.mjs`);
  writeFileSync(file, code);
  const port = await freePort();
  const child = spawn(process.execPath, [file], {
    env: { ...PLAIN_ENVIRONMENT, PORT: `${port}`, ...env },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  await until('it listens', async () => hasEnded(child) || (await isListening(port)));
  return {
    url: `ws://127.0.0.1:${port}/`,
    errors: () => errors,
    exitCode: () => child.exitCode,
    async end(): Promise<void> {
      if (hasEnded(child)) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Jambonz's side of the socket of one call. */
export async function callApplication(url: string) {
  const socket = new WebSocket(url, 'ws.jambonz.org');
  const received: { type: string; msgid?: string; data?: Record<string, unknown>[] }[] = [];
  socket.on('message', (frame) => received.push(JSON.parse(String(frame))));
  await once(socket, 'open');
  let count = 0;
  return {
    /** Sends a frame. */
    send(type: string, data: object, hook?: string): string {
      count += 1;
      const msgid = `m${count}`;
      socket.send(JSON.stringify({ type, msgid, hook, call_sid: (data as { call_sid?: string }).call_sid, data }));
      return msgid;
    },
    /** The verbs with which the application answers a frame. */
    async answerTo(msgid: string) {
      const find = () => received.find((one) => one.type === 'ack' && one.msgid === msgid);
      await until(`it answers ${msgid}`, () => find() !== undefined);
      return find()?.data;
    },
    close: () => socket.terminate(),
  };
}

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // The cast holds for whatever listens on a port.
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
