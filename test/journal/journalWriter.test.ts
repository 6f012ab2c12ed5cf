import assert from 'node:assert/strict';
import { constants, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { JournalPosition } from '../../src/core/receive/webhook.ts';
import { HEADER_BYTES } from '../../src/journal/frame.ts';
import { JournalWriter } from '../../src/journal/journalWriter.ts';
import { openJournal, segmentPath, segmentsIn } from '../../src/journal/segments.ts';
import { until } from '../store/storedEvents.ts';
import { onDisk } from './diskFaults.ts';
import { JournalDirectory, record } from './journalDirectory.ts';

const MIB = 1024 * 1024;

/** Waits without a timer, for tests in which timers are mocked. */
async function turnsUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

/** Where a link leads; `undefined` if it is gone. */
function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

describe('writing a journal', () => {
  const log = new JournalDirectory();
  let ends: JournalPosition[];
  let seconds: number[];
  const start = () => {
    ends = [];
    seconds = [];
    return new JournalWriter(log.path, openJournal(log.path), (end, took) => {
      ends.push(end);
      seconds.push(took);
    });
  };
  const taken = (writer: JournalWriter, ...texts: readonly string[]) =>
    texts.map((text) => writer.append(Buffer.from(text)) ?? assert.fail(`${text} was not taken`));

  it('keeps the order in which records came, in one group those of a turn', async (test) => {
    const disk = await onDisk(test, log);
    const writer = start();
    const texts = Array.from({ length: 300 }, (_, i) => `record ${i}`);
    await Promise.all(taken(writer, ...texts));
    assert.equal(disk.syncs, 1);
    assert.deepEqual(log.texts(), texts);
    assert.deepEqual(ends, [log.end()]);
    assert.ok((seconds[0] ?? 0) > 0 && (seconds[0] ?? 0) < 60);
    await Promise.all(taken(writer, 'one more'));
    assert.deepEqual([disk.syncs, ends.at(-1)], [2, log.end()]);
    await writer.close();
  });

  it('has the system write to the disk before a write returns', async (test) => {
    if (process.platform !== 'linux') return test.skip('only Linux tells how a file was opened');
    const writer = start();
    await Promise.all(taken(writer, 'a'));
    const path = realpathSync(segmentPath(log.path, 1));
    const descriptor = readdirSync('/proc/self/fd').find((fd) => linkOf(`/proc/self/fd/${fd}`) === path);
    const [, flags = ''] = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')) ?? [];
    assert.equal(Number.parseInt(flags, 8) & constants.O_DSYNC, constants.O_DSYNC);
    await writer.close();
  });

  it('acknowledges a record once its group is on disk, and gathers what comes meanwhile', async (test) => {
    const disk = await onDisk(test, log);
    const release = disk.holdSyncs();
    const writer = start();
    let acknowledged = 0;
    const note = () => {
      acknowledged += 1;
    };
    const all = taken(writer, 'a').map((one) => one.then(note));
    await until(() => disk.syncs > 0);
    all.push(...taken(writer, 'b', 'c').map((one) => one.then(note)));
    await new Promise(setImmediate);
    assert.deepEqual([acknowledged, ends], [0, []]);
    release();
    await Promise.all(all);
    assert.deepEqual([acknowledged, disk.syncs, ends.length], [3, 2, 2]);
    await writer.close();
  });

  it('writes at most a thousand records with one call', async (test) => {
    const disk = await onDisk(test, log);
    const writer = start();
    await Promise.all(taken(writer, ...Array.from({ length: 1_000 }, String)));
    assert.equal(disk.syncs, 1);
    await Promise.all(taken(writer, ...Array.from({ length: 1_001 }, String)));
    assert.equal(disk.syncs, 3);
    assert.equal(log.texts().length, 2_001);
    await writer.close();
  });

  it('goes on where the system writes less than it was given', async (test) => {
    const disk = await onDisk(test, log);
    disk.writeInParts(7);
    const writer = start();
    await Promise.all(taken(writer, 'first', 'second', 'third'));
    assert.deepEqual(log.texts(), ['first', 'second', 'third']);
    await writer.close();
  });

  it('begins a segment after those that there are, once there is something to write', async () => {
    log.write(6, record('before'));
    const writer = start();
    assert.deepEqual(segmentsIn(log.path), [6]);
    await Promise.all(taken(writer, 'after'));
    assert.deepEqual(ends, [{ segment: 7, offset: record('after').length }]);
    assert.deepEqual(log.bytes(6), record('before'));
    await writer.close();
  });

  for (const { what, bytes, segments } of [
    { what: 'has a byte less than 8 MiB, and goes on with it', bytes: 8 * MIB - 1, segments: [1] },
    { what: 'has 8 MiB, and begins another', bytes: 8 * MIB, segments: [1, 2] },
  ]) {
    it(`fills a segment until it ${what}`, async () => {
      const writer = start();
      for (const part of [4 * MIB, bytes - 4 * MIB]) await writer.append(Buffer.alloc(part - HEADER_BYTES));
      assert.deepEqual(ends.at(-1), { segment: 1, offset: bytes });
      await writer.append(Buffer.from('next'));
      assert.deepEqual(segmentsIn(log.path), segments);
      assert.deepEqual(ends.at(-1), log.end());
      await writer.close();
    });
  }

  it('ends a segment 10 s after its first record, however little is in it, and begins an empty one', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] });
    const writer = start();
    await Promise.all(taken(writer, 'first'));
    test.mock.timers.tick(9_999);
    await Promise.all(taken(writer, 'second'));
    assert.deepEqual(segmentsIn(log.path), [1]);
    test.mock.timers.tick(1);
    await turnsUntil(() => segmentsIn(log.path).length === 2 && ends.length === 3);
    assert.deepEqual([ends.at(-1), log.bytes(2).length], [{ segment: 2, offset: 0 }, 0]);
    test.mock.timers.tick(60_000);
    await Promise.all(taken(writer, 'third'));
    assert.deepEqual(segmentsIn(log.path), [1, 2]);
    assert.deepEqual(log.texts(), ['first', 'second', 'third']);
    await writer.close();
  });

  it('ends the segment that an earlier start left, and its own where it is closed', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] });
    log.write(6, record('before'));
    const writer = start();
    test.mock.timers.tick(10_000);
    await turnsUntil(() => ends.length === 1);
    assert.deepEqual(ends, [{ segment: 7, offset: 0 }]);
    await Promise.all(taken(writer, 'after'));
    await writer.close();
    assert.deepEqual([ends.at(-1), segmentsIn(log.path)], [{ segment: 8, offset: 0 }, [6, 7, 8]]);
  });

  it('ends a segment later where the disk refuses a new one', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] });
    const writer = start();
    await Promise.all(taken(writer, 'first'));
    // The next segment has a name that is taken.
    log.write(2, record('not ours'));
    await turnsUntil(() => {
      test.mock.timers.tick(1_000);
      return ends.at(-1)?.offset === 0;
    });
    assert.deepEqual(ends.at(-1), { segment: 3, offset: 0 });
    await writer.close();
  });

  it('takes 10,000 records that wait, and no more before some are written', async () => {
    const writer = start();
    const waiting = taken(writer, ...Array.from({ length: 10_000 }, String));
    assert.equal(writer.append(Buffer.from('one too many')), undefined);
    await Promise.all(waiting);
    await Promise.all(taken(writer, 'and again'));
    assert.deepEqual(log.texts(), [...Array.from({ length: 10_000 }, String), 'and again']);
    await writer.close();
  });

  for (const { what, bytes, isTaken } of [
    { what: 'takes another while 64 MiB wait', bytes: 64 * MIB, isTaken: true },
    { what: 'takes none while a byte more waits', bytes: 64 * MIB + 1, isTaken: false },
  ]) {
    it(what, async () => {
      const writer = start();
      const full = Buffer.alloc(4 * MIB);
      const waiting = Array.from({ length: 15 }, () => writer.append(full));
      waiting.push(writer.append(Buffer.alloc(bytes - 15 * (full.length + HEADER_BYTES) - HEADER_BYTES)));
      assert.equal(waiting.includes(undefined), false);
      const next = writer.append(Buffer.from('next'));
      assert.equal(next !== undefined, isTaken);
      await Promise.all([...waiting, next]);
      await Promise.all(taken(writer, 'later'));
      await writer.close();
    });
  }

  it('rejects a group that cannot be synced, and writes the next one into a new segment', async (test) => {
    const disk = await onDisk(test, log);
    const writer = start();
    await Promise.all(taken(writer, 'kept'));
    disk.failSync();
    const results = await Promise.allSettled(taken(writer, 'rejected', 'rejected too'));
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(ends.length, 1);
    await Promise.all(taken(writer, 'sent again'));
    assert.deepEqual(log.texts(), ['kept', 'sent again']);
    assert.deepEqual([segmentsIn(log.path), ends.at(-1)], [[1, 2], log.end()]);
    await writer.close();
  });

  it('cuts off what a full disk took of a group', async (test) => {
    const disk = await onDisk(test, log);
    const writer = start();
    await Promise.all(taken(writer, 'kept'));
    disk.fillUp(record('rejected').length + 5);
    await assert.rejects(Promise.all(taken(writer, 'rejected', 'rejected too')), /no space left/);
    assert.deepEqual(log.bytes(1), record('kept'));
    await Promise.all(taken(writer, 'sent again'));
    assert.deepEqual(log.texts(), ['kept', 'sent again']);
    await writer.close();
  });

  it('loses nothing that was acknowledged where even that cannot be cut off', async (test) => {
    const disk = await onDisk(test, log);
    const writer = start();
    await Promise.all(taken(writer, 'kept'));
    disk.fillUp(record('rejected').length + 5);
    disk.failTruncate();
    await assert.rejects(Promise.all(taken(writer, 'rejected', 'rejected too')), /no space left/);
    await Promise.all(taken(writer, 'sent again'));
    // What was rejected may be there all the same.
    assert.deepEqual(log.texts(), ['kept', 'rejected', 'sent again']);
    await writer.close();
  });

  it('rejects what comes while no segment can be made, and never makes one of that number later', async () => {
    const writer = start();
    log.write(1, record('of somebody else'));
    await assert.rejects(Promise.all(taken(writer, 'rejected')), /EEXIST/);
    await Promise.all(taken(writer, 'taken'));
    assert.deepEqual(log.texts(), ['of somebody else', 'taken']);
    assert.deepEqual(ends, [{ segment: 2, offset: record('taken').length }]);
    await writer.close();
  });

  it('writes all that waits before it is closed', async () => {
    const writer = start();
    const waiting = taken(writer, ...Array.from({ length: 2_500 }, String));
    await writer.close();
    assert.equal(log.texts().length, 2_500);
    assert.deepEqual(ends.at(-1), log.end());
    await Promise.all(waiting);
    await start().close();
  });
});
