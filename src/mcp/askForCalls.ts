import type { DescribedAttempt } from '../core/explain/attemptSummary.ts';
import type { AskApi, AskQuery } from './askApi.ts';

export interface CallPage {
  readonly calls: readonly DescribedAttempt[];
  readonly next_cursor: string | null;
  readonly searched_back_to: string | null;
}

/** Asks for calls until a page has some, or all are searched: one request looks through a limited number of calls. */
export async function askForCalls(ask: AskApi, query: AskQuery): Promise<CallPage> {
  // The casts: the API's schema says so.
  let page = (await ask('/calls', query)) as CallPage;
  while (page.calls.length === 0 && page.next_cursor !== null) {
    page = (await ask('/calls', { ...query, cursor: page.next_cursor })) as CallPage;
  }
  return page;
}
