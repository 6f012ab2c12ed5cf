import { closeSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { isBefore, type JournalPosition } from '../core/receive/webhook.ts';
import { nextRecord, readFrame } from './frame.ts';
import { segmentPath, segmentsIn } from './segments.ts';

/** How much is read at once. */
const CHUNK_BYTES = 1024 * 1024;

interface JournalBatch {
  readonly records: readonly { readonly payload: Buffer; readonly end: JournalPosition }[];
  /** Where to read next. */
  readonly end: JournalPosition;
  /** Bytes before `end` that are not a record. */
  readonly damagedBytes: number;
}

/** Reads a journal that another thread writes, up to where it is known to be on disk. */
export class JournalReader {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Where to begin: the remembered position, or the oldest record if there is none or its segment is gone. */
  start(remembered: JournalPosition | undefined, end: JournalPosition): JournalPosition {
    const segments = segmentsIn(this.#directory);
    const oldest = { segment: segments[0] ?? end.segment, offset: 0 };
    if (!remembered || remembered.segment < oldest.segment) return oldest;
    // A journal that ends before the remembered position is an older copy, restored from a backup.
    const isBeyond =
      remembered.segment > end.segment || (remembered.segment === end.segment && remembered.offset > end.offset);
    return isBeyond ? oldest : remembered;
  }

  /** Reads up to `limit` records from a position, no more than a megabyte beyond the first, and never past `end`. */
  read(from: JournalPosition, end: JournalPosition, limit: number): JournalBatch {
    const records: JournalBatch['records'][number][] = [];
    let { segment, offset } = from;
    let damagedBytes = 0;
    let bytes = 0;
    while (records.length < limit && bytes < CHUNK_BYTES && isBefore({ segment, offset }, end)) {
      const found = this.#sizeOf(segment);
      const size = Math.min(found ?? 0, segment < end.segment ? Number.POSITIVE_INFINITY : end.offset);
      // The writer notices that the file is gone. It may come back with its directory.
      if (found === undefined && segment === end.segment) break;
      if (offset >= size && segment === end.segment) {
        // The file is shorter than what was written to it, so these records are lost.
        damagedBytes += end.offset - offset;
        offset = end.offset;
        break;
      }
      if (offset >= size) {
        segment = this.#after(segment, end);
        offset = 0;
        continue;
      }
      const chunk = this.#chunk(segment, offset, size);
      let at = 0;
      while (records.length < limit && bytes < CHUNK_BYTES && at < chunk.length) {
        const framed = readFrame(chunk, at);
        if (framed.kind === 'record') {
          at = framed.end;
          bytes += framed.payload.length;
          records.push({ payload: framed.payload, end: { segment, offset: offset + at } });
          continue;
        }
        if (framed.kind === 'short' && offset + chunk.length < size) break;
        const next = nextRecord(chunk, at + 1) ?? chunk.length;
        damagedBytes += next - at;
        at = next;
      }
      offset += at;
    }
    return { records, end: { segment, offset }, damagedBytes };
  }

  /** How many bytes lie between two positions. */
  bytesBetween(from: JournalPosition, end: JournalPosition): number {
    let bytes =
      end.segment === from.segment
        ? end.offset - from.offset
        : end.offset - from.offset + (this.#sizeOf(from.segment) ?? 0);
    for (const segment of segmentsIn(this.#directory)) {
      if (segment > from.segment && segment < end.segment) bytes += this.#sizeOf(segment) ?? 0;
    }
    return Math.max(0, bytes);
  }

  /** Whether there are segments before that of a position. */
  hasSegmentsBefore({ segment }: JournalPosition): boolean {
    const [oldest] = segmentsIn(this.#directory);
    return oldest !== undefined && oldest < segment;
  }

  /** Deletes the segments before that of a position. */
  removeSegmentsBefore({ segment }: JournalPosition): void {
    for (const old of segmentsIn(this.#directory)) {
      if (old >= segment) return;
      rmSync(segmentPath(this.#directory, old), { force: true });
    }
  }

  #after(segment: number, end: JournalPosition): number {
    return segmentsIn(this.#directory).find((next) => next > segment) ?? end.segment;
  }

  /** `undefined` if there is no such segment. */
  #sizeOf(segment: number): number | undefined {
    return statSync(segmentPath(this.#directory, segment), { throwIfNoEntry: false })?.size;
  }

  #chunk(segment: number, offset: number, size: number): Buffer {
    const descriptor = openSync(segmentPath(this.#directory, segment), 'r');
    try {
      let length = Math.min(CHUNK_BYTES, size - offset);
      for (;;) {
        const bytes = Buffer.allocUnsafe(length);
        const read = readSync(descriptor, bytes, 0, length, offset);
        const chunk = bytes.subarray(0, read);
        const first = readFrame(chunk, 0);
        const isCut = first.kind === 'short' && offset + length < size && read === length;
        if (!isCut) return chunk;
        length = Math.min(first.bytes, size - offset);
      }
    } finally {
      closeSync(descriptor);
    }
  }
}
