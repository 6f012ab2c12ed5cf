import { type Static, Type } from 'typebox';
import { CauseId } from '../../core/explain/explanationSchema.ts';
import { sendProblem } from '../problem.ts';
import { type ApiServer, answer, Cursor, Limit, problems, splitLists, unknownCursor } from './apiSchema.ts';
import { IncidentList, IncidentWithCalls } from './incidentSchema.ts';
import { sendLong } from './longAnswer.ts';

const IncidentsQuery = Type.Object(
  {
    state: Type.Enum(['open', 'closed', 'all'], { default: 'all', description: 'State of the incidents.' }),
    cause: Type.Optional(Type.Array(CauseId, { minItems: 1 })),
    trunk: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
    limit: Limit,
    cursor: Type.Optional(Cursor),
  },
  { additionalProperties: false, style: 'form', explode: false },
);
export type IncidentQuery = Static<typeof IncidentsQuery>;

export interface IncidentRoutes {
  /** `undefined` for an invalid cursor. */
  incidents(
    query: IncidentQuery,
  ): Promise<{ readonly incidents: readonly object[]; readonly next_cursor: string | null } | undefined>;
  /** An incident with its example calls; `undefined` for an unknown id. */
  incident(id: string): Promise<object | undefined>;
}

/** Incidents: failed calls grouped by cause and trunk. */
export function incidentRoutes(app: ApiServer, routes: IncidentRoutes): void {
  app.get(
    '/incidents',
    {
      schema: {
        operationId: 'listIncidents',
        summary: 'List incidents, open ones first, then the newest',
        description: 'An incident groups failed calls with the same cause on the same trunk.',
        tags: ['incidents'],
        querystring: IncidentsQuery,
        response: { 200: answer(IncidentList), ...problems(400, 401, 503) },
      },
      preValidation: async (request) => splitLists(request, ['cause', 'trunk']),
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
        summary: 'Get an incident with its example calls',
        description: 'Its fix is that of the latest failure; after_fix says whether the cause is gone.',
        tags: ['incidents'],
        params: Type.Object({ id: Type.String({ description: 'Incident id.' }) }),
        response: { 200: answer(IncidentWithCalls), ...problems(401, 404, 503) },
      },
    },
    async (request, reply) =>
      (await routes.incident(request.params.id)) ??
      sendProblem(
        reply,
        404,
        'unknown_incident',
        'No incident has this id. It may have been deleted because of its age.',
      ),
  );
}
