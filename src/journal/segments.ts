import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { JOURNAL_START, type JournalPosition } from '../core/receive/webhook.ts';
import { nextRecord, readFrame } from './frame.ts';

const NAME = /^(\d{12})\.log$/;

export function segmentPath(directory: string, segment: number): string {
  return join(directory, `${String(segment).padStart(12, '0')}.log`);
}

/** The numbers of the existing segments, the oldest first. A directory that was deleted has none. */
export function segmentsIn(directory: string): number[] {
  return namesIn(directory)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    // The writer notices that, and refuses webhooks.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
}

export interface OpenedJournal {
  /** Identifies the journal, even if its directory is renamed. */
  readonly id: string;
  /** The end of what was written before this start. All of it is on disk. */
  readonly end: JournalPosition;
  /** Bytes that were cut off, because the process or the machine stopped while writing them. */
  readonly removedBytes: number;
}

/**
 * Creates the directory if it does not exist, and cuts off an incomplete record at the end. Calls `onRecord` for each
 * record of the last segment that has any, which has the latest ones. Throws if the directory cannot be used.
 */
export function openJournal(directory: string, onRecord: (payload: Buffer) => void = () => {}): OpenedJournal {
  mkdirSync(directory, { recursive: true });
  const id = readId(directory);
  const [last, before] = segmentsIn(directory).reverse();
  if (last === undefined) return { id, end: JOURNAL_START, removedBytes: 0 };
  const path = segmentPath(directory, last);
  const bytes = readFileSync(path);
  const offset = wholeBytes(bytes, onRecord);
  if (offset < bytes.length) truncateSync(path, offset);
  if (offset === 0 && before !== undefined) wholeBytes(readFileSync(segmentPath(directory, before)), onRecord);
  return { id, end: { segment: last, offset }, removedBytes: bytes.length - offset };
}

/** The offset where the last whole record ends. Damage before it is not cut off: only the tail can be incomplete. */
function wholeBytes(bytes: Buffer, onRecord: (payload: Buffer) => void): number {
  let end = 0;
  for (let at: number | undefined = 0; at !== undefined && at < bytes.length; ) {
    const framed = readFrame(bytes, at);
    if (framed.kind === 'record') {
      at = framed.end;
      end = framed.end;
      onRecord(framed.payload);
    } else at = nextRecord(bytes, at + 1);
  }
  return end;
}

function readId(directory: string): string {
  const path = join(directory, 'id');
  try {
    const id = readFileSync(path, 'utf8').trim();
    if (id !== '') return id;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const id = randomUUID();
  writeFileSync(path, `${id}\n`, { flush: true });
  syncDirectory(directory);
  return id;
}

/** Syncs a directory, so that a new file in it survives a power failure. It blocks, so use it only at the start. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
