import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { Type } from 'typebox';
import type { Doors } from '../door/doors.ts';
import { lock } from '../door/lock.ts';
import { Sessions } from '../door/sessions.ts';
import { SECURITY_HEADERS } from '../pageFiles.ts';
import { notFound, sendProblem } from '../problem.ts';
import { takeBoundedJson } from '../rawBodies.ts';
import { answer, type ByTypeBox, problems } from './apiSchema.ts';
import { type CallRoutes, callRoutes } from './callRoutes.ts';
import { type CheckRoutes, checkRoutes } from './checkRoute.ts';
import { type EventRoutes, eventRoutes } from './eventRoute.ts';
import { type ExpectedRoutes, expectedRoute } from './expectedRoute.ts';
import { type HandlingRoutes, handlingRoutes } from './handlingRoutes.ts';
import { type IncidentRoutes, incidentRoutes } from './incidentRoutes.ts';
import { type PredictionRoutes, predictionRoutes } from './predictionRoutes.ts';
import { type ReferenceRoutes, referenceRoutes } from './reference.ts';
import { type AskSample, sampleRoutes } from './sampleRoutes.ts';
import { sessionRoutes } from './sessionRoutes.ts';
import { type StatsRoutes, statsRoutes } from './statsRoute.ts';
import { type TrunkRoutes, trunkRoutes } from './trunkRoutes.ts';

export interface ApiRoutes
  extends CallRoutes,
    StatsRoutes,
    IncidentRoutes,
    HandlingRoutes,
    PredictionRoutes,
    TrunkRoutes,
    CheckRoutes,
    ExpectedRoutes,
    ReferenceRoutes,
    EventRoutes {
  readonly apiToken: string | undefined;
  /** Whether reads need no token, because a proxy checks who reads. */
  readonly isOpenToAll: boolean;
  /** Epoch milliseconds. */
  now(): number;
  readonly version: string;
  /** Answers over sample data. Absent: there are none. */
  readonly sample?: AskSample;
}

/** The JSON API. Register it encapsulated, with the prefix /api/v1, where `describeApi` describes it. */
export async function apiRoutes(
  parent: FastifyInstance,
  routes: ApiRoutes,
  doors: Doors & { readonly shedLoad: onRequestAsyncHookHandler },
): Promise<void> {
  const app = parent.withTypeProvider<ByTypeBox>();
  await app.register(helmet, SECURITY_HEADERS);
  const { apiToken, isOpenToAll, now } = routes;
  const sessions = apiToken === undefined ? undefined : new Sessions(apiToken, now);
  const { wrongTokens } = doors;
  const admit = lock({ door: 'api', token: apiToken, setting: 'API_TOKEN', isOpenToAll, sessions }, wrongTokens);
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  app.addHook('onRequest', refuseOtherMedia);
  app.addHook('onRequest', doors.refuseForeignPages);
  app.addHook('onRequest', doors.shedLoad);
  app.addHook('onRequest', async (request, reply) => {
    if (!request.routeOptions.config.isOpen) await admit(request, reply);
  });
  // After the lock: whoever has no token does not use up the reads of others with the same address.
  app.addHook('onRequest', doors.limitReads);
  takeBoundedJson(app);
  // Response schemas only describe answers. They remove nothing, so new fields of an explanation are sent at once.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  // Without a token, a path that is none looks like one that is.
  app.setNotFoundHandler(notFound);
  callRoutes(app, routes);
  statsRoutes(app, routes);
  incidentRoutes(app, routes);
  handlingRoutes(app, routes);
  predictionRoutes(app, routes);
  trunkRoutes(app, routes);
  checkRoutes(app, routes);
  expectedRoute(app, routes);
  referenceRoutes(app, routes);
  eventRoutes(app, routes, () => doors.onRefused('streams'));
  if (routes.sample) sampleRoutes(app, routes.sample);
  sessionRoutes(app, { apiToken, sessions, wrongTokens });
  app.get(
    '/openapi.json',
    {
      // It has no data, and tools fetch it without a token.
      config: { isOpen: true },
      schema: {
        operationId: 'getOpenApi',
        summary: 'Get this OpenAPI description',
        description: 'In OpenAPI 3.1. It has no data, so it needs no token. GET /api shows it for people.',
        tags: ['reference'],
        security: [],
        response: { 200: answer(Type.Object({}, { additionalProperties: true })), ...problems(503) },
      },
    },
    async () => app.swagger(),
  );
}

/** A form of another website can post other media types without the browser asking first. */
async function refuseOtherMedia(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (
    request.method !== 'POST' ||
    request.is404 ||
    /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')
  )
    return;
  await sendProblem(reply, 415, 'wrong_media_type', 'The body must be JSON, sent as application/json.');
}
