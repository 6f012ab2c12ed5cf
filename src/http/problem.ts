import type { FastifyReply, FastifyRequest } from 'fastify';
import { faultsOf, type InvalidRequest, type ProblemField } from './validation.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Called for each error that a route threw unexpectedly. */
    onInternalError(error: unknown): void;
  }
}

/** Answers with problem details (RFC 9457). `code` is stable; `detail` says what is wrong and what to do. */
export function sendProblem(reply: FastifyReply, status: number, code: string, detail: string): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send(problem(status, code, detail));
}

/** Answers a request for a path that is none. */
export async function notFound(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  await sendProblem(reply, 404, 'not_found', `There is no ${request.method} ${request.url.split('?', 1)[0]}.`);
}

/** Answers a request with wrong fields; each fault says what its field must be. */
export function sendInvalid(reply: FastifyReply, errors: readonly ProblemField[]): FastifyReply {
  const detail = errors.map((fault) => fault.detail).join('; ');
  return reply
    .code(400)
    .type('application/problem+json')
    .send({ ...problem(400, 'invalid', detail), errors });
}

function problem(status: number, code: string, detail: string) {
  return { type: `urn:sipwhy:problem:${code}`, title: code.replaceAll('_', ' '), status, detail };
}

/** Answers an error that Fastify or a handler threw. An invalid request gets its faults. */
export function sendFault(
  reply: FastifyReply,
  request: FastifyRequest,
  error: { readonly statusCode?: number; readonly message: string } & Partial<InvalidRequest>,
): FastifyReply {
  if (error.validation) {
    return sendInvalid(reply, faultsOf(request, error.validation, error.validationContext));
  }
  const status = error.statusCode ?? 500;
  // The store's absence was logged once, when it began.
  if (status === 503) return sendProblem(reply, status, 'store_away', error.message);
  if (status >= 500) {
    request.server.onInternalError(error);
    return sendProblem(reply, status, 'internal_error', 'sipwhy failed to answer. Its log has the error.');
  }
  return sendProblem(reply, status, 'invalid', error.message);
}
