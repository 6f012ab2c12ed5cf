import { getHeapStatistics } from 'node:v8';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import { sendProblem } from './problem.ts';

/** Routes refused during overload, so that no webhook is lost. Label values of `sipwhy_requests_shed_total`. */
export type Shed = 'api' | 'page';

/** Limits beyond which the process counts as overloaded. */
export interface PressureLimits {
  /** Average delay of the event loop over a second, in milliseconds. */
  readonly delayMs: number;
  /** Share of the heap in use, 0 to 1. */
  readonly heap: number;
}

export const PRESSURE_LIMITS: PressureLimits = { delayMs: 200, heap: 0.9 };
const RETRY_AFTER_SECONDS = 5;

/**
 * Measures the load, and returns a hook that refuses requests while the process is overloaded. CPU use doesn't count as
 * overload: many webhooks that are taken as fast as they arrive delay nobody.
 */
export async function shedUnderPressure(
  app: FastifyInstance,
  limits: PressureLimits,
  onShed: (what: Shed) => void,
): Promise<onRequestAsyncHookHandler> {
  await app.register(underPressure, {
    maxEventLoopDelay: limits.delayMs,
    maxHeapUsedBytes: getHeapStatistics().heap_size_limit * limits.heap,
    // The returned hook refuses instead, after the hooks that add security headers.
    pressureHandler: () => {},
  });
  return async (request, reply) => {
    if (!app.isUnderPressure()) return;
    onShed(request.url.startsWith('/api/') ? 'api' : 'page');
    reply.headers({ 'retry-after': String(RETRY_AFTER_SECONDS), 'cache-control': 'no-store' });
    const detail = `The service is overloaded, and webhooks have priority. Retry in ${RETRY_AFTER_SECONDS} s.`;
    await sendProblem(reply, 503, 'overloaded', detail);
  };
}
