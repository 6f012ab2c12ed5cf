import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { encodeWebhook } from '../../src/core/receive/webhook.ts';
import { JournalWriter } from '../../src/journal/journalWriter.ts';
import { openJournal, segmentPath } from '../../src/journal/segments.ts';
import { forwardsPath, StatusForwarding } from '../../src/service/statusForwarding.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { metricsAlone, scraped } from '../app/metrics/metricsAlone.ts';
import { startApplication, until } from './fakeApplication.ts';

const record = (n: number) =>
  encodeWebhook({
    id: `id-${n}`,
    source: 'call_status',
    form: 'json',
    moment: { at: Date.now(), receivedAt: Date.now(), precise: true },
    digest: `digest-${n}`,
    repeatWithinMs: 500,
    passOn: { method: 'POST', query: '', headers: [] },
    body: Buffer.from(JSON.stringify({ call_sid: 'c1', call_status: 'ringing', n })),
  });

describe('statuses in the journal', () => {
  let directory: string;
  let application: Awaited<ReturnType<typeof startApplication>>;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    application = await startApplication((response) => void response.writeHead(204).end());
  });
  afterEach(async () => {
    await application.close();
    await rm(directory, { recursive: true });
  });

  const received = () => application.received.map(({ body }) => JSON.parse(body).n);

  async function write(records: readonly Buffer[]): Promise<void> {
    const writer = new JournalWriter(directory, openJournal(directory), () => {});
    for (const payload of records) await writer.append(payload);
    await writer.close();
  }

  /** Begins to pass on what is in the journal now. */
  async function start(said: string[] = []) {
    const reading = readSettings({ DATABASE_URL: ':memory:', CALL_STATUS_FORWARD_URL: application.url });
    assert.ok(reading.ok);
    const log = { directory, ...openJournal(directory) };
    const logger = pino({}, { write: (line: string) => void said.push(JSON.parse(line).msg) });
    const metrics = metricsAlone();
    const forwarding = await StatusForwarding.start({
      settings: reading.settings,
      journal: log,
      instance: 'one',
      metrics,
      logger,
      clock: { now: Date.now, isSteady: true },
    });
    assert.ok(forwarding);
    return { forwarding, end: log.end, metrics };
  }

  /** The same, and resolves once the application has `count` requests. */
  async function passOn(count: number): Promise<void> {
    const { forwarding, end } = await start();
    await until('all of the journal is in the queue', async () => {
      await forwarding.feed();
      return forwarding.position.segment === end.segment && forwarding.position.offset === end.offset;
    });
    await until(`${count} requests`, () => application.received.length >= count && forwarding.backlog === 0);
    await forwarding.close();
  }

  it('are passed on without a store, and not again after a restart', async () => {
    await write([record(1), record(2)]);
    await passOn(2);
    await write([record(3)]);
    await passOn(3);
    assert.deepEqual(received(), [1, 2, 3]);
  });

  it('that come after one that this version cannot read are passed on', async () => {
    await write([record(1), Buffer.from('another form'), record(2)]);
    await passOn(2);
    assert.deepEqual(received(), [1, 2]);
  });

  it('are passed on where the journal begins anew while its queue is kept', async () => {
    await write([record(1)]);
    await write([record(2)]);
    await passOn(2);
    for (const segment of [1, 2]) await rm(segmentPath(directory, segment));
    await write([record(3)]);
    await passOn(3);
    assert.deepEqual(received(), [1, 2, 3]);
  });

  it('that cannot be put into the queue are spoken of once, and passed on as soon as they can', async () => {
    const said: string[] = [];
    const { forwarding, metrics } = await start(said);
    const queue = new DatabaseSync(forwardsPath(directory));
    const [table] = queue.prepare("SELECT sql FROM sqlite_master WHERE name = 'forwards'").all();
    queue.exec('DROP TABLE forwards');
    await write([record(1)]);
    const { end } = openJournal(directory);
    await forwarding.feed(end);
    await until('it has failed twice', async () => {
      const text = await scraped(metrics);
      return /^sipwhy_store_failures_total\{task="forward"\} [2-9]/m.test(text);
    });
    queue.exec(String(table?.sql));
    queue.close();
    await until('the status', () => application.received.length >= 1 && forwarding.backlog === 0);
    await forwarding.close();
    assert.deepEqual(received(), [1]);
    assert.deepEqual(said, [
      'cannot queue call statuses for CALL_STATUS_FORWARD_URL: they wait in the journal',
      'call statuses are queued for CALL_STATUS_FORWARD_URL again',
    ]);
  });
});
