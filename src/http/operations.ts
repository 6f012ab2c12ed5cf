import { Readable } from 'node:stream';
import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { pause } from '../loop/slices.ts';
import type { Doors } from './door/doors.ts';
import { lock } from './door/lock.ts';
import { SECURITY_HEADERS } from './pageFiles.ts';

export interface MetricsRoute {
  readonly metricsToken: string | undefined;
  /** The setting that `metricsToken` comes from. */
  readonly tokenSetting: string;
  /** Whether scrapes need no token, because something else checks them. */
  readonly isOpenToAll: boolean;
  /** The exposition in one of the two formats. */
  render(format: 'openmetrics' | 'text'): Promise<{ readonly contentType: string; readonly parts: readonly Buffer[] }>;
}

/** The routes for an orchestrator. */
export async function healthRoutes(app: FastifyInstance, isReady: () => boolean): Promise<void> {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    if (isReady()) return { status: 'ready' };
    return reply.code(503).send({ status: 'not ready' });
  });
}

/** The route for Prometheus. */
export async function metricsRoute(app: FastifyInstance, routes: MetricsRoute, doors: Doors): Promise<void> {
  await app.register(helmet, SECURITY_HEADERS);
  const { metricsToken: token, tokenSetting: setting, isOpenToAll } = routes;
  app.addHook('onRequest', doors.refuseForeignPages);
  app.addHook('onRequest', lock({ door: 'metrics', token, setting, isOpenToAll }, doors.wrongTokens));
  app.addHook('onRequest', doors.limitReads);
  app.get('/metrics', async (request, reply) => {
    const type = preferredType(request, ['application/openmetrics-text', 'text/plain']);
    const { contentType, parts } = await routes.render(
      type === 'application/openmetrics-text' ? 'openmetrics' : 'text',
    );
    const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
    return reply
      .type(contentType)
      .header('content-length', length)
      .send(Readable.from(inTurns(parts)));
  });
}

/** Handing megabytes to the kernel at once would hold the event loop. */
async function* inTurns(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    await pause();
    yield part;
  }
}

/**
 * The one of `types` that the Accept header names with the highest quality (RFC 9110, 12.5.1); `undefined` if it names
 * none, or only with `q=0`. A wildcard names none, so the route answers with its default. Parameters such as `version`
 * are ignored, because Prometheus adds new ones over time.
 */
export function preferredType<const T extends string>(request: FastifyRequest, types: readonly T[]): T | undefined {
  const accepted = [request.accepts().types()].flat().map((type) => String(type).toLowerCase());
  const first = accepted.find((type) => types.some((known) => known === type));
  return types.find((type) => type === first);
}
