import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { JOURNAL_START } from '../../src/core/receive/webhook.ts';
import { type OpenedJournal, openJournal, segmentPath, segmentsIn } from '../../src/journal/segments.ts';
import { flipped, JournalDirectory, record } from './journalDirectory.ts';

describe('opening a journal', () => {
  const log = new JournalDirectory();
  const open = (): OpenedJournal & { texts: string[] } => {
    const texts: string[] = [];
    return { ...openJournal(log.path, (payload) => texts.push(String(payload))), texts };
  };

  it('makes the directory where there is none, with nothing in it', () => {
    rmSync(log.path, { recursive: true });
    const opened = open();
    assert.deepEqual([opened.end, opened.removedBytes, opened.texts], [JOURNAL_START, 0, []]);
    assert.deepEqual(segmentsIn(log.path), []);
  });

  it('names it once for good', () => {
    const { id } = open();
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.equal(open().id, id);
    writeFileSync(join(log.path, 'id'), '\n');
    assert.notEqual(open().id, id);
    assert.equal(open().id, readFileSync(join(log.path, 'id'), 'utf8').trim());
  });

  it('cuts a torn tail of every length off, and nothing before it', () => {
    const whole = Buffer.concat([record('one'), record('two')]);
    const last = record('the third');
    for (let length = 0; length < last.length; length += 1) {
      log.write(1, whole, last.subarray(0, length));
      const { end, removedBytes, texts } = open();
      assert.deepEqual([end, removedBytes], [{ segment: 1, offset: whole.length }, length], `${length} bytes`);
      assert.deepEqual(texts, ['one', 'two']);
      assert.deepEqual(log.bytes(1), whole);
      assert.equal(open().removedBytes, 0);
    }
    log.write(1, whole, last);
    assert.deepEqual(open().texts, ['one', 'two', 'the third']);
    assert.equal(log.bytes(1).length, whole.length + last.length);
  });

  it('cuts zeros off that a file system filled the file up with, and a tail that is all there is', () => {
    log.write(1, record('one'), Buffer.alloc(4_096));
    assert.equal(open().removedBytes, 4_096);
    assert.deepEqual(log.bytes(1), record('one'));
    log.write(2, record('one').subarray(0, 13));
    const { end, removedBytes } = open();
    assert.deepEqual([end, removedBytes], [{ segment: 2, offset: 0 }, 13]);
    assert.deepEqual(log.bytes(1), record('one'));
  });

  it('leaves what is damaged before a whole record where it is, and reads past it', () => {
    const damaged = record('two');
    for (let at = 0; at < damaged.length; at += 1) {
      const bytes = Buffer.concat([record('one'), flipped(damaged, at), record('three')]);
      log.write(1, bytes);
      const { end, removedBytes, texts } = open();
      assert.deepEqual(
        [texts, end, removedBytes],
        [['one', 'three'], { segment: 1, offset: bytes.length }, 0],
        `byte ${at}`,
      );
      assert.deepEqual(log.bytes(1), bytes);
    }
  });

  it('looks at the last segment alone, by number', () => {
    const torn = Buffer.concat([record('old'), record('torn').subarray(0, 5)]);
    log.write(9, torn);
    log.write(10, record('new'));
    writeFileSync(join(log.path, '000000000011.log.copy'), 'no segment');
    writeFileSync(join(log.path, '12.log'), 'none either');
    assert.deepEqual([open().texts, open().end], [['new'], { segment: 10, offset: record('new').length }]);
    assert.deepEqual(log.bytes(9), torn);
    assert.deepEqual(segmentsIn(log.path), [9, 10]);
    assert.ok(existsSync(segmentPath(log.path, 10)));
  });
});
