import type { IncomingMessage, RequestListener, Server } from 'node:http';
import accepts from '@fastify/accepts';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { MAX_SID_LENGTH } from '../core/receive/jambonzWebhook.ts';
import { takeTurn } from '../loop/slices.ts';
import { type ApiRoutes, apiRoutes } from './api/api.ts';
import { askIn } from './api/askIn.ts';
import { describeApi } from './api/openApi.ts';
import { referencePage } from './api/referencePage.ts';
import { type DoorRules, type Doors, doorsOf } from './door/doors.ts';
import { lock } from './door/lock.ts';
import { type JambonzRoutes, jambonzRoutes } from './jambonzRoutes.ts';
import { jambonzSocketRoutes, SOCKET_PATH } from './jambonzSocket.ts';
import { type LiveKitRoutes, liveKitRoutes } from './livekitRoute.ts';
import { mcpRoute } from './mcpRoute.ts';
import { healthRoutes, type MetricsRoute, metricsRoute } from './operations.ts';
import { refuseOtherMethods } from './otherMethods.ts';
import { type PageRoutes, pageRoutes } from './pageFiles.ts';
import { type PressureLimits, type Shed, shedUnderPressure } from './pressure.ts';
import { notFound, sendFault } from './problem.ts';
import { type RunbookRoutes, runbookRoutes } from './runbooks/runbookRoutes.ts';
import type { StatusSocketIntake } from './statusSockets.ts';

// An import would load everything that the module exports, and with it the HTTP client of `fetch`: 13 MB.
const { createServer: createHttpServer } = process.getBuiltinModule('node:http');

/** What each group of routes needs. */
export interface Routes {
  readonly jambonz: JambonzRoutes;
  readonly jambonzSocket: StatusSocketIntake;
  readonly livekit: LiveKitRoutes;
  readonly isReady: () => boolean;
  /** `undefined` if a server of its own has it. */
  readonly metrics: MetricsRoute | undefined;
  readonly api: ApiRoutes;
  /** Whether language models get telephone numbers in full. */
  readonly showsNumbersToModels: boolean;
  readonly page: PageRoutes;
  readonly runbooks: RunbookRoutes;
  readonly doors: DoorRules;
  readonly pressure: PressureLimits;
  readonly onShed: (what: Shed) => void;
  /** Called for each error that a route threw unexpectedly. */
  readonly onInternalError: (error: unknown) => void;
}

/** How long, in milliseconds, the head of a request may take, and the whole of it. Idle connections count as its head. */
const HEAD_WITHIN_MS = 10_000;
const REQUEST_WITHIN_MS = 20_000;
/** How often, in milliseconds, requests that took too long are ended. */
const CHECK_EVERY_MS = 2_000;
/** A connection without a byte in either direction for so long, in milliseconds, is closed: its peer doesn't read. */
const IDLE_WITHIN_MS = 75_000;
/** How long, in milliseconds, a connection is kept for another request: longer than a load balancer keeps it. */
const KEPT_ALIVE_MS = 72_000;
const CONNECTIONS_AT_MOST = 10_000;
/** No language model reads more, and parsing it would hold the thread. */
const MODEL_ANSWER_BYTES = 1024 * 1024;

/** The HTTP server with every route. Each group is encapsulated, because webhooks have their own body parsers. */
export async function createServer(logger: Logger, routes: Routes): Promise<FastifyInstance> {
  const doors = doorsOf(routes.doors);
  // Node would drop the body of a request that offers any other upgrade, such as HTTP/2.
  const shouldUpgradeCallback = ({ headers, url }: IncomingMessage) =>
    headers.upgrade?.toLowerCase() === 'websocket' && url?.split('?', 1)[0] === SOCKET_PATH;
  const app = await plainServer(logger, doors, routes.onInternalError, shouldUpgradeCallback);
  // Node no longer counts the connection of an upgrade as its own. One that was refused would stay open for good.
  app.addHook('onResponse', ({ raw }, _reply, done) => {
    if (shouldUpgradeCallback(raw)) raw.socket.destroy();
    done();
  });
  const refuseOthers = refuseOtherMethods(app);
  await app.register(async (hooks) => {
    hooks.addHook('onRequest', doors.refuseForeignPages);
    await hooks.register(jambonzRoutes, routes.jambonz);
    await hooks.register(jambonzSocketRoutes, routes.jambonzSocket);
    await hooks.register(liveKitRoutes, routes.livekit);
  });
  await app.register((health) => healthRoutes(health, routes.isReady));
  const { metrics } = routes;
  if (metrics) await app.register((operations) => metricsRoute(operations, metrics, doors));
  await app.register(async (shed) => {
    await describeApi(shed, routes.api.version);
    const shedLoad = await shedUnderPressure(shed, routes.pressure, routes.onShed);
    await shed.register((api) => apiRoutes(api, routes.api, { ...doors, shedLoad }), { prefix: '/api/v1' });
    const { api, showsNumbersToModels: showsNumbers, onInternalError } = routes;
    const open = { ...api, apiToken: undefined, isOpenToAll: true };
    const ask = askIn(() => createApiServer(logger, { api: open, onInternalError }), MODEL_ANSWER_BYTES);
    const admit = lock(
      { door: 'api', token: api.apiToken, setting: 'API_TOKEN', isOpenToAll: api.isOpenToAll },
      doors.wrongTokens,
    );
    await shed.register(async (models) => {
      models.addHook('onRequest', doors.refuseForeignPages);
      const mcpGuards = [shedLoad, admit, doors.limitReads];
      await models.register(mcpRoute, { ask, showsNumbers, version: api.version, guards: mcpGuards });
    });
    const guards = [shedLoad, doors.limitReads];
    await shed.register(referencePage, { guards });
    await shed.register(pageRoutes, { ...routes.page, guards });
    await shed.register(runbookRoutes, { ...routes.runbooks, guards });
  });
  refuseOthers();
  return app;
}

