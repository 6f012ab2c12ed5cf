import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { frame, HEADER_BYTES, nextRecord, readFrame } from '../../src/journal/frame.ts';
import { flipped, record } from './journalDirectory.ts';

const LONGEST = 4 * 1024 * 1024;

describe('a record', () => {
  it('is read back, wherever it begins', () => {
    const bytes = Buffer.concat([record('first'), record(''), record('third')]);
    const texts: string[] = [];
    for (let at = 0; at < bytes.length; ) {
      const framed = readFrame(bytes, at);
      assert.equal(framed.kind, 'record');
      texts.push(String(framed.payload));
      at = framed.end;
    }
    assert.deepEqual(texts, ['first', '', 'third']);
  });

  it('of which bytes are missing is short, and says how many it needs', () => {
    const whole = record('some payload');
    for (let length = 0; length < whole.length; length += 1) {
      const bytes = length < HEADER_BYTES ? HEADER_BYTES : whole.length;
      assert.deepEqual(readFrame(whole.subarray(0, length), 0), { kind: 'short', bytes }, `${length} bytes`);
    }
  });

  it('with any byte changed is none', () => {
    const whole = record('some payload');
    for (let at = 0; at < whole.length; at += 1) {
      assert.notEqual(readFrame(flipped(whole, at), 0).kind, 'record', `byte ${at}`);
    }
  });

  it('is as long as 4 MiB, and not longer', () => {
    assert.equal(readFrame(frame(Buffer.alloc(LONGEST)), 0).kind, 'record');
    assert.equal(readFrame(frame(Buffer.alloc(LONGEST + 1)), 0).kind, 'damaged');
  });
});

describe('the next record', () => {
  it('is found after bytes that are none, and after a mark that begins none', () => {
    const noise = Buffer.concat([Buffer.from('noise SIPW'), record('torn').subarray(0, 14)]);
    const bytes = Buffer.concat([noise, record('found')]);
    assert.equal(nextRecord(bytes, 0), noise.length);
    assert.equal(nextRecord(bytes, noise.length), noise.length);
    assert.equal(nextRecord(bytes, noise.length + 1), undefined);
  });

  it('is not where only a part of one is', () => {
    assert.equal(nextRecord(record('torn').subarray(0, 14), 0), undefined);
    assert.equal(nextRecord(Buffer.alloc(1_000), 0), undefined);
    assert.equal(nextRecord(Buffer.alloc(0), 0), undefined);
  });
});
