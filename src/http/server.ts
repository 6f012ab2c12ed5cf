import type { IncomingMessage } from 'node:http';
import accepts from '@fastify/accepts';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { MAX_SID_LENGTH } from '../core/receive/jambonzWebhook.ts';
import { type ApiRoutes, apiRoutes } from './api/api.ts';
import { type JambonzRoutes, jambonzRoutes } from './jambonzRoutes.ts';
import { jambonzSocketRoutes, SOCKET_PATH } from './jambonzSocket.ts';
import { type LiveKitRoutes, liveKitRoutes } from './livekitRoute.ts';
import { type OperationsRoutes, operationsRoutes } from './operations.ts';
import { refuseOtherMethods } from './otherMethods.ts';
import { type PageRoutes, pageRoutes } from './pageFiles.ts';
import { type PressureLimits, type Shed, shedUnderPressure } from './pressure.ts';
import { sendFault, sendProblem } from './problem.ts';
import type { StatusSocketIntake } from './statusSockets.ts';

/** What the routes are given, by area. */
export interface Routes {
  readonly jambonz: JambonzRoutes;
  readonly jambonzSocket: StatusSocketIntake;
  readonly livekit: LiveKitRoutes;
  readonly operations: OperationsRoutes;
  readonly api: ApiRoutes;
  readonly page: PageRoutes;
  readonly pressure: PressureLimits;
  readonly onShed: (what: Shed) => void;
}

/** The HTTP server with every route. Each group of routes is encapsulated, since webhooks parse bodies their own way. */
export async function createServer(logger: Logger, routes: Routes): Promise<FastifyInstance> {
  // A line per webhook would cost a quarter of the throughput and tell nothing that the journal does not.
  const logController = new LogController({ disableRequestLogging: true });
  // Node would take any other offer to upgrade, such as HTTP/2's, for the end of the request, and drop its body.
  const shouldUpgradeCallback = ({ headers, url }: IncomingMessage) =>
    headers.upgrade?.toLowerCase() === 'websocket' && url?.split('?', 1)[0] === SOCKET_PATH;
  // The cast drops the logger's type parameter, which no caller needs.
  const app: FastifyInstance = Fastify({
    loggerInstance: logger,
    logController,
    forceCloseConnections: 'idle',
    http: { shouldUpgradeCallback },
    // A call_sid of any length that is taken can be asked for; each of its characters may be three in an address.
    routerOptions: { maxParamLength: 3 * MAX_SID_LENGTH },
    // What still comes over an open connection while the service stops is taken: the journal closes last.
    return503OnClosing: false,
    // An address that cannot be decoded reaches no route.
    frameworkErrors: (error, request, reply) => {
      sendFault(reply, request, error);
    },
    // A parameter that is not known is refused, not taken away: it may be a filter that is misspelt.
    ajv: { customOptions: { removeAdditional: false, strictSchema: false } },
  }) as unknown as FastifyInstance;
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, 404, 'not_found', `There is no ${request.method} ${request.url.split('?', 1)[0]}.`),
  );
  app.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) =>
    sendFault(reply, request, error),
  );
  await app.register(accepts);
  const refuseOthers = refuseOtherMethods(app);
  await app.register(jambonzRoutes, routes.jambonz);
  await app.register(jambonzSocketRoutes, routes.jambonzSocket);
  await app.register(liveKitRoutes, routes.livekit);
  await app.register(operationsRoutes, routes.operations);
  await app.register(async (shed) => {
    await shedUnderPressure(shed, routes.pressure, routes.onShed);
    await shed.register((api) => apiRoutes(api, routes.api), { prefix: '/api/v1' });
    await shed.register(pageRoutes, routes.page);
  });
  refuseOthers();
  return app;
}
