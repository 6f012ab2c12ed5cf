import { describeAttempt } from '../../core/explain/attemptSummary.ts';
import type { IncidentJson } from '../../core/explain/incidentJson.ts';
import type { LinkTargets } from '../../core/explain/links.ts';
import type { PredictionJson } from '../../core/explain/predictionJson.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { Prediction } from '../../core/predict/prediction.ts';
import type { CallQuery } from '../../http/api/callRoutes.ts';
import type { StatsQuery } from '../../http/api/statsRoute.ts';
import type { Condition } from '../../loop/condition.ts';
import { mapInSlices } from '../../loop/slices.ts';
import type { AttemptFilter } from '../../store/calls/attemptFilter.ts';
import type { Store } from '../../store/store.ts';
import type { Setup } from '../setup.ts';
import { fromCursor, toCursor } from './cursors.ts';
import { historyIn } from './historyAnswers.ts';
import { incidentAnswersFrom } from './incidentAnswers.ts';
import { Feed } from './liveFeed.ts';
import { statsFrom } from './statsAnswers.ts';
import { numberFilter, textFilter } from './textFilter.ts';

/** The sources of the answers. */
interface ReadSources {
  readonly store: Store;
  readonly setup: Pick<Setup, 'steps'>;
  /** PRIVACY_HASH_KEY. */
  readonly hashKey: string | undefined;
  readonly links: LinkTargets;
  /** Epoch milliseconds. */
  now(): number;
  describeIncident(incident: Incident): IncidentJson;
  describePrediction(prediction: Prediction): PredictionJson;
  /** Reports whether the feed of events can read the store. */
  readonly feedCondition: Pick<Condition, 'met' | 'over'>;
}

/** Answers the API's queries that need only the store. The door runs them over its own connection. */
export function readAnswers(sources: ReadSources) {
  const { store, setup, hashKey, now, describeIncident, describePrediction, feedCondition } = sources;
  const feed = new Feed(store, describeIncident, now, feedCondition);
  return {
    ...incidentAnswersFrom(sources),
    isCursor: (text: string) => feed.isCursor(text),
    eventsAfter: (cursor: string | undefined) => feed.eventsAfter(cursor),
    listen: (listener: Parameters<Feed['listen']>[0]) => feed.listen(listener),

    /** A page of attempts, the latest settled first; `undefined` for an invalid cursor. It may be empty with a cursor. */
    async findCalls({ cursor, limit, ...query }: CallQuery) {
      const after = cursor === undefined ? undefined : fromCursor(cursor, ['number', 'string']);
      if (cursor !== undefined && !after) return undefined;
      const position = after && { at: after[0], id: after[1] };
      const { found, next } = await store.search.find(await filterOf(store, query, hashKey), limit, position);
      return {
        calls: await mapInSlices(found, describeAttempt),
        next_cursor: next ? toCursor([next.at, next.id]) : null,
        searched_back_to: next ? new Date(next.at).toISOString() : null,
      };
    },

    /** Predicted incidents, open ones first. */
    async predicted(state: 'open' | 'closed' | 'all') {
      return mapInSlices(await store.predictions.list(state), describePrediction);
    },

    /** One of them; `undefined` for an unknown id. */
    async prediction(id: string) {
      const prediction = await store.predictions.find(id);
      return prediction && describePrediction(prediction);
    },

    /** Numbers of attempts over a time. */
    async stats({ stepMs, ...query }: StatsQuery) {
      const filter = await filterOf(store, query, hashKey);
      return statsFrom(
        store.counts,
        filter,
        { since: Date.parse(query.since), until: Date.parse(query.until) },
        stepMs,
      );
    },

    /** The latest versions of LiveKit's configuration, and the changes that commands made in it, newest first. */
    history: (limit: number) => historyIn(store, limit),

    setup: () => setup.steps(),
  };
}

async function filterOf(
  store: Store,
  { from, to, number, q, since, until, ...rest }: Omit<CallQuery, 'cursor' | 'limit'>,
  hashKey: string | undefined,
): Promise<AttemptFilter> {
  return {
    ...rest,
    from: numberFilter(from, hashKey),
    to: numberFilter(to, hashKey),
    number: numberFilter(number, hashKey),
    text: q === undefined ? undefined : await textFilter(store, q, hashKey),
    since: since === undefined ? undefined : Date.parse(since),
    until: until === undefined ? undefined : Date.parse(until),
  };
}
