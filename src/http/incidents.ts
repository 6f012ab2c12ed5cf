import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problem.ts';

export interface IncidentRoutes {
  /** Open ones first, then the newest; `undefined` for a cursor that is none. */
  incidents(query: {
    readonly state: 'open' | 'closed' | 'all';
    readonly cause?: readonly string[];
    readonly trunk?: readonly string[];
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<object | undefined>;
  /** `undefined` where there is none of that id. */
  incident(id: string): Promise<object | undefined>;
}

interface Query {
  readonly state: 'open' | 'closed' | 'all';
  readonly cause?: string;
  readonly trunk?: string;
  readonly limit: number;
  readonly cursor?: string;
}

const QUERY = {
  type: 'object',
  properties: {
    state: { type: 'string', enum: ['open', 'closed', 'all'], default: 'all' },
    cause: { type: 'string' },
    trunk: { type: 'string' },
    limit: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
    cursor: { type: 'string' },
  },
};

/** Incidents, as part of the API and under its token. */
export function incidentRoutes(app: FastifyInstance, routes: IncidentRoutes): void {
  app.get<{ Querystring: Query }>('/api/v1/incidents', { schema: { querystring: QUERY } }, async ({ query }, reply) => {
    const { cause, trunk, ...rest } = query;
    const lists = { ...(cause && { cause: cause.split(',') }), ...(trunk && { trunk: trunk.split(',') }) };
    const page = await routes.incidents({ ...rest, ...lists });
    return page ?? sendProblem(reply, 400, 'invalid', 'cursor is not one that next_cursor gave');
  });
  app.get<{ Params: { id: string } }>('/api/v1/incidents/:id', async ({ params }, reply) => {
    const incident = await routes.incident(params.id);
    return incident ?? sendProblem(reply, 404, 'unknown_incident', 'There is no incident of this id.');
  });
}
