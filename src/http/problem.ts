import type { FastifyReply, FastifyRequest } from 'fastify';
import { faultsOf, type InvalidRequest, type ProblemField } from './validation.ts';

/** Answers with problem details (RFC 9457). `code` is short and stable; `detail` says what is wrong and what to do. */
export function sendProblem(
  reply: FastifyReply,
  status: number,
  code: string,
  detail: string,
  errors?: readonly ProblemField[],
): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: `urn:sipwhy:problem:${code}`,
      title: code.replaceAll('_', ' '),
      status,
      detail,
      ...(errors && { errors }),
    });
}

/** Answers what Fastify or a handler threw: logged where it is our fault, named where it is the request's. */
export function sendFault(
  reply: FastifyReply,
  request: FastifyRequest,
  error: { readonly statusCode?: number; readonly message: string } & Partial<InvalidRequest>,
): FastifyReply {
  if (error.validation) {
    const faults = faultsOf(request, error.validation, error.validationContext);
    return sendProblem(reply, 400, 'invalid', faults.map(({ detail }) => detail).join('; '), faults);
  }
  const status = error.statusCode ?? 500;
  // That the store is away is logged once, when it goes.
  if (status === 503) return sendProblem(reply, status, 'store_away', error.message);
  if (status >= 500) request.log.error(error);
  return sendProblem(reply, status, status >= 500 ? 'internal_error' : 'invalid', error.message);
}
