import { closeSync, constants, createReadStream, openSync, readSync, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputFault } from './inputFault.ts';

/** How much a file may hold. */
export interface ByteLimits {
  /** All of it, unpacked. */
  readonly totalBytes: number;
  /** How many times larger than its gzipped form it may be. */
  readonly expansion: number;
  /** Up to this size any expansion is accepted. */
  readonly freeBytes: number;
}

const MIB = 1024 * 1024;
/** The default of RETENTION_MAX_MB is a tenth of this. gzip reaches 1032; an export in which only times differ, 40. */
export const BYTE_LIMITS: ByteLimits = { totalBytes: 100_000 * MIB, expansion: 100, freeBytes: 64 * MIB };

/**
 * Reads a file, plain or gzipped, or standard input for `-`. Throws `InputFault` if it cannot be read, or holds more than
 * the limits allow.
 */
export async function* inputBytes(file: string, limits: ByteLimits = BYTE_LIMITS): AsyncGenerator<Buffer> {
  const chunks = (await openedStream(file))[Symbol.asyncIterator]();
  try {
    const first = await chunks.next();
    if (first.done) return;
    const all = Readable.from(following(first.value, chunks), { objectMode: false });
    if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) yield* withinTotal(file, all, limits);
    else yield* withinTotal(file, unpacked(file, all, limits), limits);
  } catch (error) {
    throw error instanceof InputFault ? error : new InputFault(file, undefined, reasonOf(error));
  }
}

async function* withinTotal(file: string, chunks: AsyncIterable<Buffer>, { totalBytes }: ByteLimits) {
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.length;
    if (total > totalBytes) throw new InputFault(file, undefined, `is larger than ${inMib(totalBytes)}`);
    yield chunk;
  }
}

/** A file of a few kilobytes can unpack to gigabytes. */
async function* unpacked(file: string, packed: Readable, { expansion, freeBytes }: ByteLimits) {
  let packedBytes = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _, done) {
      packedBytes += chunk.length;
      done(undefined, chunk);
    },
  });
  const unpacking = createGunzip();
  for (const from of [packed, counting]) from.on('error', (error) => unpacking.destroy(error));
  let bytes = 0;
  for await (const chunk of packed.pipe(counting).pipe(unpacking)) {
    bytes += chunk.length;
    if (bytes > freeBytes && bytes > packedBytes * expansion) {
      packed.destroy();
      throw new InputFault(file, undefined, `unpacks to more than ${expansion} times its size`);
    }
    yield chunk as Buffer;
  }
}

async function* following(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function openedStream(file: string): Promise<AsyncIterable<Buffer>> {
  if (file === '-') return process.stdin;
  try {
    const stats = await stat(file);
    const wrongKind = wrongKindOf(stats);
    if (wrongKind !== undefined) throw new InputFault(file, undefined, wrongKind);
    return stats.isFIFO() ? pipeBytes(file) : createReadStream(file);
  } catch (error) {
    throw error instanceof InputFault ? error : new InputFault(file, undefined, reasonOf(error));
  }
}

/** Reads a pipe. One to which nobody writes, which would block for ever, is a fault. */
async function* pipeBytes(file: string): AsyncGenerator<Buffer> {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const begin = Buffer.alloc(65_536);
  const length = readAvailable(fd, begin);
  if (length === 0) {
    closeSync(fd);
    throw new InputFault(file, undefined, 'is a pipe to which nobody writes');
  }
  if (length !== undefined) yield begin.subarray(0, length);
  // Only a socket waits for a pipe without holding a thread.
  yield* new Socket({ fd, readable: true, writable: false });
}

/** The number of bytes read; 0 at the end, `undefined` if there is a writer who has not written yet. */
function readAvailable(fd: number, into: Buffer): number | undefined {
  try {
    return readSync(fd, into);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

function wrongKindOf(stats: Stats): string | undefined {
  if (stats.isDirectory()) return 'is a directory, not a file';
  if (stats.isSocket()) return 'is a socket, not a file';
  return stats.isBlockDevice() ? 'is a disk, not a file' : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'cannot be read: permission denied',
  ELOOP: 'cannot be read: its symbolic links lead in a circle',
  ENAMETOOLONG: 'cannot be read: its name is too long',
  Z_BUF_ERROR: 'is damaged or incomplete: its gzip data ends early',
  Z_DATA_ERROR: 'is damaged or incomplete: its gzip data cannot be unpacked',
};

function reasonOf(error: unknown): string {
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? `cannot be read: ${message}`;
}

function inMib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
