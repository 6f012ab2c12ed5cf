import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { JournalDirectory } from './journalDirectory.ts';

type WriteBytes = (
  buffer: Buffer,
  offset: number,
  length: number,
  position: number,
) => Promise<{ readonly bytesWritten: number }>;

/** Replaces what files do, for one test. */
export async function onDisk({ mock }: TestContext, { path }: JournalDirectory) {
  const probe = await open(join(path, 'probe'), 'w');
  // The cast: all handles share the methods of their prototype.
  const files = Object.getPrototypeOf(probe) as Pick<typeof probe, 'truncate'> & { write: WriteBytes };
  await probe.close();
  const { write } = files;
  const full = async () => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  let syncs = 0;
  // A write returns once its bytes are on disk.
  mock.method(files, 'write', function counted(this: typeof probe, ...given: Parameters<WriteBytes>) {
    syncs += 1;
    return write.apply(this, given);
  });
  return {
    get syncs() {
      return syncs;
    },
    /** The next sync fails, though everything was written. */
    failSync: () =>
      mock.method(
        files,
        'write',
        async function written(this: typeof probe, ...given: Parameters<WriteBytes>) {
          await write.apply(this, given);
          return full();
        },
        { times: 1 },
      ),
    failTruncate: () => mock.method(files, 'truncate', full, { times: 1 }),
    /** The next write gets as far as so many bytes, and the one after it fails. */
    fillUp(bytes: number) {
      let calls = 0;
      mock.method(
        files,
        'write',
        async function part(this: typeof probe, buffer: Buffer, offset: number, _length: number, position: number) {
          calls += 1;
          return calls > 1 ? full() : write.call(this, buffer, offset, bytes, position);
        },
        { times: 2 },
      );
    },
    /** Writes take so many bytes at a time. */
    writeInParts(bytes: number) {
      mock.method(
        files,
        'write',
        function part(this: typeof probe, buffer: Buffer, offset: number, length: number, position: number) {
          return write.call(this, buffer, offset, Math.min(bytes, length), position);
        },
      );
    },
    /** Syncs wait until the function that is returned is called. */
    holdSyncs() {
      const { promise, resolve } = Promise.withResolvers<void>();
      mock.method(files, 'write', async function held(this: typeof probe, ...given: Parameters<WriteBytes>) {
        syncs += 1;
        await promise;
        return write.apply(this, given);
      });
      return resolve;
    },
  };
}
