import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isBefore, type JournalPosition } from '../../src/core/receive/webhook.ts';
import { frame, HEADER_BYTES } from '../../src/journal/frame.ts';
import { JournalReader } from '../../src/journal/journalReader.ts';
import { segmentPath, segmentsIn } from '../../src/journal/segments.ts';
import { flipped, JournalDirectory, record } from './journalDirectory.ts';

const CHUNK = 1024 * 1024;
const ALL = Number.POSITIVE_INFINITY;
const at = (segment: number, offset = 0): JournalPosition => ({ segment, offset });

/** A record that takes up so many bytes. */
function recordOf(bytes: number, fill: number): Buffer {
  return frame(Buffer.alloc(bytes - HEADER_BYTES, fill));
}

describe('reading a journal', () => {
  const log = new JournalDirectory();
  const texts = (from: JournalPosition, end: JournalPosition, limit = ALL) =>
    new JournalReader(log.path).read(from, end, limit).records.map(({ payload }) => String(payload));

  it('gives each record with the place after it, and reads on from any of them', () => {
    log.write(1, record('a'), record('bb'));
    log.write(2, record('ccc'));
    const end = log.end();
    const { records, end: readTo, damagedBytes } = new JournalReader(log.path).read(at(1), end, ALL);
    assert.deepEqual([readTo, damagedBytes], [end, 0]);
    assert.deepEqual(
      records.map(({ end }) => end),
      [at(1, 13), at(1, 27), at(2, 15)],
    );
    for (const [i, { end: after }] of records.entries()) {
      assert.deepEqual(texts(after, end), ['a', 'bb', 'ccc'].slice(i + 1));
    }
  });

  it('gives up to so many records, and reads on after those', () => {
    log.write(1, record('a'), record('b'));
    log.write(2, record('c'));
    const { records, end } = new JournalReader(log.path).read(at(1), log.end(), 2);
    assert.equal(records.length, 2);
    assert.deepEqual(texts(end, log.end()), ['c']);
    assert.deepEqual(texts(at(1), log.end(), 0), []);
  });

  it('reads up to the end that it is given, whatever the file has after that', () => {
    log.write(1, record('synced'), record('not synced'));
    const end = at(1, record('synced').length);
    assert.deepEqual(texts(at(1), end), ['synced']);
    assert.deepEqual(texts(end, end), []);
    assert.deepEqual(texts(at(1), at(1)), []);
    log.write(2, record('of a later segment'));
    assert.deepEqual(texts(at(1), end), ['synced']);
  });

  /** All of the first segment, a batch at a time. */
  const readAll = () => {
    const reader = new JournalReader(log.path);
    const all = { records: [] as { readonly payload: Buffer }[], end: at(1), damagedBytes: 0 };
    for (;;) {
      const { records, end, damagedBytes } = reader.read(all.end, log.end(), ALL);
      if (!isBefore(all.end, end)) return all;
      all.records.push(...records);
      all.damagedBytes += damagedBytes;
      all.end = end;
    }
  };

  it('gives records whole that are longer than a chunk, end with it, or lie across its end', () => {
    const sizes = [
      CHUNK, // Ends with the chunk.
      CHUNK - 1, // One byte is left for the next header.
      500,
      CHUNK - 5 - 500,
      CHUNK - HEADER_BYTES, // Just its header fits.
      HEADER_BYTES,
      CHUNK + 1,
      3 * CHUNK,
      13,
    ];
    log.write(1, ...sizes.map(recordOf));
    const { records, end, damagedBytes } = readAll();
    assert.deepEqual([end, damagedBytes], [log.end(), 0]);
    assert.deepEqual(
      records.map(({ payload }) => payload.length + HEADER_BYTES),
      sizes,
    );
    assert.ok(records.every(({ payload }, i) => payload.every((byte) => byte === i)));
  });

  it('reads past damage in the middle, counts it, and gives what follows', () => {
    const damaged = record('damaged');
    for (let byte = 0; byte < damaged.length; byte += 1) {
      log.write(1, record('before'), flipped(damaged, byte), record('after'));
      const { records, damagedBytes, end } = new JournalReader(log.path).read(at(1), log.end(), ALL);
      assert.deepEqual(
        records.map(({ payload }) => String(payload)),
        ['before', 'after'],
        `byte ${byte}`,
      );
      assert.deepEqual([damagedBytes, end], [damaged.length, log.end()]);
    }
  });

  it('reads past a length that says more than there is, also where that is longer than a chunk', () => {
    const damaged = recordOf(200, 1);
    damaged.writeUInt32LE(2 * CHUNK, 4);
    const after = Array.from({ length: 40 }, (_, i) => recordOf(100_000, i));
    log.write(1, record('before'), damaged, ...after);
    const { records, damagedBytes } = readAll();
    assert.deepEqual([records.length, damagedBytes], [41, 200]);
  });

  it('gives no more than the record with which a megabyte is full', () => {
    log.write(1, ...Array.from({ length: 30 }, (_, i) => recordOf(100_000, i)));
    assert.equal(new JournalReader(log.path).read(at(1), log.end(), ALL).records.length, 11);
  });

  it('counts the torn end of a segment that is not the last, and goes on with the next', () => {
    log.write(1, record('a'), record('torn').subarray(0, 14));
    log.write(3, record('b'));
    const { records, damagedBytes } = new JournalReader(log.path).read(at(1), log.end(), ALL);
    assert.deepEqual([records.map(({ payload }) => String(payload)), damagedBytes], [['a', 'b'], 14]);
  });

  it('ends where a file was cut that it was to read', () => {
    log.write(1, record('kept'), record('cut off'));
    const end = log.end();
    truncateSync(segmentPath(log.path, 1), record('kept').length + 3);
    const batch = new JournalReader(log.path).read(at(1), end, ALL);
    assert.deepEqual([batch.records.length, batch.end], [1, end]);
    assert.equal(batch.damagedBytes, record('cut off').length);
    truncateSync(segmentPath(log.path, 1), 0);
    assert.deepEqual(new JournalReader(log.path).read(at(1), end, ALL).end, end);
  });

  it('passes empty segments', () => {
    log.write(1);
    log.write(2, record('a'));
    log.write(3);
    assert.deepEqual(texts(at(0), at(3)), ['a']);
  });

  it('tells how many bytes lie between two places', () => {
    log.write(1, Buffer.alloc(100));
    log.write(2, Buffer.alloc(50));
    log.write(4, Buffer.alloc(30));
    const between = (from: JournalPosition, end: JournalPosition) =>
      new JournalReader(log.path).bytesBetween(from, end);
    assert.equal(between(at(1, 10), at(1, 60)), 50);
    assert.equal(between(at(1, 10), at(4, 20)), 90 + 50 + 20);
    assert.equal(between(at(2, 50), at(4, 0)), 0);
    assert.equal(between(at(0), at(1, 40)), 40);
    assert.equal(between(at(4, 20), at(4, 10)), 0);
  });
});

