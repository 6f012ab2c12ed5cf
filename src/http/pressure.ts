import { getHeapStatistics } from 'node:v8';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problem.ts';

/** What is shed first, so that webhooks are not lost. Label values of `sipwhy_requests_shed_total`. */
export type Shed = 'api' | 'page';

/** From where on the process counts as overloaded. */
export interface PressureLimits {
  /** How late, in milliseconds, work is begun on average over a second. */
  readonly delayMs: number;
  /** How much of the heap may be in use, from 0 to 1. */
  readonly heap: number;
}

export const PRESSURE_LIMITS: PressureLimits = { delayMs: 200, heap: 0.9 };
const RETRY_AFTER_SECONDS = 5;

/**
 * Refuses what reads while the process is overloaded; for the routes that are registered on the same instance. How busy
 * it is does not count by itself: a flood of webhooks that are taken as fast as they come delays nobody.
 */
export async function shedUnderPressure(
  app: FastifyInstance,
  limits: PressureLimits,
  onShed: (what: Shed) => void,
): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopDelay: limits.delayMs,
    maxHeapUsedBytes: getHeapStatistics().heap_size_limit * limits.heap,
    pressureHandler: (request, reply) => {
      onShed(request.url.startsWith('/api/') ? 'api' : 'page');
      reply.headers({ 'retry-after': String(RETRY_AFTER_SECONDS), 'cache-control': 'no-store' });
      const detail = `The service is busy taking webhooks, which come first; ask again in ${RETRY_AFTER_SECONDS} s.`;
      sendProblem(reply, 503, 'overloaded', detail);
    },
  });
}
