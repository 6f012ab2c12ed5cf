import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
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
    return payloadsIn(this.#path);
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

function payloadsIn(path: string): Buffer[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return [];
  }
  const payloads: Buffer[] = [];
  for (let at = 0; ; ) {
    const framed = readFrame(bytes, at);
    if (framed.kind !== 'record') return payloads;
    payloads.push(framed.payload);
    at = framed.end;
  }
}
