import type { FastifyReply } from 'fastify';

/** A fault of one field, with what it must be. */
export interface ProblemField {
  readonly field: string;
  readonly detail: string;
}

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
