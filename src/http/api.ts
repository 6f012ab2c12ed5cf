import type { FastifyInstance } from 'fastify';
import type { Question } from '../check/question.ts';
import type { ReadQuestions } from '../check/readQuestions.ts';
import { type IncidentRoutes, incidentRoutes } from './incidents.ts';
import { sendProblem } from './problem.ts';
import { hasToken } from './token.ts';

export interface ApiRoutes extends IncidentRoutes {
  readonly apiToken: string | undefined;
  /** One call with its timeline and explanations; `undefined` for an unknown call_sid. */
  describeCall(callSid: string): Promise<object | undefined>;
  latest(limit: number): Promise<object[]>;
  causes(): object[];
  readQuestions(body: unknown): ReadQuestions;
  /** Whether calls would connect; `undefined` while LiveKit's trunks and rules are not known. */
  check(questions: readonly Question[]): object[] | undefined;
  /** LiveKit's trunks and rules with their audit; `undefined` while they are not known. */
  audit(): object | undefined;
  /** The latest versions of LiveKit's configuration, newest first. */
  history(limit: number): Promise<object[]>;
  /** What changed between two versions; `undefined` where one of them is not kept. */
  difference(from: number, to: number): Promise<object | undefined>;
}

const NO_CONFIGURATION = 'LiveKit’s trunks and rules are not known: see LIVEKIT_URL and LIVEKIT_CONFIG_FILE.';

const LIMIT = { type: 'integer', minimum: 1, maximum: 500, default: 50 };
const VERSION = { type: 'integer', minimum: 0 };

/** The JSON API. */
export async function apiRoutes(app: FastifyInstance, routes: ApiRoutes): Promise<void> {
  app.addHook('onRequest', async (request, reply) => {
    if (hasToken(request, routes.apiToken)) return;
    await sendProblem(reply, 401, 'missing_token', 'Send API_TOKEN as a Bearer token.');
  });
  app.get<{ Querystring: { limit: number } }>(
    '/api/v1/calls',
    { schema: { querystring: { type: 'object', properties: { limit: LIMIT } } } },
    async (request) => ({ calls: await routes.latest(request.query.limit) }),
  );
  app.get<{ Params: { callSid: string } }>('/api/v1/calls/:callSid', async (request, reply) => {
    const call = await routes.describeCall(request.params.callSid);
    if (call) return call;
    return sendProblem(reply, 404, 'unknown_call', 'No webhook of a leg with this call_sid was received.');
  });
  app.get('/api/v1/trunks', async (_request, reply) => {
    const audit = routes.audit();
    if (audit) return audit;
    return sendProblem(reply, 503, 'no_configuration', NO_CONFIGURATION);
  });
  app.get<{ Querystring: { limit: number } }>(
    '/api/v1/trunks/history',
    { schema: { querystring: { type: 'object', properties: { limit: LIMIT } } } },
    async (request) => ({ versions: await routes.history(request.query.limit) }),
  );
  app.get<{ Params: { from: number; to: number } }>(
    '/api/v1/trunks/history/:from/:to',
    { schema: { params: { type: 'object', properties: { from: VERSION, to: VERSION } } } },
    async ({ params }, reply) => {
      const difference = await routes.difference(params.from, params.to);
      if (difference) return difference;
      return sendProblem(reply, 404, 'unknown_version', 'One of the two versions is not kept, or not any more.');
    },
  );
  app.post('/api/v1/check', async (request, reply) => {
    const reading = routes.readQuestions(request.body);
    if (!reading.ok) return sendProblem(reply, 400, 'invalid', reading.fault);
    const answers = routes.check(reading.questions);
    return answers ? { answers } : sendProblem(reply, 503, 'no_configuration', NO_CONFIGURATION);
  });
  incidentRoutes(app, routes);
  app.get('/api/v1/causes', async () => ({ causes: routes.causes() }));
}
