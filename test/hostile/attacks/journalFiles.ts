import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { until } from '../../durable/serviceProcess.ts';
import { PATIENCE_MS } from '../../machineSpeed.ts';
import type { Attack } from '../attack.ts';
import type { Target } from '../attackedService.ts';
import { assertSaidOnce, isInJournal, noticed, postCall, readable, recovered, storeCall } from '../storeWitness.ts';

/** What happens to the directory of the journal while the service runs, so that nothing more can be kept in it. */
const LOSSES: Readonly<Record<string, (directory: string) => void>> = {
  'deletes the directory': (directory) => rmSync(directory, { recursive: true }),
  'moves the directory away': (directory) => renameSync(directory, `${directory}.away`),
  'replaces the directory by an empty one'(directory) {
    rmSync(directory, { recursive: true });
    mkdirSync(directory);
  },
  'replaces the directory by a file'(directory) {
    rmSync(directory, { recursive: true });
    writeFileSync(directory, '');
  },
};

/** What happens to the segment that is written to. Later webhooks go to another one. */
const DAMAGES: Readonly<Record<string, (segment: string) => void>> = {
  'deletes the segment': (segment) => rmSync(segment),
  'moves the segment away': (segment) => renameSync(segment, `${segment}.away`),
  'replaces the segment by a text'(segment) {
    rmSync(segment);
    writeFileSync(segment, 'hello');
  },
};

const REFUSED = /cannot write webhooks to disk/;

function journalOf({ directory }: Target): string {
  return join(directory, 'sipwhy.db.journal');
}

function segmentOf(target: Target): string {
  const [name] = readdirSync(journalOf(target)).filter((one) => one.endsWith('.log'));
  return join(journalOf(target), name ?? '');
}

const lost: readonly Attack[] = Object.entries(LOSSES).map(
  ([what, lose]): Attack => ({
    what: `journal: someone ${what} while it is open`,
    async run(ground) {
      const target = await ground.ownService();
      await storeCall(target, 'before');
      lose(journalOf(target));
      // Nothing is acknowledged that would be lost, not even before it is noticed.
      for (let i = 0; i < 5; i += 1) assert.equal(await postCall(target, `during-${i}`), 503);
      await noticed(target, 503);
      await readable(target, 'before');
      assert.equal((await target.send('/healthz')).status, 200);
      assertSaidOnce(target, REFUSED);
      assertSaidOnce(target, /sipwhy\.db\.journal was deleted or replaced/);
    },
  }),
);

const unnoticed: Attack = {
  what: 'journal: someone deletes the directory while no webhook arrives',
  async run(ground) {
    const target = await ground.ownService();
    rmSync(journalOf(target), { recursive: true });
    await noticed(target, 503);
    assertSaidOnce(target, REFUSED);
  },
};

const back: Attack = {
  what: 'journal: someone moves the directory away and back',
  async run(ground) {
    const target = await ground.ownService();
    await storeCall(target, 'before');
    renameSync(journalOf(target), `${journalOf(target)}.away`);
    await noticed(target, 503);
    renameSync(`${journalOf(target)}.away`, journalOf(target));
    await recovered(target);
    await storeCall(target, 'after');
    assert.ok(isInJournal(journalOf(target), 'after'));
    assertSaidOnce(target, REFUSED);
    assert.match(target.log(), /webhooks are written to disk again/);
  },
};

const damaged: readonly Attack[] = Object.entries(DAMAGES).map(
  ([what, damage]): Attack => ({
    what: `journal: someone ${what} while it is open`,
    async run(ground) {
      const target = await ground.ownService();
      await storeCall(target, 'before');
      damage(segmentOf(target));
      await until('webhooks are taken again', async () => (await postCall(target, 'after')) === 204);
      assert.ok(isInJournal(journalOf(target), 'after'));
      await recovered(target);
      await readable(target, 'after');
      assertSaidOnce(target, /\.log was deleted or replaced/);
    },
  }),
);

