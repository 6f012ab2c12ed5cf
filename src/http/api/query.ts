import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from '../problem.ts';

/** Makes lists of parameters: `cause=a,b` and `cause=a&cause=b` are the same. */
export function splitLists(request: FastifyRequest, names: readonly string[]): void {
  // The cast is what Fastify's parser of query strings gives.
  const query = request.query as Record<string, string | string[]>;
  for (const name of names) {
    const value = query[name];
    if (value !== undefined)
      query[name] = [value].flat().flatMap((part) => part.split(',').map((entry) => entry.trim()));
  }
}

export function unknownCursor(reply: FastifyReply): FastifyReply {
  const detail = 'cursor must be one that an earlier answer gave, unchanged';
  return sendProblem(reply, 400, 'invalid', detail, [{ field: 'cursor', detail }]);
}
