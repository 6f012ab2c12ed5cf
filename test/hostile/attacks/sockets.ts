import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { WebSocket } from 'ws';
import { until } from '../../durable/serviceProcess.ts';
import type { Attack } from '../attack.ts';
import type { Target } from '../attackedService.ts';
import { closeCode, connected, counted } from '../jambonzPeer.ts';

const brackets = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const status = (data: string) => `{"type":"call:status","msgid":"1","data":${data}}`;

/** Frames that Jambonz never sends, and how each is counted. The socket goes on. */
const FRAMES: Readonly<Record<string, readonly [frame: string | Buffer, result: string, event?: string]>> = {
  'bytes of a photograph': [Buffer.alloc(1_000, 0xff), 'invalid'],
  'JSON as bytes': [Buffer.from(status('{}')), 'invalid'],
  nothing: ['', 'invalid'],
  'JSON that ends early': ['{"type":', 'invalid'],
  'a list': ['[]', 'invalid'],
  null: ['null', 'invalid'],
  'no type': ['{"msgid":"1"}', 'invalid'],
  'a type that is a number': ['{"type":1}', 'invalid'],
  'a msgid that is an object': ['{"type":"x","msgid":{}}', 'invalid'],
  'a msgid of 10 KB': [`{"type":"x","msgid":"${'x'.repeat(10_000)}"}`, 'invalid'],
  'a type of the prototype': ['{"__proto__":{"type":"call:status"}}', 'invalid'],
  '20,000 keys': [
    `{"type":"call:status",${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join(',')}}`,
    'invalid',
  ],
  'a type that nobody knows': ['{"type":"session:steal","msgid":"1"}', 'ignored'],
  'a session that nobody asked for': ['{"type":"session:new","msgid":"1","data":{"call_sid":"a"}}', 'ignored'],
  'a status without data': ['{"type":"call:status"}', 'invalid', 'call_status'],
  'a status whose data is text': [status('"x"'), 'invalid', 'call_status'],
  'a status whose data is a list': [status('[]'), 'invalid', 'call_status'],
  'a status of 9,000 letters': [
    status(`{"call_sid":"a","call_status":"trying","from":"${'5'.repeat(9_000)}"}`),
    'invalid',
    'call_status',
  ],
  ...Object.fromEntries(
    [65, 3_000, 4_500, 5_500, 7_000, 10_000, 60_000].map((depth) => [
      `nested ${depth} deep`,
      [status(brackets(depth)), 'invalid'],
    ]),
  ),
};

/** Bytes on an open socket that are no frames, or too long, and the code with which the service closes it. */
const ENDS: Readonly<Record<string, readonly [attack: (socket: WebSocket) => void, code: number]>> = {
  'a frame of 300 KB': [(socket) => socket.send('x'.repeat(300 * 1024)), 1009],
  'fragments of 300 KB together': [(socket) => fragments(socket, 300, 'x'.repeat(1024)), 1009],
  'a frame that says it has 8 exabytes': [
    (socket) => raw(socket, [0x81, 0xff, 0x7f, ...Array(7).fill(0xff), 0, 0, 0, 0]),
    1009,
  ],
  'a frame that is not masked': [(socket) => raw(socket, [0x81, 0x01, 0x41]), 1002],
  'a frame of a reserved kind': [(socket) => raw(socket, [0x83, 0x80, 0, 0, 0, 0]), 1002],
  'a frame with reserved bits': [(socket) => raw(socket, [0xf1, 0x80, 0, 0, 0, 0]), 1002],
  'a continuation of nothing': [(socket) => raw(socket, [0x80, 0x80, 0, 0, 0, 0]), 1002],
  'a ping in fragments': [(socket) => raw(socket, [0x09, 0x80, 0, 0, 0, 0]), 1002],
  'a ping of 126 bytes': [(socket) => raw(socket, [0x89, 0xfe, 0, 126, 0, 0, 0, 0]), 1002],
  'a close with a code that is none': [(socket) => raw(socket, [0x88, 0x82, 0, 0, 0, 0, 0, 1]), 1002],
  'text that is no UTF-8': [(socket) => raw(socket, [0x81, 0x82, 0, 0, 0, 0, 0xff, 0xff]), 1007],
  'a request of HTTP': [(socket) => raw(socket, [...Buffer.from('GET / HTTP/1.1\r\n\r\n')]), 1002],
};

