import { address } from '../route.ts';

/**
 * The filters of the calls, as in the address. Absent: no filter, except that an absent `outcome` means failed calls.
 */
export const FILTERS = ['cause', 'party', 'trunk', 'outcome', 'status', 'number', 'last', 'since', 'until'] as const;
export type FilterName = (typeof FILTERS)[number];
export type Filters = Readonly<Partial<Record<FilterName, string>>>;

/** Relative spans of time. The address keeps the relative span, so that a bookmark stays true. */
export const SPANS: Readonly<Record<string, { readonly words: string; readonly minutes: number }>> = {
  '15m': { words: 'last 15 minutes', minutes: 15 },
  '1h': { words: 'last hour', minutes: 60 },
  '24h': { words: 'last 24 hours', minutes: 24 * 60 },
  '7d': { words: 'last 7 days', minutes: 7 * 24 * 60 },
};

export const PAGE_SIZE = 50;

export function filtersIn(query: URLSearchParams): Filters {
  return Object.fromEntries(FILTERS.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : [])));
}

/** The address of the calls with these filters, on their first page. */
export function filtered(filters: Filters): string {
  return address(filters);
}

/**
 * The API path for these filters. `minute` is the current minute in epoch milliseconds: a path that changes more often
 * would repeat the request.
 */
export function callsPath(filters: Filters, cursor: string | null, incident: string | null, minute: number): string {
  const { last, outcome, since, until, ...same } = filters;
  const params = new URLSearchParams(same);
  if (outcome !== 'all') params.set('outcome', outcome ?? 'failed');
  const span = SPANS[last ?? ''];
  if (span) params.set('since', new Date(minute - span.minutes * 60_000).toISOString());
  else {
    if (isTime(since)) params.set('since', new Date(since).toISOString());
    if (isTime(until)) params.set('until', new Date(until).toISOString());
  }
  if (incident !== null) params.set('incident', incident);
  if (cursor !== null) params.set('cursor', cursor);
  params.set('limit', String(PAGE_SIZE));
  params.set('fields', 'summary');
  return `calls?${params}`;
}

function isTime(text: string | undefined): text is string {
  return text !== undefined && !Number.isNaN(new Date(text).getTime());
}
