import { describeAttempt } from '../../core/explain/attemptSummary.ts';
import type { IncidentJson } from '../../core/explain/incidentJson.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { CallQuery } from '../../http/api/callRoutes.ts';
import type { Condition } from '../../loop/condition.ts';
import { mapInSlices } from '../../loop/slices.ts';
import type { AttemptFilter } from '../../store/calls/search.ts';
import type { Store } from '../../store/store.ts';
import type { Setup } from '../setup.ts';
import { versionsIn } from './historyAnswers.ts';
import { fromCursor, incidentAnswersFrom, toCursor } from './incidentAnswers.ts';
import { Feed } from './liveFeed.ts';

/** The sources of the answers. */
interface ReadSources {
  readonly store: Store;
  readonly setup: Setup;
  /** Epoch milliseconds. */
  now(): number;
  describeIncident(incident: Incident): IncidentJson;
  /** Reports whether the feed of events can read the store. */
  readonly feedCondition: Pick<Condition, 'met' | 'over'>;
}

/** Answers the API's queries that need only the store. The door runs them over its own connection. */
export function readAnswers({ store, setup, now, describeIncident, feedCondition }: ReadSources) {
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
      const found = await store.search.find(filterOf(query), limit + 1, position);
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      return {
        calls: await mapInSlices(page, describeAttempt),
        next_cursor: last ? toCursor([last.settledAt, last.id]) : null,
      };
    },

    /** The latest versions of LiveKit's configuration, newest first. */
    history: (limit: number) => versionsIn(store.configurations, limit),

    setup: () => setup.steps(),
  };
}

function filterOf({ from, to, number, since, until, ...rest }: Omit<CallQuery, 'cursor' | 'limit'>): AttemptFilter {
  const digits = (text: string | undefined) => text?.replaceAll(/\D/g, '');
  return {
    ...rest,
    fromDigits: digits(from),
    toDigits: digits(to),
    digits: digits(number),
    since: since === undefined ? undefined : timeOf(since),
    until: until === undefined ? undefined : timeOf(until),
  };
}

/** Epoch milliseconds. RFC 3339 allows a leap second, which `Date` does not know. */
function timeOf(text: string): number {
  return Date.parse(text.replace(/:60(?=\D)/, ':59'));
}