/** Bytes past ws, which would not send them. */
function raw(socket: WebSocket, bytes: readonly number[]): void {
  // The cast: ws keeps its connection there.
  (socket as unknown as { _socket: Socket })._socket.write(Buffer.from(bytes));
}

/** The bytes of a text frame, its mask all zeros. */
function frameOf(text: string): number[] {
  return [0x81, 0x80 + text.length, 0, 0, 0, 0, ...Buffer.from(text)];
}

function fragments(socket: WebSocket, count: number, part: string): void {
  for (let i = 0; i < count; i += 1) socket.send(part, { fin: i === count - 1 });
}

const frames: readonly Attack[] = Object.entries(FRAMES).map(
  ([name, [frame, result, event]]): Attack => ({
    what: `a frame: ${name}`,
    ...(name === 'nested 4500 deep' && { faults: [1] }),
    async run(ground) {
      const service = await ground.service();
      const before = await counted(service, result, event);
      const socket = await connected(service);
      socket.send(frame);
      await until('it is counted', async () => (await counted(service, result, event)) > before);
      assert.equal(socket.readyState, socket.OPEN);
      socket.terminate();
    },
  }),
);

/** Runs in the service's process, and throws in the middle of nowhere each time that a file appears. */
const SABOTAGE = (folder: string) => `
  import { rmSync, existsSync } from 'node:fs';
  import { isMainThread } from 'node:worker_threads';
  const thread = isMainThread ? 'door' : 'engine';
  setInterval(() => {
    for (const how of ['throws', 'rejects']) {
      const path = ${JSON.stringify(`${folder}/`)} + thread + '-' + how;
      if (!existsSync(path)) continue;
      rmSync(path);
      if (how === 'throws') throw new Error('thrown in a timer');
      void Promise.reject(new Error('rejected in a timer'));
    }
  }, 5).unref();
`;

const callbacks: readonly Attack[] = ['door', 'engine'].flatMap((thread) =>
  ['throws', 'rejects'].map(
    (how): Attack => ({
      what: `a callback of the ${thread} ${how} ten times`,
      faults: [1],
      async run(ground) {
        const folder = ground.directory();
        const sabotage = join(folder, 'sabotage.mjs');
        writeFileSync(sabotage, SABOTAGE(folder));
        const service: Target = await ground.ownService({ NODE_OPTIONS: `--import=${sabotage}` });
        const errors = () => service.sample(`sipwhy_internal_errors_total{where="${thread}"}`);
        for (let i = 1; i <= 10; i += 1) {
          writeFileSync(join(folder, `${thread}-${how}`), '');
          await until('it is counted', async () => (await errors()) === i);
        }
        assert.equal(
          (await service.post('/jambonz/call-status', { call_sid: 'a', call_status: 'trying' })).status,
          204,
        );
        assert.equal(service.log().split(`${how === 'throws' ? 'thrown' : 'rejected'} in a timer","stack`).length, 2);
      },
    }),
  ),
);

export const sockets: readonly Attack[] = [
  ...frames,
  ...callbacks,
  {
    what: '20 malformed frames on one socket',
    async run(ground) {
      const service = await ground.service();
      const socket = await connected(service);
      for (let i = 0; i < 20; i += 1) socket.send('{');
      assert.equal(await closeCode(socket), 1008);
    },
  },
  ...Object.entries(ENDS).map(
    ([name, [attack, code]]): Attack => ({
      what: `a socket is closed: ${name}`,
      async run(ground) {
        const socket = await connected(await ground.service());
        attack(socket);
        assert.equal(await closeCode(socket), code);
      },
    }),
  ),
  {
    what: '500 statuses in one packet of a socket',
    async run(ground) {
      const service = await ground.service();
      const before = await counted(service, 'accepted', 'call_status');
      const socket = await connected(service);
      const frames = Array.from({ length: 500 }, (_, i) => status(`{"call_sid":"packet-${i}","call_status":"trying"}`));
      raw(socket, frames.flatMap(frameOf));
      const all = async () => (await counted(service, 'accepted', 'call_status')) === before + 500;
      await until('they are counted', all);
      socket.terminate();
    },
  },
  {
    what: '200 sockets at once, each with a frame that nests',
    faults: [1],
    async run(ground) {
      const service = await ground.service();
      const opened = await Promise.all(Array.from({ length: 200 }, () => connected(service)));
      const before = await counted(service, 'invalid');
      for (const socket of opened) socket.send(status(brackets(5_000)));
      await until('they are counted', async () => (await counted(service, 'invalid')) >= before + 200);
      for (const socket of opened) socket.terminate();
    },
  },
];
