import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import { JOURNAL_START, type JournalPosition } from '../../src/core/receive/webhook.ts';
import { frame } from '../../src/journal/frame.ts';
import { JournalReader } from '../../src/journal/journalReader.ts';
import { segmentPath, segmentsIn } from '../../src/journal/segments.ts';

/** For the tests of one `describe`: each has an empty directory for a journal. */
export class JournalDirectory {
  #path = '';

  constructor() {
    beforeEach(() => {
      this.#path = mkdtempSync(join(tmpdir(), 'sipwhy-journal-'));
    });
    afterEach(() => rmSync(this.#path, { recursive: true }));
  }

  get path(): string {
    return this.#path;
  }

  /** Makes a segment of these bytes. */
  write(segment: number, ...parts: readonly Uint8Array[]): void {
    writeFileSync(segmentPath(this.#path, segment), Buffer.concat(parts));
  }

  append(segment: number, bytes: Uint8Array): void {
    appendFileSync(segmentPath(this.#path, segment), bytes);
  }

  bytes(segment: number): Buffer {
    return readFileSync(segmentPath(this.#path, segment));
  }

  /** The texts of all records, as a reader finds them that begins at the oldest. */
  texts(): string[] {
    const end = this.end();
    const { records } = new JournalReader(this.#path).read({ segment: 1, offset: 0 }, end, Number.POSITIVE_INFINITY);
    return records.map(({ payload }) => String(payload));
  }

  /** The end of the files, whether it is on disk or not. */
  end(): JournalPosition {
    const last = segmentsIn(this.#path).at(-1);
    return last === undefined ? JOURNAL_START : { segment: last, offset: this.bytes(last).length };
  }
}

/** A record with a text. */
export function record(text: string): Buffer {
  return frame(Buffer.from(text));
}

/** The same bytes with one of them changed. */
export function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(at) ^ 0x41, at);
  return changed;
}
