import { withoutEscapes } from '../../core/call/sipUri.ts';
import { describeAttempt } from '../../core/explain/attemptSummary.ts';
import type { IncidentJson } from '../../core/explain/incidentJson.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { lineHashes } from '../../core/trunks/hashedNumber.ts';
import type { CallQuery } from '../../http/api/callRoutes.ts';
import type { StatsCount, StatsFilter } from '../../http/api/statsRoute.ts';
import type { Condition } from '../../loop/condition.ts';
import { mapInSlices } from '../../loop/slices.ts';
import type { AttemptFilter, NumberFilter } from '../../store/calls/search.ts';
import type { Store } from '../../store/store.ts';
import type { Setup } from '../setup.ts';
import { versionsIn } from './historyAnswers.ts';
import { fromCursor, incidentAnswersFrom, toCursor } from './incidentAnswers.ts';
import { Feed } from './liveFeed.ts';

/** The sources of the answers. */
interface ReadSources {
  readonly store: Store;
  readonly setup: Pick<Setup, 'steps'>;
  /** PRIVACY_HASH_KEY. */
  readonly hashKey: string | undefined;
  /** Epoch milliseconds. */
  now(): number;
  describeIncident(incident: Incident): IncidentJson;
  /** Reports whether the feed of events can read the store. */
  readonly feedCondition: Pick<Condition, 'met' | 'over'>;
}

/** Answers the API's queries that need only the store. The door runs them over its own connection. */
export function readAnswers({ store, setup, hashKey, now, describeIncident, feedCondition }: ReadSources) {
  const feed = new Feed(store, describeIncident, now, feedCondition);
  return {
    ...incidentAnswersFrom(store, describeIncident),
    isCursor: (text: string) => feed.isCursor(text),
    eventsAfter: (cursor: string | undefined) => feed.eventsAfter(cursor),
    listen: (listener: Parameters<Feed['listen']>[0]) => feed.listen(listener),

    /** A page of attempts, the latest settled first; `undefined` for an invalid cursor. */
    async findCalls({ cursor, limit, ...query }: CallQuery) {
      const after = cursor === undefined ? undefined : fromCursor(cursor, 'number', 'string');
      if (cursor !== undefined && !after) return undefined;
      const position = after && { at: after[0], id: after[1] };
      const found = await store.search.find(filterOf(query, hashKey), limit + 1, position);
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      return {
        calls: await mapInSlices(page, describeAttempt),
        next_cursor: last ? toCursor([last.settledAt, last.id]) : null,
      };
    },

    /** Numbers of attempts over a time, the most frequent first. The cast: the store has what the diagnosis wrote. */
    stats: async (filter: StatsFilter) => (await store.search.count(filter)) as StatsCount[],

    /** The latest versions of LiveKit's configuration, newest first. */
    history: (limit: number) => versionsIn(store.configurations, limit),

    setup: () => setup.steps(),
  };
}

function numberFilter(text: string | undefined, hashKey: string | undefined): NumberFilter | undefined {
  if (text === undefined) return undefined;
  // Numbers are copied from logs and URLs, where they may be escaped.
  const digits = withoutEscapes(text).replaceAll(/\D/g, '');
  return { digits, hashes: hashKey === undefined ? [] : lineHashes(hashKey, digits.replace(/^00/, '')) };
}

function filterOf(
  { from, to, number, since, until, ...rest }: Omit<CallQuery, 'cursor' | 'limit'>,
  hashKey: string | undefined,
): AttemptFilter {
  return {
    ...rest,
    from: numberFilter(from, hashKey),
    to: numberFilter(to, hashKey),
    number: numberFilter(number, hashKey),
    since: since === undefined ? undefined : Date.parse(since),
    until: until === undefined ? undefined : Date.parse(until),
  };
}
