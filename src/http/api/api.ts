import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { hasToken } from '../operations.ts';
import { SECURITY_HEADERS } from '../pageFiles.ts';
import { sendProblem } from '../problem.ts';
import { takeBoundedJson } from '../rawBodies.ts';
import { answer, type ByTypeBox, problems } from './apiSchema.ts';
import { type CallRoutes, callRoutes } from './callRoutes.ts';
import { type CheckRoutes, checkRoutes } from './checkRoute.ts';
import { type EventRoutes, eventRoutes } from './eventRoute.ts';
import { type IncidentRoutes, incidentRoutes } from './incidentRoutes.ts';
import { type ReferenceRoutes, referenceRoutes } from './reference.ts';
import { type TrunkRoutes, trunkRoutes } from './trunkRoutes.ts';

export interface ApiRoutes extends CallRoutes, IncidentRoutes, TrunkRoutes, CheckRoutes, ReferenceRoutes, EventRoutes {
  readonly apiToken: string | undefined;
  readonly version: string;
}

/** The JSON API. Register it encapsulated, with the prefix /api/v1. */
export async function apiRoutes(parent: FastifyInstance, routes: ApiRoutes): Promise<void> {
  const app = parent.withTypeProvider<ByTypeBox>();
  await app.register(helmet, SECURITY_HEADERS);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    if (hasToken(request, routes.apiToken)) return;
    await sendProblem(reply, 401, 'missing_token', 'The token is missing or wrong. Send API_TOKEN as a Bearer token.');
  });
  takeBoundedJson(app);
  // Response schemas only describe answers. They remove nothing, so new fields of an explanation are sent at once.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'sipwhy',
        version: routes.version,
        description: 'Why did this SIP call fail? Times are ISO 8601 in UTC. null means unknown.',
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'API_TOKEN, if it is set.' } },
      },
      security: [{ token: [] }, {}],
    },
  });
  callRoutes(app, routes);
  incidentRoutes(app, routes);
  trunkRoutes(app, routes);
  checkRoutes(app, routes);
  referenceRoutes(app, routes);
  eventRoutes(app, routes);
  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'getOpenApi',
        summary: 'Get this OpenAPI description',
        tags: ['reference'],
        response: { 200: answer(Type.Object({}, { additionalProperties: true })), ...problems(401, 503) },
      },
    },
    async () => app.swagger(),
  );
}