/** A server for `/metrics` alone. */
export async function createMetricsServer(
  logger: Logger,
  { metrics, doors: rules, onInternalError }: Pick<Routes, 'doors' | 'onInternalError'> & { metrics: MetricsRoute },
): Promise<FastifyInstance> {
  const doors = doorsOf(rules);
  const app = await plainServer(logger, doors, onInternalError, () => false);
  const refuseOthers = refuseOtherMethods(app);
  await app.register((operations) => metricsRoute(operations, metrics, doors));
  refuseOthers();
  return app;
}

/** The API alone, for a command that asks it in its own process. It never listens. */
export async function createApiServer(
  logger: Logger,
  { api, onInternalError }: Pick<Routes, 'api' | 'onInternalError'>,
): Promise<FastifyInstance> {
  const doors = doorsOf({ isLoopback: true, hostNames: [], onAuthFailure() {}, onRefused() {} });
  const app = await plainServer(logger, doors, onInternalError, () => false);
  const unlimited = { ...doors, shedLoad: async () => {}, limitReads: async () => {} };
  await describeApi(app, api.version);
  await app.register((routes) => apiRoutes(routes, api, unlimited), { prefix: '/api/v1' });
  return app;
}

/** Asked by what may end this process or send requests elsewhere. Such a request never waits for others. */
const HEALTH: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz']);

/** A server that answers the requests that arrive at once in turns. Hundreds of them fit into one packet. */
function patientServer(answer: RequestListener, shouldUpgradeCallback: (request: IncomingMessage) => boolean): Server {
  const server = createHttpServer(
    {
      shouldUpgradeCallback,
      headersTimeout: HEAD_WITHIN_MS,
      requestTimeout: REQUEST_WITHIN_MS,
      keepAliveTimeout: KEPT_ALIVE_MS,
      connectionsCheckingInterval: CHECK_EVERY_MS,
    },
    (request, response) => {
      if (HEALTH.has(request.url)) answer(request, response);
      else takeTurn(() => answer(request, response));
    },
  );
  server.setTimeout(IDLE_WITHIN_MS);
  return server;
}

/** What Ajv makes of a schema. */
interface Validate {
  (data: unknown): unknown;
  errors?: object[] | null | undefined;
}

/** Compiles a schema when its route is first asked: all of them at once take a fifth of the service's start. */
function compileWhenUsed(ajv: { compile(schema: object): Validate }): void {
  const compile = ajv.compile.bind(ajv);
  ajv.compile = (schema) => {
    let compiled: Validate | undefined;
    const validate: Validate = (data) => {
      compiled ??= compile(schema);
      const isValid = compiled(data);
      validate.errors = compiled.errors;
      return isValid;
    };
    return validate;
  };
}

/** A server without routes, with what holds for every request. */
async function plainServer(
  logger: Logger,
  doors: Doors,
  onInternalError: Routes['onInternalError'],
  shouldUpgradeCallback: (request: IncomingMessage) => boolean,
): Promise<FastifyInstance> {
  // A log line per webhook would cost a quarter of the throughput and add nothing to the journal.
  const logController = new LogController({ disableRequestLogging: true });
  // The cast drops the logger's type parameter, which no caller needs.
  const app: FastifyInstance = Fastify({
    loggerInstance: logger,
    logController,
    // Without lines for requests, none needs a logger of its own.
    childLoggerFactory: (parent) => parent,
    forceCloseConnections: 'idle',
    serverFactory: (answer) => patientServer(answer, shouldUpgradeCallback),
    // Every accepted call_sid must fit in a URL, where each of its characters may be escaped as three.
    routerOptions: { maxParamLength: 3 * MAX_SID_LENGTH },
    // Webhooks on open connections are still accepted while the service stops: the journal closes last.
    return503OnClosing: false,
    // A URL that can't be decoded reaches no route.
    frameworkErrors: (error, request, reply) => {
      sendFault(reply, request, error);
    },
    // An unknown parameter is refused, not removed: it may be a misspelt filter.
    ajv: { customOptions: { removeAdditional: false, strictSchema: false }, onCreate: compileWhenUsed },
  }) as unknown as FastifyInstance;
  app.server.maxConnections = CONNECTIONS_AT_MOST;
  app.decorate('onInternalError', onInternalError);
  app.addHook('onRequest', doors.refuseForeignHosts);
  app.setNotFoundHandler(notFound);
  app.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) =>
    sendFault(reply, request, error),
  );
  await app.register(accepts);
  return app;
}
