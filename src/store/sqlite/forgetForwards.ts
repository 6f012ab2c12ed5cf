import type { EraseNumber } from '../../core/receive/eraseNumber.ts';
import { QUEUE, type Request } from './forwardQueue.ts';
import { SqliteDatabase } from './sqliteDatabase.ts';

/** How many requests are read at once. */
const PAGE = 500;

interface ForgottenForwards {
  /** How many requests have the number. */
  readonly requests: number;
  /** How many cannot be decrypted. */
  readonly unreadable: number;
}

/**
 * Deletes the requests with a number that wait in a queue to be forwarded. They are not changed instead, because their
 * signature covers the number. A service may be forwarding. `open` decrypts a request; see `ForwardQueue`.
 */
export async function forgetForwards(
  path: string,
  open: (sealed: Uint8Array) => Request | undefined,
  erase: EraseNumber,
  isDryRun: boolean,
): Promise<ForgottenForwards> {
  const queue = await SqliteDatabase.open(path, QUEUE);
  try {
    const found: number[] = [];
    let unreadable = 0;
    for (let after = 0; ; ) {
      const rows = await queue.all<{ seq: number; sealed: Uint8Array }>(
        'SELECT seq, sealed FROM forwards WHERE seq > $1 ORDER BY seq LIMIT $2',
        [after, PAGE],
      );
      for (const { seq, sealed } of rows) {
        const request = open(sealed);
        if (!request) unreadable += 1;
        else if (hasNumber(request, erase)) found.push(seq);
      }
      const last = rows.at(-1);
      if (!last) break;
      after = last.seq;
    }
    if (!isDryRun && found.length > 0) {
      await queue.transaction(async (queries) => {
        for (const seq of found) await queries.run('DELETE FROM forwards WHERE seq = $1', [seq]);
        await queries.run('DELETE FROM forward_calls WHERE call_id NOT IN (SELECT call_id FROM forwards)');
      });
      await queue.purge();
    }
    return { requests: found.length, unreadable };
  } finally {
    await queue.close();
  }
}

function hasNumber({ query, headers, body }: Request, erase: EraseNumber): boolean {
  return [query, ...headers, Buffer.from(body).toString()].some((text) => erase(text) !== text);
}
