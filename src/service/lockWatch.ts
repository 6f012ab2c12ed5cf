import type { Logger } from 'pino';
import { Condition } from '../loop/condition.ts';
import { every } from '../loop/every.ts';

/** How often, in milliseconds, the files of the locks are looked at. */
const LOOK_EVERY_MS = 1_000;

/** A lock that keeps other processes from the store or the journal. */
export interface RenewableLock {
  /** Locks anew if its file is gone. Returns whether it did. Throws if another process was first. */
  renew(): boolean;
}

interface LockWatch {
  /** Whether another process has a lock that this one had. */
  readonly isTaken: boolean;
  stop(): Promise<void>;
}

/** Notices that the file of a lock was deleted or replaced. */
export function watchLocks(locks: readonly RenewableLock[], logger: Logger): LockWatch {
  let isTaken = false;
  const condition = new Condition(
    logger,
    'the file of a lock (-serving) was deleted, and another process took its place: two processes use the same store or journal. Stop one of them',
    'no other process uses the store or the journal any more: locked again',
  );
  const loop = every(
    async () => {
      const renewed = locks.filter((lock) => lock.renew());
      if (renewed.length > 0 && !isTaken)
        logger.warn('the file of a lock (-serving) was deleted or replaced: locked again. Leave it where it is');
      isTaken = false;
      condition.over();
    },
    {
      everyMs: LOOK_EVERY_MS,
      onError(error) {
        isTaken = true;
        condition.met(error);
      },
    },
  );
  return {
    get isTaken() {
      return isTaken;
    },
    stop: () => loop.stop(),
  };
}