describe('where reading begins', () => {
  const log = new JournalDirectory();
  const start = (remembered: JournalPosition | undefined, end = log.end()) =>
    new JournalReader(log.path).start(remembered, end);

  it('is where it stopped', () => {
    log.write(3, Buffer.alloc(100));
    log.write(4, Buffer.alloc(100));
    for (const place of [at(3), at(3, 100), at(4, 50), at(4, 100)]) assert.deepEqual(start(place), place);
  });

  it('is the oldest record where nothing is remembered, or where that place is gone', () => {
    log.write(3, Buffer.alloc(100));
    assert.deepEqual(start(undefined), at(3));
    assert.deepEqual(start(at(2, 99)), at(3));
  });

  it('is the oldest record where the journal ends before the place that is remembered', () => {
    log.write(3, Buffer.alloc(100));
    assert.deepEqual(start(at(3, 101)), at(3));
    assert.deepEqual(start(at(4, 0)), at(3));
  });

  it('is the end of an empty log', () => {
    assert.deepEqual(start(undefined), at(0));
    assert.deepEqual(start(at(7, 5)), at(0));
  });
});

describe('segments that nobody reads any more', () => {
  const log = new JournalDirectory();

  it('are deleted, up to the one of a place', () => {
    for (const segment of [1, 2, 3]) log.write(segment, record('a'));
    const reader = new JournalReader(log.path);
    reader.removeSegmentsBefore(at(2, 13));
    assert.deepEqual(segmentsIn(log.path), [2, 3]);
    reader.removeSegmentsBefore(at(4));
    reader.removeSegmentsBefore(at(4));
    assert.deepEqual(segmentsIn(log.path), []);
  });
});
