import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import Fastify from 'fastify';
import { Pool } from 'undici';
import { jambonzRoutes } from '../../src/http/jambonzRoutes.ts';
import { liveKitRoutes } from '../../src/http/livekitRoute.ts';
import { startService } from '../app/service.ts';
import { clockLimitHere } from '../machineSpeed.ts';
import { startReady, until } from './serviceProcess.ts';

const FLOOD_MS = 5_000;
const CONNECTIONS = 200;
/** How soon, in milliseconds, an orchestrator wants an answer: its probes give up after a second or some. */
const PROBE_LIMIT_MS = 5_000;

describe('a flood of webhooks', () => {
  it('is taken as far as the disk goes, while /healthz and /metrics answer, and leaves nothing behind', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    const path = join(directory, 'store.db');
    const service = await startReady({ DATABASE_URL: path });
    const pool = new Pool(service.url, { connections: CONNECTIONS });
    const answers = new Map<number, number>();
    const pad = 'x'.repeat(400);
    const end = performance.now() + FLOOD_MS;
    const flood = Promise.all(
      Array.from({ length: CONNECTIONS }, async (_, sender) => {
        for (let i = 0; performance.now() < end; i += 1) {
          const body = JSON.stringify({ call_sid: `${sender}-${i}`, call_status: 'trying', direction: 'inbound', pad });
          const { statusCode, body: answer } = await pool.request({
            path: '/jambonz/call-status',
            method: 'POST',
            body,
          });
          await answer.dump();
          answers.set(statusCode, (answers.get(statusCode) ?? 0) + 1);
        }
      }),
    );
    const probes: number[] = [];
    while (performance.now() < end) {
      for (const route of ['/healthz', '/readyz', '/metrics']) {
        const began = performance.now();
        const answer = await fetch(service.url + route);
        await answer.arrayBuffer();
        assert.equal(answer.status, 200, route);
        probes.push(performance.now() - began);
      }
      await setTimeout(100);
    }
    await flood;
    await pool.close();
    // Nothing is refused that the journal can take.
    assert.deepEqual([...answers.keys()], [204]);
    const longestMs = Math.max(...probes);
    assert.ok(
      longestMs < (await clockLimitHere(PROBE_LIMIT_MS, longestMs)),
      `a probe waited ${longestMs.toFixed(0)} ms`,
    );

    const taken = answers.get(204) ?? 0;
    const accepted = 'sipwhy_webhooks_total{source="jambonz",event="call_status",result="accepted"}';
    assert.equal(await service.sample(accepted), taken);
    await until('the store has all', async () => (await service.sample('sipwhy_journal_backlog_bytes')) === 0);
    await until('the API answers', async () => {
      const answer = await fetch(`${service.url}/api/v1/calls?limit=1`);
      await answer.arrayBuffer();
      return answer.status === 200;
    });
    assert.equal(await service.end('SIGTERM'), 0);
    const db = new DatabaseSync(path);
    assert.equal(db.prepare('SELECT COUNT(*) AS n FROM events').get()?.n, taken);
    db.close();
    await rm(directory, { recursive: true });
  });
});

describe('the journal', () => {
  it('that cannot keep up is answered with 503 and when to come again, and counted', async () => {
    const { app, samples } = await startService({});
    try {
      // What the routes do with it; that the journal says so is shown above.
      const busy = await routesWithBusyJournal();
      for (const [url, type] of [
        ['/jambonz/call-status', 'application/json'],
        ['/jambonz/dial-action', 'application/json'],
        ['/livekit/webhook', 'application/webhook+json'],
      ] as const) {
        const payload = JSON.stringify({ call_sid: 'x', call_status: 'trying', event: 'room_started', id: 'EV_1' });
        const answer = await busy.http.inject({ method: 'POST', url, headers: { 'content-type': type }, payload });
        assert.equal(answer.statusCode, 503, url);
        assert.equal(answer.headers['retry-after'], '1');
        assert.equal(answer.json().type, 'urn:sipwhy:problem:store_busy');
      }
      assert.deepEqual(busy.counted, ['call_status store_busy', 'dial_action store_busy', 'room_started store_busy']);
      await busy.http.close();
      const { body } = await app.http.inject('/metrics');
      assert.match(body, /sipwhy_webhooks_total\{source="jambonz",event="call_status",result="store_busy"\} 0/);
      assert.deepEqual(await samples('sipwhy_webhooks_total'), {});
    } finally {
      await app.close();
    }
  });
});

/** The webhooks' routes alone, before a journal that takes nothing. */
async function routesWithBusyJournal() {
  const counted: string[] = [];
  const jambonz = {
    trust: { secrets: [], basicAuth: undefined, toleranceSeconds: 300 },
    now: Date.now,
    isForwardingLoop: () => false,
    seal: undefined,
    take: async () => 'store_busy' as const,
    onWebhook: (event: string, outcome: string) => counted.push(`${event} ${outcome}`),
    askForVerbs: undefined,
    onAnswered() {},
    onAnsweredEarly() {},
  };
  const livekit = {
    trust: { keys: [], toleranceSeconds: 60, acceptsUnsigned: true },
    now: Date.now,
    take: async () => 'store_busy' as const,
    onWebhook: (event: string, outcome: string) => counted.push(`${event} ${outcome}`),
    onAnswered() {},
  };
  const http = Fastify();
  await http.register(jambonzRoutes, jambonz);
  await http.register(liveKitRoutes, livekit);
  return { http, counted };
}
