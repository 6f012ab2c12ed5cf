import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { EraseNumber } from '../core/receive/eraseNumber.ts';
import { decodeWebhook } from '../core/receive/webhook.ts';
import { frame, readFrame } from './frame.ts';

/**
 * Records that the store refuses, in a file beside the journal's segments, for a person to inspect. The next start tries
 * them again: a newer version may store them.
 */
export class SetAside {
  readonly #path: string;
  #count: number;

  constructor(directory: string) {
    this.#path = join(directory, 'set-aside');
    this.#count = this.read().length;
  }

  /** The payloads of the records. */
  read(): Buffer[] {
    return recordsIn(this.#path).map(({ payload }) => payload);
  }

  /**
   * Erases a number, and requests to be forwarded, which may have it. Returns how many records have the number. A service
   * may be adding records meanwhile, so that each keeps its place and its length.
   */
  forget(erase: EraseNumber, isDryRun: boolean): number {
    let count = 0;
    for (const { payload, at } of recordsIn(this.#path)) {
      const text = payload.toString('latin1');
      const erased = erase(text, true);
      if (erased !== text) count += 1;
      const changed = withoutSealed(Buffer.from(erased, 'latin1'));
      if (!isDryRun && !changed.equals(payload)) overwrite(this.#path, at, frame(changed));
    }
    return count;
  }

  /** Deletes the file. Its records must be on disk elsewhere. */
  clear(): void {
    rmSync(this.#path, { force: true });
    this.#count = 0;
  }

  get count(): number {
    return this.#count;
  }

  /** Returns once the record is on disk. */
  add(payload: Uint8Array): void {
    const descriptor = openSync(this.#path, 'a');
    try {
      writeSync(descriptor, frame(payload));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    this.#count += 1;
  }
}

/** The records of a file, with their offsets. */
function recordsIn(path: string): { readonly payload: Buffer; readonly at: number }[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return [];
  }
  const records: { payload: Buffer; at: number }[] = [];
  for (let at = 0; ; ) {
    const framed = readFrame(bytes, at);
    if (framed.kind !== 'record') return records;
    records.push({ payload: framed.payload, at });
    at = framed.end;
  }
}

/** Puts zeros in the place of the sealed request of a record: it can't be searched for the number. */
function withoutSealed(payload: Buffer): Buffer {
  try {
    const { sealed } = decodeWebhook(payload);
    if (sealed) payload.fill(0, payload.length - sealed.length);
  } catch {
    // Another version wrote it.
  }
  return payload;
}

/** Writes the bytes with one call, so that the end of the process leaves the old record or the new one. */
function overwrite(path: string, at: number, bytes: Uint8Array): void {
  const descriptor = openSync(path, 'r+');
  try {
    writeSync(descriptor, bytes, 0, bytes.length, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
