import type { FastifyInstance, FastifyRequest } from 'fastify';
import { boundsFault } from '../core/receive/jsonBounds.ts';
import { takeTurn } from '../loop/slices.ts';
import { sendFault, sendProblem } from './problem.ts';

/** Larger than any known webhook, and small enough that many at once do no harm. */
const BODY_LIMIT_BYTES = 256 * 1024;

/**
 * Makes an encapsulated group of routes read bodies as raw bytes: a signature covers the bytes, and nothing may be
 * parsed before it is verified. `onTooLarge` is called for each body that exceeds the limit.
 */
export function takeRawBodies(app: FastifyInstance, onTooLarge: (request: FastifyRequest) => void): void {
  app.removeAllContentTypeParsers();
  // Bodies may arrive faster than they can be read.
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
    takeTurn(() => done(null, body)),
  );
  app.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) => {
    if (error.statusCode !== 413) return sendFault(reply, request, error);
    onTooLarge(request);
    return sendProblem(reply, 413, 'too_large', `The body must not exceed ${BODY_LIMIT_BYTES} bytes.`);
  });
}

/** The bytes of the body; empty if the request had none. */
export function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

/** Makes a group of routes read JSON bodies alone, within the bounds of a webhook's JSON. */
export function takeBoundedJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body);
    takeTurn(() => {
      const fault = boundsFault(text);
      if (fault === undefined) parse(request, text, done);
      else done(Object.assign(new Error(`The body can’t be read: ${fault}.`), { statusCode: 400 }));
    });
  });
}
