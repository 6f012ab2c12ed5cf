import type { IncidentJson } from '../../core/explain/incidentJson.ts';
import { type LinkTargets, traceIdOf, traceUrl } from '../../core/explain/links.ts';
import { type Incident, isSameAttempt } from '../../core/incidents/incident.ts';
import { comparePlaces, type IncidentSort, type OrderPlace, placeIn } from '../../core/incidents/incidentOrder.ts';
import {
  bucketsSince,
  DEFAULT_WINDOW_MS,
  SPARKLINE_PARTS,
  type TimeRange,
  windowJson,
} from '../../core/incidents/incidentWindow.ts';
import type { IncidentQuery, WindowQuery } from '../../http/api/incidentRoutes.ts';
import { mapInSlices } from '../../loop/slices.ts';
import type { Candidate } from '../../store/incidents/incidentSearch.ts';
import type { Store } from '../../store/store.ts';
import { fromCursor, toCursor } from './cursors.ts';
import { numberFilter, textFilter } from './textFilter.ts';

interface IncidentSources {
  readonly store: Store;
  /** PRIVACY_HASH_KEY. */
  readonly hashKey: string | undefined;
  readonly links: LinkTargets;
  /** Epoch milliseconds. */
  now(): number;
  describeIncident(incident: Incident): IncidentJson;
}

/** Answers the API's queries for incidents from the store. */
export function incidentAnswersFrom({ store, hashKey, links, now, describeIncident }: IncidentSources) {
  const { incidentSearch: search } = store;

  /** The incidents that a query selects. */
  const select = async (query: IncidentQuery, range: TimeRange): Promise<Candidate[]> => {
    const { state, cause, party, trunk, status, number, q } = query;
    const candidates = await search.candidates({ state, cause, party, trunk }, now());
    const isInTime = query.since !== undefined || query.until !== undefined;
    const inTime = isInTime ? await withCalls(candidates, range) : candidates;
    const text = q === undefined ? undefined : await textFilter(store, q, hashKey);
    if (text && !text.number) {
      const ids = await search.ofCalls(text.callIds);
      const named = inTime.filter(({ id }) => ids.has(id));
      if (status === undefined && number === undefined && !isInTime) return named;
      return filtered(named);
    }
    return text || status || number !== undefined ? filtered(inTime) : inTime;

    async function filtered(some: readonly Candidate[]): Promise<Candidate[]> {
      const fitting: Candidate[] = [];
      const filter = { status, text, number: numberFilter(number, hashKey) };
      for (const one of some) if (await search.hasCall(one.id, isInTime ? range : {}, filter)) fitting.push(one);
      return fitting;
    }
  };

  const withCalls = async (candidates: readonly Candidate[], range: TimeRange) => {
    const counts = await search.countIn(candidates, range, 1);
    return candidates.filter(({ id }) => (counts.get(id)?.[0] ?? 0) > 0);
  };

  /** The places of incidents in an order, the first ones first. */
  const order = async (candidates: readonly Candidate[], sort: IncidentSort, range: TimeRange) => {
    const counts = sort === 'impact' ? await search.countIn(candidates, range, 1) : undefined;
    return candidates
      .map((one) => placeIn(sort, { ...one, failed: counts?.get(one.id)?.[0] ?? 0 }))
      .sort(comparePlaces);
  };

  const windowsOf = async (incidents: readonly Incident[], range: TimeRange) => {
    const counts = await search.countIn(incidents, range, SPARKLINE_PARTS);
    const attempts = incidents.length === 0 ? 0 : await store.counts.total(range.since, range.until);
    return (incident: Incident) => windowJson(range, counts.get(incident.id) ?? [], attempts);
  };

  return {
    /** A page of incidents; `undefined` for an invalid cursor. All pages have the time of the first one. */
    async incidents(query: IncidentQuery) {
      const { cursor, limit, sort } = query;
      const after = cursor === undefined ? undefined : placeOf(cursor, sort);
      if (cursor !== undefined && !after) return undefined;
      const range = after?.range ?? rangeOf(query, now());
      const places = await order(await select(query, range), sort, range);
      const rest = after ? places.filter((place) => comparePlaces(after.place, place) < 0) : places;
      const page = rest.slice(0, limit);
      const last = rest.length > limit ? page.at(-1) : undefined;
      const found = await search.read(page.map(({ id }) => id));
      const windowOf = await windowsOf(found, range);
      return {
        incidents: await mapInSlices(found, (incident) => ({
          ...describeIncident(incident),
          window: windowOf(incident),
        })),
        next_cursor: last ? toCursor([sort, range.since, range.until, ...last.keys, last.id]) : null,
      };
    },

    /** One incident with its series and example calls; `undefined` if there is none with this id. */
    async incident(id: string, query: WindowQuery = {}) {
      const incident = await store.incidents.find(id);
      if (!incident) return undefined;
      const windowOf = await windowsOf([incident], rangeOf(query, now()));
      return {
        ...describeIncident(incident),
        window: windowOf(incident),
        series: await seriesOf(incident),
        example_calls: await examplesOf(incident),
      };
    },
  };

  async function seriesOf(incident: Incident) {
    const { stepMs, range, parts } = bucketsSince(incident.first.at, now());
    const counts = await search.countIn([incident], range, parts);
    return {
      step_seconds: stepMs / 1000,
      buckets: (counts.get(incident.id) ?? []).map((failed, i) => ({
        at: new Date(range.since + i * stepMs).toISOString(),
        failed,
      })),
    };
  }

  async function examplesOf(incident: Incident) {
    const examples = await Promise.all(
      incident.examples.map(async (example) => {
        const call = await store.calls.find(example.callSid);
        const attempt = call?.attempts.find((one) => isSameAttempt(one, example));
        return attempt ? [{ ...attempt, traceId: traceIdOf(call?.events ?? [], attempt.callSid) }] : [];
      }),
    );
    return examples.flat().map(({ startedAt, record, traceId }) => ({
      call_sid: record.callSid,
      started_at: new Date(startedAt).toISOString(),
      from: record.from ?? null,
      to: record.to ?? null,
      outcome: record.outcome,
      cause: record.cause ?? null,
      confidence: record.confidence ?? null,
      summary: record.summary,
      trace_url: traceUrl(traceId, links),
    }));
  }
}

/** The time that is asked for: the last day before its end, if no beginning is given. */
function rangeOf({ since, until }: WindowQuery, now: number): TimeRange {
  const end = until === undefined ? now : Date.parse(until);
  return { since: since === undefined ? end - DEFAULT_WINDOW_MS : Date.parse(since), until: end };
}

/** The place after which a page begins, and the time of the first page; `undefined` for a cursor of another order. */
function placeOf(
  cursor: string,
  sort: IncidentSort,
): { readonly range: TimeRange; readonly place: OrderPlace } | undefined {
  const { keys } = placeIn(sort, NONE);
  const parts = fromCursor(cursor, ['string', 'number', 'number', ...keys.map(() => 'number' as const), 'string']);
  if (parts?.[0] !== sort) return undefined;
  const [since = 0, until = 0, ...rest] = parts.slice(1, -1).map(Number);
  if (![since, until].every(isTime)) return undefined;
  return { range: { since, until }, place: { keys: rest, id: String(parts.at(-1)) } };
}

/** Whether a number is a time in epoch milliseconds that a date can have. */
function isTime(at: number): boolean {
  return !Number.isNaN(new Date(at).getTime());
}

const NONE = { id: '', isOpen: false, isMuted: false, openedAt: 0, lastAt: 0, failed: 0 };
