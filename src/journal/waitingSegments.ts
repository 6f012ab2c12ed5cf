import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { JOURNAL_START, type JournalPosition } from '../core/receive/webhook.ts';
import { segmentPath, segmentsIn } from './segments.ts';

/** The closed segments of a journal that are not stored yet, to notice when somebody deletes one. */
export class WaitingSegments {
  readonly #directory: string;
  /** Sizes in bytes at the last look. */
  #seen: ReadonlyMap<number, number> = new Map();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * How many bytes went with the segments that are gone since the last look. `from` is up to where the journal is stored,
   * if that is known: only what comes before it may be deleted. `end` is where it is written.
   */
  lostBytes(end: JournalPosition, from: JournalPosition = JOURNAL_START): number {
    const there = new Map<number, number>();
    for (const segment of segmentsIn(this.#directory)) {
      if (segment < from.segment || segment >= end.segment) continue;
      there.set(segment, statSync(segmentPath(this.#directory, segment), { throwIfNoEntry: false })?.size ?? 0);
    }
    // The whole directory may come back. The writer notices that it is away.
    if (!existsSync(join(this.#directory, 'id'))) return 0;
    let bytes = 0;
    for (const [segment, size] of this.#seen) {
      if (segment < from.segment || there.has(segment)) continue;
      bytes += Math.max(0, segment === from.segment ? size - from.offset : size);
    }
    this.#seen = there;
    return bytes;
  }
}
