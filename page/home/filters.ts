import { address } from '../route.ts';
import { zone } from '../text/time.ts';

/**
 * The filters of home, as in the address, the same for incidents and calls. Absent: no filter, except that an absent
 * `state` means open incidents, an absent `outcome` failed calls, and an absent `last` the last 24 hours.
 */
export const FILTERS = [
  'state',
  'outcome',
  'party',
  'cause',
  'trunk',
  'status',
  'number',
  'q',
  'last',
  'since',
  'until',
] as const;
export type FilterName = (typeof FILTERS)[number];
export type Filters = Readonly<Partial<Record<FilterName, string>>>;

/** What the list is: the incidents, or the calls themselves. */
export type Tab = 'incidents' | 'calls';

/** Orders of the incidents, by the column that they are told by. */
export const SORTS = { impact: 'Failed', newest: 'Age', last: 'Last' } as const;
export type Sort = keyof typeof SORTS;

interface Span {
  readonly words: string;
  readonly since: string;
  /** Length of a bucket of the chart. */
  readonly step: string;
}

const DAY: Span = { words: '24 h', since: '-24h', step: '15m' };

/** Relative spans of time. The address keeps the relative span, so that a bookmark stays true. */
export const SPANS: Readonly<Record<string, Span>> = {
  '15m': { words: '15 min', since: '-15m', step: '1m' },
  '1h': { words: '1 h', since: '-1h', step: '1m' },
  '24h': DAY,
  '7d': { words: '7 days', since: '-7d', step: '2h' },
  '30d': { words: '30 days', since: '-30d', step: '6h' },
};

export const PAGE_SIZE = 50;

export function filtersIn(query: URLSearchParams): Filters {
  return Object.fromEntries(FILTERS.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : [])));
}

/** An address with an outcome is one of calls: incidents have none. */
export function tabIn(query: URLSearchParams): Tab {
  return query.get('tab') === 'calls' || query.has('outcome') ? 'calls' : 'incidents';
}

export function sortIn(query: URLSearchParams): Sort {
  const sort = query.get('sort');
  return sort === 'newest' || sort === 'last' ? sort : 'impact';
}

/** The address of a list with these filters, on its first page. */
export function listed(filters: Filters, tab: Tab, sort: Sort): string {
  return address({
    ...filters,
    outcome: tab === 'calls' ? filters.outcome : undefined,
    state: tab === 'calls' ? undefined : filters.state,
    tab: tab === 'calls' ? tab : undefined,
    sort: sort === 'impact' ? undefined : sort,
  });
}

/** Whether a time was chosen by its ends. */
export function isBetween({ last, since, until }: Filters): boolean {
  return last === undefined && (since !== undefined || until !== undefined);
}

/** The range of time in words: `24 h`, or empty if it is given by its ends or not at all. */
export function spanWords(filters: Filters): string {
  if (isBetween(filters)) return '';
  return filters.last === undefined ? DAY.words : (SPANS[filters.last]?.words ?? '');
}

/** The API path of the calls. */
export function callsPath(filters: Filters, cursor: string | null, incident: string | null): string {
  const params = common(filters);
  // An incident counts calls that failed, or that were answered and then dropped.
  const { outcome = incident === null ? 'failed' : 'failed,dropped' } = filters;
  if (outcome !== 'all') params.set('outcome', outcome);
  if (incident === null) setTimes(params, filters);
  else params.set('incident', incident);
  return paged('calls', params, cursor, { fields: 'summary' });
}

/** The API path of the incidents. Open ones are listed however old they are, unless a time is chosen. */
export function incidentsPath(filters: Filters, sort: Sort, cursor: string | null): string {
  const params = common(filters);
  params.set('state', filters.state ?? 'open');
  params.set('sort', sort);
  if (filters.last !== undefined || isBetween(filters)) setTimes(params, filters);
  return paged('incidents', params, cursor);
}

/** The API path of the numbers of calls, in buckets for a chart. Of a trunk; other filters would leave no success. */
export function statsPath(filters: Filters): string {
  const params = new URLSearchParams();
  if (filters.trunk) params.set('trunk', filters.trunk);
  setTimes(params, filters.last === 'all' ? {} : filters);
  params.set('step', stepOf(filters));
  return `stats?${params}`;
}

const BUCKETS = 96;

function stepOf(filters: Filters): string {
  if (!isBetween(filters)) return (SPANS[filters.last ?? ''] ?? DAY).step;
  const since = iso(filters.since);
  const until = iso(filters.until);
  const length = (until ? Date.parse(until) : Date.now()) - (since ? Date.parse(since) : Date.now() - 86_400_000);
  return `${Math.max(1, Math.ceil(length / BUCKETS / 60_000))}m`;
}

function common({ party, cause, trunk, status, number, q }: Filters): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries({ party, cause, trunk, status, number, q })) {
    if (value !== undefined) params.set(name, value);
  }
  return params;
}

function setTimes(params: URLSearchParams, filters: Filters): void {
  if (isBetween(filters)) {
    for (const name of ['since', 'until'] as const) {
      const time = iso(filters[name]);
      if (time) params.set(name, time);
    }
  } else if (filters.last !== 'all') {
    params.set('since', (SPANS[filters.last ?? ''] ?? DAY).since);
  }
}

function paged(
  path: string,
  params: URLSearchParams,
  cursor: string | null,
  more: Record<string, string> = {},
): string {
  for (const [name, value] of Object.entries({ ...more, limit: String(PAGE_SIZE) })) params.set(name, value);
  if (cursor !== null) params.set('cursor', cursor);
  return `${path}?${params}`;
}

/** A time as the API takes it. Without a zone, as a form has it, it is one in the chosen zone. */
function iso(text: string | undefined): string | undefined {
  const isUtc = zone.value === 'utc' && text?.length === 'YYYY-MM-DDThh:mm'.length;
  const time = new Date(`${text}${isUtc ? 'Z' : ''}`);
  return text === undefined || Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
