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

/** What each group of routes needs. */
export interface Routes {
  readonly jambonz: JambonzRoutes;
  readonly jambonzSocket: StatusSocketIntake;
  readonly livekit: LiveKitRoutes;
  readonly operations: OperationsRoutes;
  readonly api: ApiRoutes;
  readonly page: PageRoutes;
  readonly pressure: PressureLimits;
  readonly onShed: (what: Shed) => void;
  /** Called for each error that a route threw unexpectedly. */
  readonly onInternalError: (error: unknown) => void;
}

/** The HTTP server with every route. Each group is encapsulated, because webhooks have their own body parsers. */
export async function createServer(logger: Logger, routes: Routes): Promise<FastifyInstance> {
  // A log line per webhook would cost a quarter of the throughput and add nothing to the journal.
  const logController = new LogController({ disableRequestLogging: true });
  // Node would drop the body of a request that offers any other upgrade, such as HTTP/2.
  const shouldUpgradeCallback = ({ headers, url }: IncomingMessage) =>
    headers.upgrade?.toLowerCase() === 'websocket' && url?.split('?', 1)[0] === SOCKET_PATH;
  // The cast drops the logger's type parameter, which no caller needs.
  const app: FastifyInstance = Fastify({
    loggerInstance: logger,
    logController,
    forceCloseConnections: 'idle',
    http: { shouldUpgradeCallback },
    // Every accepted call_sid must fit in a URL, where each of its characters may be escaped as three.
    routerOptions: { maxParamLength: 3 * MAX_SID_LENGTH },
    // Webhooks on open connections are still accepted while the service stops: the journal closes last.
    return503OnClosing: false,
    // A URL that can't be decoded reaches no route.
    frameworkErrors: (error, request, reply) => {
      sendFault(reply, request, error);
    },
    // An unknown parameter is refused, not removed: it may be a misspelt filter.
    ajv: { customOptions: { removeAdditional: false, strictSchema: false } },
  }) as unknown as FastifyInstance;
  app.decorate('onInternalError', routes.onInternalError);
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
