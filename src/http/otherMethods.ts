import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem.ts';

const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'] as const;
type Method = (typeof METHODS)[number];

/**
 * Records the routes added from now on. The returned function answers all other methods of their paths with a 405 that
 * lists the right ones (RFC 9110, 15.5.6). So a browser that opens a hook's address shows that the address is right.
 */
export function refuseOtherMethods(app: FastifyInstance): () => void {
  const taken = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = taken.get(url) ?? new Set();
    taken.set(url, methods);
    for (const name of [method].flat()) methods.add(name);
  });
  return () => {
    for (const [url, own] of [...taken]) {
      // A plugin's root has two paths, and Fastify tells of all methods only for the one without a slash.
      const methods = own.union(taken.get(url.replace(/(?<=.)\/$/, '')) ?? new Set<string>());
      const others = METHODS.filter((method) => !methods.has(method));
      refuse(app, url, others, [...methods].sort());
    }
  };
}

function refuse(app: FastifyInstance, url: string, others: Method[], methods: readonly string[]): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    // The router treats the asterisk of `OPTIONS *` as a slash, but it asks about the server, not about a path.
    if (request.url.startsWith('*')) return reply.callNotFound();
    const path = request.url.split('?', 1)[0];
    const detail = `${path} accepts ${methods.join(', ')}, not ${request.method}.`;
    return sendProblem(reply.header('allow', methods.join(', ')), 405, 'method_not_allowed', detail);
  };
  // On request, so that the body isn't read.
  app.route({ method: others, url, onRequest: answer, handler: answer });
}
