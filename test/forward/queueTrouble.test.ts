import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { Application } from '../../src/forward/application.ts';
import { type Queue, StatusQueue, type Turn } from '../../src/forward/statusQueue.ts';
import { statusQueueEvents } from '../../src/service/statusForwarding.ts';
import { metricsAlone } from '../app/metrics/metricsAlone.ts';
import { startApplication, until } from './fakeApplication.ts';

/** A queue in memory on a disk that can be full, or broken. */
function queueOf(calls: number) {
  const waiting = new Set(Array.from({ length: calls }, (_, i) => `call ${i}`));
  const disk = { isFull: false, isBroken: false, failed: 0 };
  const failIf = (fails: boolean) => {
    if (!fails) return;
    disk.failed += 1;
    throw new Error('database or disk is full');
  };
  const queue: Queue = {
    async due(_now, limit) {
      return [...waiting].slice(0, limit).map((callId) => ({ callId, failures: 0 }));
    },
    async ofCall() {
      failIf(disk.isBroken);
      return [{ seq: 1, receivedAt: Date.now(), method: 'POST', query: '', headers: [], body: Buffer.from('{}') }];
    },
    async finish(turns: readonly Turn[]) {
      failIf(disk.isFull);
      for (const { callId } of turns) waiting.delete(callId);
    },
    count: async () => calls,
  };
  return { queue, disk, waiting };
}

describe('the queue of events to pass on', () => {
  for (const { what, flag, begins, ends } of [
    {
      what: 'written',
      flag: 'isFull',
      begins: /cannot record which call statuses were forwarded/,
      ends: /are recorded again/,
    },
    { what: 'read', flag: 'isBroken', begins: /cannot read the queue/, ends: /can be read again/ },
  ] as const) {
    it(`that cannot be ${what} is spoken of once when that begins, and once when it is over`, async () => {
      const application = await startApplication((response) => void response.writeHead(204).end());
      const { queue, disk, waiting } = queueOf(40);
      const said: string[] = [];
      const logger = pino({}, { write: (line: string) => void said.push(JSON.parse(line).msg) });
      const options = { timeoutMs: 1_000, connections: 1, instance: 'one', onCircuit: () => {} };
      const passedTo = new Application(application.url, options);
      const forwarding = new StatusQueue(queue, passedTo, statusQueueEvents(metricsAlone(), logger), {
        now: Date.now,
        isSteady: true,
      });
      disk[flag] = true;
      try {
        await forwarding.start();
        await until('it has failed several times', () => disk.failed > 5);
        assert.equal(said.length, 1, said.join('\n'));
        assert.match(said[0] ?? '', begins);
        disk[flag] = false;
        await until('all is passed on', () => waiting.size === 0 && said.length > 1);
        assert.equal(said.length, 2, said.join('\n'));
        assert.match(said[1] ?? '', ends);
      } finally {
        await forwarding.close();
        await application.close();
      }
    });
  }
});
