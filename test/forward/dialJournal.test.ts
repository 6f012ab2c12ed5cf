import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import Fastify from 'fastify';
import { type JambonzRoutes, jambonzRoutes } from '../../src/http/jambonzRoutes.ts';
import { startService } from '../app/service.ts';
import { clockLimitHere } from '../machineSpeed.ts';

const BODY = JSON.stringify({ call_sid: 'a1', call_status: 'in-progress', dial_sip_status: 503 });
const VERBS = '[{"verb":"hangup"}]';

/** The dial hook with a journal that behaves as told. */
async function hookWith(take: JambonzRoutes['take'], asks = true) {
  const outcomes: string[] = [];
  let early = 0;
  const app = Fastify();
  await app.register(jambonzRoutes, {
    trust: { secrets: [], basicAuth: undefined, toleranceSeconds: 300 },
    now: Date.now,
    seal: undefined,
    take,
    isForwardingLoop: () => false,
    askForVerbs: asks
      ? async () => {
          outcomes.push('asked');
          return {
            status: 200,
            contentType: 'application/json',
            contentEncoding: undefined,
            body: Buffer.from(VERBS),
          };
        }
      : undefined,
    onWebhook: (_hook, outcome) => outcomes.push(outcome),
    onAnswered: () => {},
    onAnsweredEarly: () => {
      early += 1;
    },
  });
  const answer = await app.inject({ method: 'POST', url: '/jambonz/dial-action', payload: BODY });
  return { status: answer.statusCode, body: answer.body, outcomes, early };
}

describe('the journal of a dial hook that is passed on', () => {
  it('fails without the caller hearing of it, and is counted', async () => {
    const answered = await hookWith(() => Promise.reject(new Error('the disk is full')));
    assert.deepEqual(answered, { status: 200, body: VERBS, outcomes: ['asked', 'store_failed'], early: 0 });
  });

  it('refuses the hook where there is no application whose verbs could be given', async () => {
    const answered = await hookWith(() => Promise.reject(new Error('the disk is full')), false);
    assert.equal(answered.status, 503);
    assert.deepEqual(answered.outcomes, ['store_failed']);
  });

  it('that hangs does not keep the caller waiting, and is counted', async () => {
    const answered = await hookWith(() => new Promise(() => {}));
    assert.deepEqual(answered, { status: 200, body: VERBS, outcomes: ['asked'], early: 1 });
  });

  it('is waited for while it is quick', async () => {
    let isWritten = false;
    const answered = await hookWith(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      isWritten = true;
      return 'accepted';
    });
    assert.ok(isWritten);
    assert.deepEqual(answered, { status: 200, body: VERBS, outcomes: ['asked', 'accepted'], early: 0 });
  });
});

/** An application that takes 20 ms, on an event loop of its own, as it is elsewhere. */
const APPLICATION = `
  const { createServer } = require('node:http');
  const { parentPort } = require('node:worker_threads');
  const server = createServer((request, response) => {
    request.resume().on('end', () => setTimeout(() => response.end('[]'), 20));
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

describe('the time that sipwhy adds to a dial hook', () => {
  it('is less than 5 ms, or more on a slow machine, with the event on disk', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    const application = new Worker(APPLICATION, { eval: true });
    const [port] = await once(application, 'message');
    const direct = `http://127.0.0.1:${port}/`;
    const service = await startService({
      DATABASE_URL: join(directory, 'sipwhy.db'),
      DIAL_ACTION_FORWARD_URL: direct,
    });
    try {
      const through = `${await service.app.http.listen({ port: 0 })}/jambonz/dial-action`;
      let calls = 0;
      const time = async (url: string) => {
        calls += 1;
        const began = performance.now();
        const answer = await fetch(url, { method: 'POST', body: BODY.replace('a1', `a${calls}`) });
        assert.deepEqual(await answer.json(), []);
        return performance.now() - began;
      };
      // Other work on the machine slows most of the calls, and not the quickest tenth, of either way, taken in turn.
      const quick = (times: number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 10)] ?? 0;
      const times = { direct: [] as number[], through: [] as number[] };
      const added = () => quick(times.through) - quick(times.direct);
      while (times.through.length < 50 || (added() >= 5 && times.through.length < 1_000)) {
        times.direct.push(await time(direct));
        times.through.push(await time(through));
      }
      t.diagnostic(`added ${added().toFixed(2)} ms to ${quick(times.direct).toFixed(2)} ms`);
      assert.ok(added() < (await clockLimitHere(5, added())), `${added()} ms`);
    } finally {
      await service.app.close();
      await application.terminate();
      await rm(directory, { recursive: true });
    }
  });
});
