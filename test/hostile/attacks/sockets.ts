import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../durable/serviceProcess.ts';
import type { Attack } from '../attack.ts';
import type { Target } from '../attackedService.ts';
import { closeCode, connected, counted } from '../jambonzPeer.ts';

const brackets = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const status = (data: string) => `{"type":"call:status","msgid":"1","data":${data}}`;

/** Frames that Jambonz never sends, and how each is counted. The socket goes on. */
const FRAMES: Readonly<Record<string, readonly [frame: string | Buffer, result: string, event?: string]>> = {
  ...Object.fromEntries(
    [65, 3_000, 4_500, 5_500, 7_000, 10_000, 60_000].map((depth) => [
      `nested ${depth} deep`,
      [status(brackets(depth)), 'invalid'],
    ]),
  ),
};

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
          await until('it is counted', async () => (await errors()) === i, 10_000);
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
];