const others: readonly Attack[] = [
  {
    what: 'journal: someone empties the segment while it is open',
    async run(ground) {
      const target = await ground.ownService();
      await storeCall(target, 'before');
      truncateSync(segmentOf(target), 0);
      await storeCall(target, 'after');
      await readable(target, 'after');
    },
  },
  {
    what: 'journal: someone overwrites webhooks that wait for the store',
    async run(ground) {
      const target = await ground.ownService();
      await storeCall(target, 'before');
      const other = new DatabaseSync(join(target.directory, 'sipwhy.db'), { timeout: PATIENCE_MS });
      other.exec('BEGIN IMMEDIATE');
      const segment = segmentOf(target);
      const from = statSync(segment).size;
      assert.equal(await postCall(target, 'overwritten'), 204);
      const to = statSync(segment).size;
      spawnSync('dd', ['if=/dev/zero', `of=${segment}`, 'bs=1', `seek=${from}`, `count=${to - from}`, 'conv=notrunc']);
      assert.equal(await postCall(target, 'after'), 204);
      other.close();
      await until('it is stored', async () => (await target.send('/api/v1/calls/after')).status === 200);
      const isCounted = async () => (await target.sample('sipwhy_journal_damaged_bytes_total')) === to - from;
      // A try to store it that had begun before may have it in memory. Then nothing is lost.
      const isStored = () => isInStore(target, 'overwritten');
      await until('the rest is counted, or was read before', async () => isStored() || (await isCounted()));
      if (!isStored()) assert.match(target.log(), /the journal is damaged/);
    },
  },
  {
    what: 'journal: someone deletes a segment that waits for the store',
    async run(ground) {
      const target = await ground.ownService();
      await storeCall(target, 'before');
      const other = new DatabaseSync(join(target.directory, 'sipwhy.db'), { timeout: PATIENCE_MS });
      other.exec('BEGIN IMMEDIATE');
      assert.equal(await postCall(target, 'deleted'), 204);
      const closed = segmentOf(target);
      const segments = () => readdirSync(journalOf(target)).filter((one) => one.endsWith('.log')).length;
      await until('the next segment is begun', () => segments() === 2);
      // The feeder has looked, and backs off for up to 3 s.
      await setTimeout(4_000);
      rmSync(closed);
      const lost = async () => (await target.sample('sipwhy_journal_damaged_bytes_total')) > 0;
      await until('it is counted', lost);
      assert.equal(await postCall(target, 'after'), 204);
      other.close();
      await until('it is stored', async () => (await target.send('/api/v1/calls/after')).status === 200);
      const said = target.log().match(/segments of the journal were deleted before the store had them/g);
      assert.equal(said?.length, 1);
    },
  },
  {
    what: 'journal: no file may grow any more, and then again',
    async run(ground) {
      const target = await ground.ownService();
      await storeCall(target, 'before');
      const limit = (bytes: string) => {
        const { status, stderr } = spawnSync('prlimit', [
          '--pid',
          String(target.child.pid),
          `--fsize=${bytes}:unlimited`,
        ]);
        assert.equal(status, 0, String(stderr));
      };
      limit('100');
      for (let i = 0; i < 5; i += 1) assert.equal(await postCall(target, `during-${i}`), 503);
      await readable(target, 'before');
      assert.equal(await target.sample('sipwhy_store_up'), 0);
      limit('unlimited');
      await until('webhooks are taken again', async () => (await postCall(target, 'after')) === 204);
      await recovered(target);
    },
  },
];

export const journalFiles: readonly Attack[] = [...lost, unnoticed, back, ...damaged, ...others];

function isInStore({ directory }: Target, callSid: string): boolean {
  const store = new DatabaseSync(join(directory, 'sipwhy.db'), { readOnly: true });
  try {
    return store.prepare('SELECT 1 FROM events WHERE call_sid = ?').get(callSid) !== undefined;
  } finally {
    store.close();
  }
}
