import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { frame, readFrame } from './frame.ts';

/** Records that can never be stored, in a file beside the journal's segments, for a person to inspect. */
export class SetAside {
  readonly #path: string;
  #count: number;

  constructor(directory: string) {
    this.#path = join(directory, 'set-aside');
    this.#count = countIn(this.#path);
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

function countIn(path: string): number {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return 0;
  }
  let count = 0;
  for (let at = 0; ; count += 1) {
    const framed = readFrame(bytes, at);
    if (framed.kind !== 'record') return count;
    at = framed.end;
  }
}
