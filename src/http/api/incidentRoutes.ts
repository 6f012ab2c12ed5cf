import type { FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import { INCIDENT_SORTS } from '../../core/incidents/incidentOrder.ts';
import { sendProblem } from '../problem.ts';
import { type ApiServer, answer, Cursor, Limit, problems, splitLists, unknownCursor } from './apiSchema.ts';
import { CALL_FILTERS, CALL_LISTS } from './callFilters.ts';
import { IncidentList, IncidentWithCalls } from './incidentSchema.ts';
import { sendLong } from './longAnswer.ts';
import { QueryTime, readTimes } from './queryTimes.ts';

const WINDOW = {
  since: Type.Optional(QueryTime('Only incidents with a failed call that settled at this time or later.')),
  until: Type.Optional(QueryTime('Only incidents with a failed call that settled before this time.')),
};
const WindowQuery = Type.Object(
  {
    since: Type.Optional(QueryTime('Beginning of window. Default: 24 hours before its end.')),
    until: Type.Optional(QueryTime('End of window. Default: now.')),
  },
  { additionalProperties: false },
);

const IncidentsQuery = Type.Object(
  {
    state: Type.Enum(['open', 'closed', 'all'], { default: 'all', description: 'State of the incidents.' }),
    ...CALL_FILTERS,
    ...WINDOW,
    sort: Type.Enum(INCIDENT_SORTS, {
      default: 'impact',
      description:
        'impact: open ones first, muted ones after others, then by failed calls in the time. newest: open ones first, then the last opened. last: the latest failed call first.',
    }),
    limit: Limit,
    cursor: Type.Optional(Cursor),
  },
  { additionalProperties: false, style: 'form', explode: false },
);
export type IncidentQuery = Static<typeof IncidentsQuery>;

export type WindowQuery = Static<typeof WindowQuery>;
export const IncidentId = Type.Object({ id: Type.String({ description: 'Incident id.' }) });

export interface IncidentRoutes {
  /** Epoch milliseconds. */
  now(): number;
  /** `undefined` for an invalid cursor. */
  incidents(
    query: IncidentQuery,
  ): Promise<{ readonly incidents: readonly object[]; readonly next_cursor: string | null } | undefined>;
  /** An incident with its series and example calls; `undefined` for an unknown id. */
  incident(id: string, window?: WindowQuery): Promise<object | undefined>;
}

/** Incidents: failed calls grouped by cause and trunk. */
export function incidentRoutes(app: ApiServer, routes: IncidentRoutes): void {
  app.get(
    '/incidents',
    {
      schema: {
        operationId: 'listIncidents',
        summary: 'List incidents, those that concern most calls first',
        description:
          'An incident groups failed calls with the same cause on the same trunk. It matches if one of its failed calls matches every filter.',
        tags: ['incidents'],
        querystring: IncidentsQuery,
        response: { 200: answer(IncidentList), ...problems(400, 401, 503) },
      },
      preValidation: async (request, reply) => {
        splitLists(request, CALL_LISTS);
        await readTimes(request, reply, ['since', 'until'], routes.now());
      },
    },
    async (request, reply) => {
      const page = await routes.incidents(request.query);
      return page ? sendLong(reply, page) : unknownCursor(reply);
    },
  );
  app.get(
    '/incidents/:id',
    {
      schema: {
        operationId: 'getIncident',
        summary: 'Get an incident with its series and example calls',
        description: 'Its fix is that of the latest failure; after_fix says whether the cause is gone.',
        tags: ['incidents'],
        params: IncidentId,
        querystring: WindowQuery,
        response: { 200: answer(IncidentWithCalls), ...problems(400, 401, 404, 503) },
      },
      preValidation: async (request, reply) => readTimes(request, reply, ['since', 'until'], routes.now()),
    },
    async (request, reply) => (await routes.incident(request.params.id, request.query)) ?? unknownIncident(reply),
  );
}

export function unknownIncident(reply: FastifyReply): FastifyReply {
  const detail = 'No incident has this id. It may have been deleted because of its age.';
  return sendProblem(reply, 404, 'unknown_incident', detail);
}
