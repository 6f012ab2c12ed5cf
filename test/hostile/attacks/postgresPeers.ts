import assert from 'node:assert/strict';
import { join } from 'node:path';
import { until } from '../../durable/serviceProcess.ts';
import { clockLimitHere } from '../../machineSpeed.ts';
import type { Attack } from '../attack.ts';
import { sharedPostgres, spoiltPostgres, type Weather } from '../attackedPostgres.ts';
import { contentAttacks } from '../hostileContents.ts';
import { postCall, readable, recovered, storeCall } from '../storeWitness.ts';

/** How long, in milliseconds, a list may take to be answered: 3 s for a connection, 5 s for a statement, and the machine. */
const ANSWERED_WITHIN_MS = 12_000;

/** What PostgreSQL does. Whether the API still has an answer. */
const WEATHERS: Readonly<Record<Exclude<Weather, 'fine'>, { readonly what: string; readonly answers: boolean }>> = {
  slow: { what: 'takes 200 ms for each packet', answers: true },
  silent: { what: 'falls silent', answers: false },
  garbage: { what: 'answers garbage', answers: false },
  refusing: { what: 'refuses connections', answers: false },
  resetting: { what: 'resets each connection after 50 ms', answers: true },
};

const peers: readonly Attack[] = Object.entries(WEATHERS).map(
  ([weather, { what, answers }]): Attack => ({
    what: `PostgreSQL: the server ${what}, and recovers`,
    async run(ground) {
      const postgres = await spoiltPostgres();
      try {
        const target = await ground.ownService({
          DATABASE_URL: postgres.url,
          JOURNAL_DIR: join(ground.directory(), 'j'),
        });
        await storeCall(target, 'before');
        postgres.set(weather as Weather);
        for (let i = 0; i < 50; i += 1) assert.equal(await postCall(target, `during-${i}`), 204);
        const began = performance.now();
        const { status } = await target.send('/api/v1/calls');
        const ms = performance.now() - began;
        assert.ok(ms < (await clockLimitHere(ANSWERED_WITHIN_MS, ms)), `${ms} ms`);
        assert.ok(status === 503 || (answers && status === 200), String(status));
        // A load balancer that took it out of service would lose webhooks.
        assert.equal((await target.send('/readyz')).status, 200);
        const { waitedMs } = await target.prober.take();
        assert.ok(waitedMs < (await clockLimitHere(3_000, waitedMs)), `/healthz waited ${waitedMs} ms`);
        postgres.set('fine');
        await recovered(target);
        for (const i of [0, 25, 49]) {
          await readable(target, `during-${i}`);
        }
        await until('nothing waits', async () => (await target.sample('sipwhy_journal_backlog_bytes')) === 0);
        assert.ok(
          (target.log().match(/PostgreSQL is unavailable/g)?.length ?? 0) <= (weather === 'resetting' ? 20 : 2),
        );
        await target.end('SIGKILL');
      } finally {
        await postgres.remove();
      }
    },
  }),
);

const stopping: Attack = {
  what: 'PostgreSQL: the server is silent while the service stops',
  async run(ground) {
    const postgres = await spoiltPostgres();
    try {
      const target = await ground.ownService({
        DATABASE_URL: postgres.url,
        JOURNAL_DIR: join(ground.directory(), 'j'),
      });
      await storeCall(target, 'before');
      postgres.set('silent');
      assert.equal(await postCall(target, 'during'), 204);
      const began = performance.now();
      assert.equal(await target.end('SIGTERM'), 0);
      const ms = performance.now() - began;
      assert.ok(ms < (await clockLimitHere(20_000, ms)), `${ms} ms`);
    } finally {
      await postgres.remove();
    }
  },
};

const contents = contentAttacks('PostgreSQL', async (ground) => ground.service(await sharedPostgres.settings()));

export const postgresPeers: readonly Attack[] = [...contents, ...peers, stopping];
