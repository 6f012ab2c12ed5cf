import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeWebhook, type Webhook } from '../../src/core/receive/webhook.ts';
import { Journal } from '../../src/journal/journal.ts';
import { openJournal } from '../../src/journal/segments.ts';
import { status, until } from '../store/storedEvents.ts';
import { onDisk } from './diskFaults.ts';
import { JournalDirectory } from './journalDirectory.ts';

const earlier = ({ digest, moment }: Webhook) => ({ digest, receivedAt: moment.receivedAt });

describe('the door’s end of the journal', () => {
  const log = new JournalDirectory();
  const start = () => {
    const recent: Webhook[] = [];
    const opened = openJournal(log.path, (payload) => recent.push(decodeWebhook(payload)));
    return new Journal(log.path, opened, recent.map(earlier), () => {});
  };
  const unsigned = (at: number) => status('1', at, { digest: 'same', repeatWithinMs: 500 });
  const signed = (at: number) => status('1', at, { digest: 'signed' });

  it('takes a delivery once, however late it comes again', async () => {
    const journal = start();
    assert.equal(await journal.take(signed(0)), 'accepted');
    assert.equal(await journal.take(signed(3_600_000)), 'repeated');
    assert.equal(await journal.take(status('2', 0)), 'accepted');
    await journal.close();
    assert.equal(log.texts().length, 2);
  });

  it('takes an equal webhook without a signature for a repeat within 500 ms, and not after', async () => {
    const journal = start();
    assert.equal(await journal.take(unsigned(0)), 'accepted');
    assert.equal(await journal.take(unsigned(500)), 'repeated');
    // Counted from the one that was taken.
    assert.equal(await journal.take(unsigned(501)), 'accepted');
    assert.equal(await journal.take(unsigned(1_001)), 'repeated');
    assert.equal(await journal.take(unsigned(1_002)), 'accepted');
    await journal.close();
    assert.equal(log.texts().length, 3);
  });

  it('acknowledges a repeat of one that is under way together with that one', async (test) => {
    const disk = await onDisk(test, log);
    const release = disk.holdSyncs();
    const journal = start();
    const first = journal.take(signed(0));
    let isAnswered = false;
    const repeat = journal.take(signed(1)).finally(() => {
      isAnswered = true;
    });
    await until(() => disk.syncs > 0);
    assert.equal(isAnswered, false);
    release();
    assert.deepEqual(await Promise.all([first, repeat]), ['accepted', 'repeated']);
    await journal.close();
    assert.equal(log.texts().length, 1);
  });

  it('rejects a repeat of one that could not be written, and takes the next', async (test) => {
    const disk = await onDisk(test, log);
    const journal = start();
    disk.failSync();
    const both = await Promise.allSettled([journal.take(signed(0)), journal.take(signed(1))]);
    assert.deepEqual(
      both.map(({ status: result }) => result),
      ['rejected', 'rejected'],
    );
    assert.equal(await journal.take(signed(2)), 'accepted');
    await journal.close();
    assert.equal(log.texts().length, 1);
  });

  it('knows what was taken before a restart', async () => {
    const before = start();
    await before.take(signed(0));
    await before.take(unsigned(0));
    await before.take(unsigned(2_000));
    await before.close();
    const journal = start();
    assert.equal(await journal.take(signed(60_000)), 'repeated');
    assert.equal(await journal.take(unsigned(2_500)), 'repeated');
    assert.equal(await journal.take(unsigned(2_501)), 'accepted');
    await journal.close();
    assert.equal(log.texts().length, 4);
  });

  it('refuses what comes faster than it can be written, and takes it later', async () => {
    const journal = start();
    const taken = Array.from({ length: 10_000 }, (_, i) => journal.take(status('1', i)));
    assert.equal(await journal.take(signed(0)), 'store_busy');
    assert.deepEqual(new Set(await Promise.all(taken)), new Set(['accepted']));
    assert.equal(await journal.take(signed(1)), 'accepted');
    await journal.close();
  });
});
