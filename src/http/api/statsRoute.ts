import { type Static, Type } from 'typebox';
import { OUTCOMES } from '../../core/diagnose/diagnosis.ts';
import { CauseId, Party } from '../../core/explain/explanationSchema.ts';
import { sendInvalid } from '../problem.ts';
import { type ApiServer, answer, count, nullable, oneOf, problems, splitLists, text, time } from './apiSchema.ts';
import { CALL_FILTERS, CALL_LISTS } from './callFilters.ts';
import { durationOf, QueryTime, readTimes } from './queryTimes.ts';

const StatsParameters = Type.Object(
  {
    ...CALL_FILTERS,
    since: Type.Optional(QueryTime('Only attempts settled at this time or later. Default: -24h.')),
    until: Type.Optional(QueryTime('Only attempts settled before this time. Default: now.')),
    step: Type.Optional(
      Type.String({
        pattern: '^[1-9]\\d{0,5}[smhdw]$',
        description: 'Adds series: the attempts by outcome in buckets of this length, such as 15m. At most 500.',
        examples: ['15m'],
      }),
    ),
  },
  { additionalProperties: false, style: 'form', explode: false },
);
const DEFAULT_SINCE = '-24h';

/** The most buckets of a series. */
const MOST_BUCKETS = 500;

const BY_OUTCOME = {
  connected: count('Number of attempts that connected.'),
  failed: count('Number of attempts that failed.'),
  dropped: count('Number of attempts that were answered, and then ended by a fault.'),
  not_counted: count('Number of attempts that failed although nobody is at fault.'),
};
export type SeriesOutcome = keyof typeof BY_OUTCOME;
const StatsBucket = Type.Object(
  { at: time('Beginning of the bucket.'), ...BY_OUTCOME },
  { title: 'StatsBucket', description: 'Number of attempts by outcome that settled in one bucket.' },
);
export type StatsBucket = Static<typeof StatsBucket>;

export const Stats = Type.Object(
  {
    since: time('Beginning of the time.'),
    until: time('End of the time.'),
    attempts: count('Number of attempts.'),
    counts: Type.Array(
      Type.Object(
        {
          outcome: oneOf(OUTCOMES, 'Outcome of the attempts.'),
          cause: nullable(CauseId),
          party: nullable(Party),
          trunk: text('LiveKit’s trunk id, none, or unknown.'),
          attempts: count('Number of attempts.'),
        },
        {
          title: 'StatsCount',
          description: 'Number of attempts with an outcome, a cause and a trunk.',
          examples: [
            { outcome: 'failed', cause: 'auth_missing', party: 'application', trunk: 'ST_GjeZjGQjrsvC', attempts: 12 },
          ],
        },
      ),
      { description: 'One entry per outcome, cause and trunk, the most frequent first.' },
    ),
    series: Type.Optional(
      Type.Array(StatsBucket, {
        description: 'Only with step. Without gaps, the oldest first; the last may be shorter.',
      }),
    ),
  },
  { title: 'Stats', description: 'Number of attempts by outcome, cause and trunk.' },
);
export type StatsCount = Static<typeof Stats>['counts'][number];

/** The filters for attempts. Times are absolute. */
export interface StatsQuery extends Omit<Static<typeof StatsParameters>, 'step'> {
  readonly since: string;
  readonly until: string;
  /** Length of the buckets of a series, in milliseconds; absent: no series. */
  readonly stepMs?: number | undefined;
}

export interface StatsRoutes {
  /** Epoch milliseconds. */
  now(): number;
  /** Numbers of attempts, the most frequent first. */
  stats(
    query: StatsQuery,
  ): Promise<{ readonly counts: readonly StatsCount[]; readonly series?: readonly StatsBucket[] }>;
}

/** Counts attempts over a time. */
export function statsRoutes(app: ApiServer, routes: StatsRoutes): void {
  app.get(
    '/stats',
    {
      schema: {
        operationId: 'getStats',
        summary: 'Count attempts by outcome, cause and trunk over a time',
        description: 'Without since, of the last 24 hours.',
        tags: ['calls'],
        querystring: StatsParameters,
        response: { 200: answer(Stats), ...problems(400, 401, 503) },
      },
      preValidation: async (request, reply) => {
        splitLists(request, CALL_LISTS);
        // The cast is safe: Fastify's query parser gives this type.
        (request.query as Record<string, unknown>).since ??= DEFAULT_SINCE;
        await readTimes(request, reply, ['since', 'until'], routes.now());
      },
    },
    async (request, reply) => {
      const { since = '', until = new Date(routes.now()).toISOString(), step, ...filter } = request.query;
      const stepMs = step === undefined ? undefined : durationOf(step);
      const buckets = stepMs === undefined ? 0 : (Date.parse(until) - Date.parse(since)) / stepMs;
      if (buckets > MOST_BUCKETS) {
        return sendInvalid(reply, [
          {
            field: 'step',
            detail: `step must be longer for this time, so that there are at most ${MOST_BUCKETS} buckets, got ${step}; or ask for a shorter time`,
          },
        ]);
      }
      const { counts, series } = await routes.stats({ ...filter, since, until, stepMs });
      const attempts = counts.reduce((sum, one) => sum + one.attempts, 0);
      return { since, until, attempts, counts, ...(series && { series }) };
    },
  );
}
