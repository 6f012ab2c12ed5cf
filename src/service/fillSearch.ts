import { setImmediate } from 'node:timers/promises';
import type { Search } from '../journal/search.ts';

/** Makes attempts that an older version wrote findable, some at a time, so that webhooks are taken meanwhile. */
export async function fillSearch(search: Search, isStopped: () => boolean): Promise<void> {
  for (let after: string | undefined = ''; after !== undefined && !isStopped(); ) {
    after = await search.fill(after);
    await setImmediate();
  }
}
