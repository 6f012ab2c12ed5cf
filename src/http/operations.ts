import type { FastifyInstance } from 'fastify';
import { preferredType } from './accept.ts';
import { sendProblem } from './problem.ts';
import { hasToken } from './token.ts';

export interface OperationsRoutes {
  readonly metricsToken: string | undefined;
  /** The exposition in one of the two formats. */
  render(format: 'openmetrics' | 'text'): Promise<{ readonly contentType: string; readonly text: string }>;
  isReady(): boolean;
}

/** What Prometheus and an orchestrator ask for. */
export async function operationsRoutes(app: FastifyInstance, routes: OperationsRoutes): Promise<void> {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    if (routes.isReady()) return { status: 'ready' };
    return reply.code(503).send({ status: 'not ready' });
  });
  app.get('/metrics', async (request, reply) => {
    if (!hasToken(request, routes.metricsToken)) {
      return sendProblem(reply, 401, 'missing_token', 'Send METRICS_TOKEN as a Bearer token.');
    }
    const type = preferredType(request, ['application/openmetrics-text', 'text/plain']);
    const { contentType, text } = await routes.render(type === 'application/openmetrics-text' ? 'openmetrics' : 'text');
    return reply.type(contentType).send(text);
  });
}
