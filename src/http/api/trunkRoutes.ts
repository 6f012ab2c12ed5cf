import { Type } from 'typebox';
import { sendProblem } from '../problem.ts';
import { type ApiServer, answer, Limit, problems } from './apiSchema.ts';
import { sendLong } from './longAnswer.ts';
import { Difference, History, Trunks } from './trunkSchema.ts';

export interface TrunkRoutes {
  /** LiveKit's trunks and rules with their audit, as JSON text; `undefined` while they are unknown. */
  audit(): Promise<Uint8Array | undefined>;
  /** The latest versions of LiveKit's configuration, and the changes that commands made in it, newest first. */
  history(limit: number): Promise<{ readonly versions: readonly object[]; readonly applied: readonly object[] }>;
  /** What changed between two versions; `undefined` if one of them isn't kept. */
  difference(from: number, to: number): Promise<object | undefined>;
}

export const NO_CONFIGURATION =
  'LiveKit’s trunks and dispatch rules are unknown. Set LIVEKIT_URL with its key, or LIVEKIT_CONFIG_FILE; if set, check the log.';

const Version = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** LiveKit's configuration, its audit and its changes. */
export function trunkRoutes(app: ApiServer, routes: TrunkRoutes): void {
  app.get(
    '/trunks',
    {
      schema: {
        operationId: 'getTrunks',
        summary: 'Get LiveKit’s trunks and dispatch rules with their audit',
        description: 'As last read. Passwords, headers, attributes and metadata are never in it.',
        tags: ['trunks'],
        response: { 200: answer(Trunks), ...problems(401, 503) },
      },
    },
    async (_request, reply) => {
      const audit = await routes.audit();
      if (!audit) return sendProblem(reply, 503, 'no_configuration', NO_CONFIGURATION);
      return reply
        .type('application/json; charset=utf-8')
        .send(Buffer.from(audit.buffer, audit.byteOffset, audit.byteLength));
    },
  );
  app.get(
    '/trunks/history',
    {
      schema: {
        operationId: 'listVersions',
        summary: 'List versions of LiveKit’s configuration, the newest first',
        description:
          'Each with what changed in it, for a call that is explained by the configuration of its time. And the changes that sipwhy fix and sipwhy audit --fix made, with who and why.',
        tags: ['trunks'],
        querystring: Type.Object({ limit: Limit }, { additionalProperties: false }),
        response: { 200: answer(History), ...problems(400, 401, 503) },
      },
    },
    async (request, reply) => sendLong(reply, await routes.history(request.query.limit)),
  );
  app.get(
    '/trunks/history/:from/:to',
    {
      schema: {
        operationId: 'compareVersions',
        summary: 'Compare two versions of LiveKit’s configuration',
        description: 'By their version numbers; they need not follow each other.',
        tags: ['trunks'],
        params: Type.Object({ from: Version, to: Version }),
        response: { 200: answer(Difference), ...problems(400, 401, 404, 503) },
      },
    },
    async ({ params }, reply) =>
      (await routes.difference(params.from, params.to)) ??
      sendProblem(
        reply,
        404,
        'unknown_version',
        'One of the two versions isn’t in the store. GET /api/v1/trunks/history lists those that are.',
      ),
  );
}
