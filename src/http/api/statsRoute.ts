import { type Static, Type } from 'typebox';
import { OUTCOMES } from '../../core/diagnose/diagnosis.ts';
import { CauseId, Party } from '../../core/explain/explanationSchema.ts';
import { type ApiServer, answer, count, nullable, oneOf, problems, splitLists, text, time } from './apiSchema.ts';
import { QueryTime, readTimes } from './queryTimes.ts';

const StatsQuery = Type.Object(
  {
    cause: Type.Optional(Type.Array(CauseId, { minItems: 1 })),
    trunk: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
    since: Type.Optional(QueryTime('Only attempts settled at this time or later. Default: -24h.')),
    until: Type.Optional(QueryTime('Only attempts settled before this time. Default: now.')),
  },
  { additionalProperties: false, style: 'form', explode: false },
);
const LISTS = ['cause', 'trunk'];
const DEFAULT_SINCE = '-24h';

const Stats = Type.Object(
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
  },
  { title: 'Stats', description: 'Number of attempts by outcome, cause and trunk.' },
);
export type StatsCount = Static<typeof Stats>['counts'][number];

export interface StatsFilter {
  readonly cause?: readonly string[] | undefined;
  readonly trunk?: readonly string[] | undefined;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly until: number;
}

export interface StatsRoutes {
  /** Epoch milliseconds. */
  now(): number;
  /** Numbers of attempts, the most frequent first. */
  stats(filter: StatsFilter): Promise<readonly StatsCount[]>;
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
        querystring: StatsQuery,
        response: { 200: answer(Stats), ...problems(400, 401, 503) },
      },
      preValidation: async (request, reply) => {
        splitLists(request, LISTS);
        // The cast is safe: Fastify's query parser gives this type.
        (request.query as Record<string, unknown>).since ??= DEFAULT_SINCE;
        await readTimes(request, reply, ['since', 'until'], routes.now());
      },
    },
    async (request) => {
      const { since = '', until = new Date(routes.now()).toISOString(), ...filter } = request.query;
      const counts = await routes.stats({ ...filter, since: Date.parse(since), until: Date.parse(until) });
      return { since, until, attempts: counts.reduce((sum, { attempts }) => sum + attempts, 0), counts };
    },
  );
}
