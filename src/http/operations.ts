import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendProblem } from './problem.ts';

export interface OperationsRoutes {
  readonly metricsToken: string | undefined;
  /** The exposition in one of the two formats. */
  render(format: 'openmetrics' | 'text'): Promise<{ readonly contentType: string; readonly text: string }>;
  isReady(): boolean;
}

/** The routes for Prometheus and an orchestrator. */
export async function operationsRoutes(app: FastifyInstance, routes: OperationsRoutes): Promise<void> {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    if (routes.isReady()) return { status: 'ready' };
    return reply.code(503).send({ status: 'not ready' });
  });
  app.get('/metrics', async (request, reply) => {
    if (!hasToken(request, routes.metricsToken)) {
      return sendProblem(
        reply,
        401,
        'missing_token',
        'The token is missing or wrong. Send METRICS_TOKEN as a Bearer token.',
      );
    }
    const type = preferredType(request, ['application/openmetrics-text', 'text/plain']);
    const { contentType, text } = await routes.render(type === 'application/openmetrics-text' ? 'openmetrics' : 'text');
    return reply.type(contentType).send(text);
  });
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

/** Whether the request has the Bearer token; true if no token is configured. */
export function hasToken(request: FastifyRequest, token: string | undefined): boolean {
  return isSame(/^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1], token);
}

function isSame(sent: string | undefined, token: string | undefined): boolean {
  if (token === undefined) return true;
  if (sent === undefined) return false;
  // Equal-length digests make the comparison constant in time.
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(sent), digest(token));
}
