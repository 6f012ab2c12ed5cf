import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendFault, sendProblem } from './problem.ts';

/** Larger than any webhook seen, small enough that a flood of them does no harm. */
const BODY_LIMIT_BYTES = 256 * 1024;

/**
 * Takes over how an encapsulated group of routes parses bodies: as the bytes that they are, since a signature covers
 * those and nothing may be parsed before it is verified. `onTooLarge` is told of each body that was refused.
 */
export function takeRawBodies(app: FastifyInstance, onTooLarge: (request: FastifyRequest) => void): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  app.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) => {
    if (error.statusCode !== 413) return sendFault(reply, request, error);
    onTooLarge(request);
    return sendProblem(reply, 413, 'too_large', `The body must not exceed ${BODY_LIMIT_BYTES} bytes.`);
  });
}

/** The bytes of the body; none where the request had none. */
export function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}
