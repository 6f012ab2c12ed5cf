import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem.ts';

const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'] as const;
type Method = (typeof METHODS)[number];

/**
 * Takes note of the routes that are added from now on. The function that it returns has all other methods of their paths
 * answered with a 405 that says which there are (RFC 9110, 15.5.6): who opens a hook's address in a browser is to see
 * that it is the right one.
 */
export function refuseOtherMethods(app: FastifyInstance): () => void {
  const taken = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = taken.get(url) ?? new Set();
    taken.set(url, methods);
    for (const name of [method].flat()) methods.add(name);
  });
  return () => {
    for (const [url, methods] of [...taken]) {
      const others = METHODS.filter((method) => !methods.has(method));
      refuse(app, url, others, [...methods].sort());
    }
  };
}

function refuse(app: FastifyInstance, url: string, others: Method[], methods: readonly string[]): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    // The router takes the asterisk of `OPTIONS *` for a slash; it asks about the server, not about a path.
    if (request.url.startsWith('*')) return reply.callNotFound();
    const path = request.url.split('?', 1)[0];
    const detail = `${path} takes ${methods.join(', ')}, not ${request.method}.`;
    return sendProblem(reply.header('allow', methods.join(', ')), 405, 'method_not_allowed', detail);
  };
  // Before the body is read: whatever it is, it is not wanted.
  app.route({ method: others, url, onRequest: answer, handler: answer });
}
