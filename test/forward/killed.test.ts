import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startProcess, until } from '../durable/serviceProcess.ts';
import { startApplication } from './fakeApplication.ts';

describe('statuses that are passed on', () => {
  it('all reach the application, in order per call, however often the service is killed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    // Slow enough that there is always something under way when the service is killed.
    const application = await startApplication((response) => setTimeout(() => response.writeHead(204).end(), 5));
    const env = { DATABASE_URL: join(directory, 'sipwhy.db'), CALL_STATUS_FORWARD_URL: application.url };
    const acknowledged: { call: string; n: number }[] = [];
    try {
      for (let round = 0; round < 3; round += 1) {
        const { child, url } = await startProcess(env);
        const killed = once(child, 'exit');
        await Promise.all(
          Array.from({ length: 10 }, async (_, c) => {
            for (let i = 0; child.exitCode === null && child.signalCode === null; i += 1) {
              const event = { call: `call-${c}`, n: round * 1_000_000 + i };
              const body = JSON.stringify({ call_sid: event.call, call_status: 'ringing', n: event.n });
              try {
                const answer = await fetch(`${url}/jambonz/call-status`, { method: 'POST', body });
                if (answer.status === 204) acknowledged.push(event);
              } catch {
                return;
              }
              if (acknowledged.length >= (round + 1) * 300) child.kill('SIGKILL');
            }
          }),
        );
        await killed;
      }
      const { child, url } = await startProcess(env);
      await until('all are passed on', () => {
        const events = application.received.map(({ body }) => JSON.parse(body) as { call_sid: string; n: number });
        const passedOn = new Set(events.map(({ call_sid, n }) => `${call_sid} ${n}`));
        return acknowledged.every(({ call, n }) => passedOn.has(`${call} ${n}`));
      });
      await until('no backlog', async () =>
        /^sipwhy_forward_backlog_events 0$/m.test(await (await fetch(`${url}/metrics`)).text()),
      );
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;

      assert.ok(acknowledged.length >= 900);
      const received = application.received.map(({ body }) => JSON.parse(body) as { call_sid: string; n: number });
      for (let c = 0; c < 10; c += 1) {
        const ofCall = received.filter(({ call_sid }) => call_sid === `call-${c}`).map(({ n }) => n);
        const wanted = acknowledged.filter(({ call }) => call === `call-${c}`).map(({ n }) => n);
        // Each at least once, and each for the first time in the order of the call.
        const firsts = [...new Set(ofCall)];
        assert.deepEqual(
          firsts.filter((n) => wanted.includes(n)),
          wanted,
        );
        assert.deepEqual(
          firsts,
          firsts.toSorted((a, b) => a - b),
        );
      }
    } finally {
      await application.close();
      await rm(directory, { recursive: true });
    }
  });
});
